"""Answers as libfcgi's own client reads them: Debian's cgi-fcgi, which a web server starts as a CGI program."""

import json
import os
import subprocess

import pytest
from support.pool import Pool
from support.processes import free_port

BODY_LIMIT = 8192


@pytest.fixture(scope="module")
def pool(site, new_folder):
    """One pool on a unix socket and a TCP port."""
    folder = new_folder()
    settings = {**site.pool.settings, "USER_API_BODY_LIMIT": str(BODY_LIMIT)}
    listen = [f"unix:{folder}/api.sock,mode=0666", f"127.0.0.1:{free_port()}"]
    on_both = Pool(folder, settings, listen=listen, workers=2).start()
    yield on_both
    assert on_both.terminate() == 0
    on_both.stop()


@pytest.fixture(params=["unix", "tcp"])
def ask(pool, request):
    """Sends a request as a CGI program does; returns (status, headers, body)."""
    unix, tcp = pool.listen
    place = unix.split(",")[0].removeprefix("unix:") if request.param == "unix" else tcp

    def ask(method, uri, body=b"", **more):
        path, _, query = uri.partition("?")
        variables = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_METHOD": method,
            "REQUEST_URI": uri,
            "SCRIPT_NAME": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json" if body else "",
            "REMOTE_ADDR": "127.0.0.1",
            "PATH": os.defpath,
            **more,
        }
        done = subprocess.run(
            ["cgi-fcgi", "-bind", "-connect", place],
            env=variables,
            input=body,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        head, separator, rest = done.stdout.partition(b"\r\n\r\n")
        assert separator
        # If a header is sent twice, keep the first one.
        headers = dict(line.split(": ", 1) for line in reversed(head.decode().split("\r\n")))
        assert int(headers["Content-Length"]) == len(rest), "nothing is lost or added on the way"
        return int(headers["Status"].split()[0]), headers, rest

    return ask


def test_a_request_without_a_body_is_answered(ask):
    status, headers, body = ask("GET", "/healthz")
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body)


@pytest.mark.parametrize("size", [0, BODY_LIMIT - 1, BODY_LIMIT])
def test_a_request_with_a_body_is_answered(ask, site, size):
    """The body begins with blanks, so the login can only succeed when all of the body has been read."""
    alice = site.seed.alice
    body = json.dumps({"email": alice.email, "password": alice.password}).encode().rjust(size)
    status, headers, _ = ask("POST", "/api/users/login", body)
    assert status == 200
    assert "user-api-credentials=" in headers["Set-Cookie"]


@pytest.mark.parametrize("limit", [1, 20, 130, 1000])
def test_a_large_answer_arrives_whole(ask, site, limit):
    site.sql(
        "INSERT INTO role (code, name) SELECT 'cgi-' || n, repeat('é', 255) FROM generate_series(1, 1000) n"
        " ON CONFLICT DO NOTHING"
    )
    token = site.token(site.seed.alice)
    uri = f"/api/roles/?limit={limit}"
    status, _, body = ask("GET", uri, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert status == 200
    assert body == site.client.get(uri, headers={"Authorization": f"Bearer {token}"}).content
    assert limit < 1000 or len(body) > 500_000


@pytest.mark.parametrize(
    "method, uri, body, expected",
    [
        ("GET", "/nowhere", b"", 404),
        ("GET", "/api/users/", b"", 401),
        ("PATCH", "/api/users/login", b"", 405),
        ("POST", "/api/users/login", b"{", 422),
        ("POST", "/api/users/login", b"x" * (BODY_LIMIT + 1), 413),
        ("POST", "/api/users/login", b"x" * (8 * BODY_LIMIT), 413),
    ],
    ids=["not found", "not logged in", "another method", "no JSON", "a byte too much", "a body too large"],
)
def test_an_error_is_answered(ask, method, uri, body, expected):
    status, _, answer = ask(method, uri, body)
    assert status == expected
    assert json.loads(answer)
