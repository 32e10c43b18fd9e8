"""nginx as shipped: its own answers have the form and the words of the API."""

import json
import os
import signal
import socket

from support.client import assert_error, canonical


def assert_in_our_words(answer, status, code):
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert set(answer.json()) == {"error_code", "message"}
    assert answer.content == canonical(answer.json())
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]


def test_without_a_pool_the_service_is_unavailable_until_it_is_back(fresh_site):
    admin = fresh_site.login(fresh_site.seed.alice)
    fresh_site.pool.terminate()
    for _ in range(3):
        answer = admin.get("/api/users/token", headers={"X-Request-Id": "nobody-there"})
        assert_in_our_words(answer, 503, "SERVICE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["X-Request-Id"] == "nobody-there"
    fresh_site.pool.start()
    assert admin.get("/api/users/token").status_code == 200


def test_a_pool_that_does_not_answer_in_time_is_unavailable_as_well(fresh_site):
    fresh_site.nginx.stop()
    path = os.path.join(fresh_site.nginx.folder, "site.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert "fastcgi_read_timeout 40s;" in text
    fresh_site.nginx.write("site.conf", text.replace("fastcgi_read_timeout 40s;", "fastcgi_read_timeout 200ms;"))
    fresh_site.nginx.start()
    workers = fresh_site.pool.pids()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer = fresh_site.client.get("/api/users/token")
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert_in_our_words(answer, 503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_body_that_it_does_not_take_is_too_large_as_the_pool_would_say(site):
    body = b" " * 2_000_000
    answer = site.client.post("/api/users/login", data=body, headers={"Content-Type": "application/json"})
    assert_in_our_words(answer, 413, "PAYLOAD_TOO_LARGE")
    assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")


def test_headers_and_paths_that_it_does_not_take_are_refused_as_json(site):
    for answer in (
        site.client.get("/api/users/token", headers={"X-Long": "x" * 40000}),
        site.client.get("/" + "a" * 40000),
    ):
        assert answer.status_code in (400, 414, 431)
        assert_in_our_words(answer, answer.status_code, answer.json()["error_code"])


def test_a_request_that_it_cannot_read_is_refused_as_json(site):
    for request in (
        b"GET\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", site.nginx.port), 10) as peer:
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: peer.recv(65536), b""))
        body = answer.rpartition(b"\r\n")[2]
        assert set(json.loads(body)) == {"error_code", "message"}, answer
        assert body == canonical(json.loads(body))


def test_a_header_with_underscores_does_not_pass_for_ours(site):
    token = site.token(site.seed.alice)
    status, headers, _ = site.client.raw(
        "GET", "/api/users/token", {"X_Request_Id": "forged", "authorization_": f"Bearer {token}"}
    )
    assert (status, headers["X-Request-Id"] == "forged") == (401, False)


def test_a_large_answer_passes_whole(fresh_site):
    fresh_site.sql(
        "INSERT INTO role (code, name) SELECT 'r' || n, repeat('é', 255) FROM generate_series(1, 1500) n"
    )
    answer = fresh_site.login(fresh_site.seed.alice).get("/api/roles/?limit=1000")
    assert (len(answer.json()["roles"]), answer.json()["has_next"]) == (1000, True)


def test_connections_of_clients_are_kept_open(site):
    """Only between client and web server. The web server uses a new connection to the pool for each request."""
    client = site.login(site.seed.alice)
    for _ in range(3):
        answer = client.get("/api/users/token")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "keep-alive")
