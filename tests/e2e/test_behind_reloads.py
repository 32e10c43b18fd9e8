"""Behind each web server and mode of deploy/: slow uploads, reloads, a pool that stops and starts, logs, TLS."""

import json
import re
import socket

import pytest
import requests
from support import behind
from support.behind_fixtures import serve  # noqa: F401
from support.client import set_cookie
from support.load import Load
from support.processes import wait_until
from test_behind_servers import LOGIN, assert_in_our_words, good

pytestmark = pytest.mark.long

SERVERS = ["nginx-unix", "apache-fcgid", "apache-proxy-fcgi", "lighttpd-pool", "lighttpd-bin-path"]
WITH_A_POOL = [kind for kind in behind.KINDS if not behind.is_started_by_the_server(kind)]

# lighttpd adds no header to its own error pages.
SAYS_NOT_WHEN_TO_RETRY = {"lighttpd-pool"}
# Seconds until a server tries a stopped pool again. The other servers try at each request.
LOOKS_AGAIN = {"lighttpd-pool": 10}

LIGHTTPDS_LOG = (
    "common.conf",
    r'(?m)^# ((?:server.modules .*mod_access|accesslog).*?)(?:"/var[^"]*")?$',
    r"\1",
)
# Where each shipped configuration has a commented access log: (file, pattern, replacement with the log's path).
ACCESS_LOGS = {
    "nginx-unix": ("site.conf", r"(?m)^    # (access_log )\S+", r"\1{log}"),
    "apache-fcgid": ("site.conf", r"(?m)^    # (CustomLog )\S+", r"\1{log}"),
    "apache-proxy-fcgi": ("site.conf", r"(?m)^    # (CustomLog )\S+", r"\1{log}"),
    "lighttpd-pool": LIGHTTPDS_LOG,
    "lighttpd-bin-path": LIGHTTPDS_LOG,
}


@pytest.mark.parametrize("kind", sorted(ACCESS_LOGS))
def test_the_access_log_names_the_request_as_the_application_does_once_its_lines_are_made_active(serve, kind):
    site = serve(kind)
    site.nginx.stop()
    name, theirs, ours = ACCESS_LOGS[kind]
    log = site.nginx.path("access.log")
    with open(site.nginx.path(name), encoding="utf-8") as file:
        active, count = re.subn(theirs, ours.replace("{log}", log), file.read())
    assert count >= 1
    site.nginx.write(name, active.replace("accesslog.filename = ", f'accesslog.filename = "{log}"'))
    site.nginx.start()
    site.client.get("/api/users/token?email=private", headers={"X-Request-Id": "find-me"})
    site.nginx.stop()  # lighttpd writes its log when the buffer is full, or at the end
    with open(log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    ours = [line for line in lines if line["request_id"] == "find-me"]
    assert [(line["method"], line["path"], int(line["status"])) for line in ours] == [("GET", "/api/users/token", 401)]


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd-bin-path"])
def test_what_a_server_starts_by_itself_logs_into_the_servers_log(serve, kind):
    site = serve(kind)
    site.client.get("/api/users/token", headers={"X-Request-Id": "find-me-in-the-log"})
    lines = [line for line in site.nginx.log_text().splitlines() if '"find-me-in-the-log"' in line]
    assert [json.loads(line)["status"] for line in lines] == [401]


@pytest.mark.parametrize("kind", SERVERS)
def test_over_tls_the_cookie_is_secure(serve, kind):
    site = serve(kind, tls=True)
    session = requests.Session()
    session.trust_env = False
    document = {"email": site.seed.alice.email, "password": site.seed.alice.password}
    answer = session.post(
        site.nginx.url + LOGIN, json=document, verify=site.nginx.path("cert.pem"), timeout=30, allow_redirects=False
    )
    assert answer.status_code == 200
    assert set_cookie(answer)["secure"]


@pytest.mark.parametrize("kind", [kind for kind in SERVERS if kind in WITH_A_POOL])
def test_without_a_pool_the_service_is_unavailable_and_then_it_is_back_at_once(serve, kind):
    site = serve(kind)
    admin = site.login(site.seed.alice)
    site.pool.terminate()
    for _ in range(3):
        answer = admin.get("/api/users/token")
        assert_in_our_words(answer, 503, "SERVICE_UNAVAILABLE")
        assert kind in SAYS_NOT_WHEN_TO_RETRY or int(answer.headers["Retry-After"]) > 0
    site.pool.start()
    wait_until(lambda: admin.get("/api/users/token").status_code == 200, LOOKS_AGAIN.get(kind, 0), "it is back")


def slow_upload(port, body):
    """A client that has sent its headers and half of its body."""
    peer = socket.create_connection(("127.0.0.1", port), 30)
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    peer.sendall(head.encode() + body[: len(body) // 2])
    return peer


@pytest.mark.parametrize("kind", SERVERS)
def test_slow_uploads_occupy_no_worker(serve, kind):
    """There are more uploads than workers, and all are served in the end. Servers end an upload after 10 s."""
    site = serve(kind, {"USER_API_IO_TIMEOUT_SECONDS": "60"}, workers=2)
    assert site.client.get("/api/users/token").status_code == 401
    body = good(site, 1000)
    peers = [slow_upload(site.nginx.port, body) for _ in range(9)]
    try:
        assert site.client.get("/api/users/token", timeout=8).status_code == 401
        for peer in peers:
            peer.sendall(body[len(body) // 2 :])
            assert peer.recv(12) == b"HTTP/1.1 200"
    finally:
        for peer in peers:
            peer.close()


@pytest.mark.parametrize("kind", [kind for kind in SERVERS if kind != "apache-fcgid"])
def test_reloading_the_web_server_under_load_loses_nothing(serve, kind):
    site = serve(kind)
    with Load(site.nginx.port) as load:
        for _ in range(3):
            site.nginx.reload()
            load.more(150)
    assert load.failed == []
    assert site.client.get("/api/users/token").status_code == 401


def test_reloading_mod_fcgid_loses_nothing_while_no_request_waits_for_a_process(serve):
    """mod_fcgid may lose waiting requests of any program (docs/deployment.md), so the test sends one at a time."""
    site = serve("apache-fcgid")
    with Load(site.nginx.port, threads=1) as load:
        for _ in range(3):
            site.nginx.reload()
            load.more(20)
            site.nginx.wait_until_reloaded()
            load.more(20)
    assert load.failed == []
    assert site.client.get("/api/users/token").status_code == 401


def test_a_request_that_mod_fcgid_gives_to_a_process_that_it_has_told_to_end_is_answered(serve):
    """Apache's old processes do that with requests that they accepted. A request without a process gets no answer."""
    site = serve("apache-fcgid")
    assert site.client.get("/api/users/token").status_code == 401
    body = good(site, 1000)
    peer = slow_upload(site.nginx.port, body)
    site.nginx.reload()
    wait_until(lambda: "requests that still arrive are served" in site.nginx.log_text(), 20, "the process is told to end")
    peer.sendall(body[len(body) // 2 :])
    assert peer.recv(12) == b"HTTP/1.1 200"
    peer.close()


@pytest.mark.parametrize("kind", WITH_A_POOL)
def test_reloading_the_pool_under_load_loses_nothing(serve, kind):
    site = serve(kind)
    with Load(site.nginx.port) as load:
        for _ in range(3):
            site.pool.reload_and_wait()
            load.more(100)
    assert load.failed == []


@pytest.mark.parametrize("kind", [kind for kind in WITH_A_POOL if kind.startswith(("spawn", "systemd"))])
def test_a_pool_on_a_socket_that_is_not_its_own_stops_with_everything_answered(serve, kind):
    site = serve(kind)
    workers = site.pool.pids()
    assert len(workers) == site.pool.workers
    assert site.pool.terminate() == 0
    wait_until(lambda: site.pool.pids() == [], 20, "no worker is left")
