"""Behind each web server and mode of deploy/, as shipped: what the contract's own tests do not ask. That these pass
behind each of them as well is what USER_API_BEHIND is for."""

import json
import re
import socket

import pytest
import requests
from support import behind
from support.client import assert_error, canonical, cookie_of, set_cookie
from support.load import Load
from support.processes import wait_until
from support.site import Site

JSON = {"Content-Type": "application/json"}
LOGIN = "/api/users/login"
LIMIT = 65536
SERVERS = ["nginx-unix", "apache-fcgid", "apache-proxy-fcgi", "lighttpd-pool", "lighttpd-bin-path"]
WITH_A_POOL = [kind for kind in behind.KINDS if not behind.is_started_by_the_server(kind)]

# What cannot be told apart from a path of ours is refused; only who says it, and in which number, differs.
ATTACKS = [
    "/api/x/../users/1",
    "/api/users/../users/1",
    "/api//users/1",
    "//api/users/1",
    "/api/users//1",
    "/api/%2e%2e/api/users/1",
    "/api/users/%2E%2e/users/1",
    "/api/users%2F1",
    "/api%2fusers/1",
    "/api/users/%5c1",
    "/api/users/1%00",
    "/api/users/%zz",
    "/api/users/1%",
]
# Apache refuses what no file name can hold before it asks anybody.
REFUSED_OTHERWISE = {
    ("apache-fcgid", "/api/users/1%00"): 404,
    ("apache-proxy-fcgi", "/api/users/1%00"): 404,
}
# The absolute form: nginx and lighttpd take the path out of it; Apache hands it on, and user-api refuses it.
ABSOLUTE_FORM = {"apache-fcgid": 400, "apache-proxy-fcgi": 400}
# mod_fcgid counts what comes in chunks only once it is too much, and then says 500.
TOO_MUCH_IN_CHUNKS = {"apache-fcgid": (500, "INTERNAL_SERVER_ERROR")}


# lighttpd adds no header to an error page of its own.
SAYS_NOT_WHEN_TO_RETRY = {"lighttpd-pool"}
# Seconds after which a pool that was away is asked again; others ask each time.
LOOKS_AGAIN = {"lighttpd-pool": 10}


@pytest.fixture(scope="module", params=list(behind.KINDS))
def served(request, postgres, new_folder):
    site = Site(postgres, new_folder(), kind=request.param)
    site.kind = request.param
    yield site.start()
    site.stop()


@pytest.fixture
def serve(postgres, new_folder):
    """Makes a site of a kind, for one test."""
    made = []

    def make(kind, settings=None, **options):
        made.append(Site(postgres, new_folder(), settings, kind=kind, **options))
        return made[-1].start()

    yield make
    for each in made:
        each.stop()


def good(site, size=0):
    body = {"email": site.seed.alice.email, "password": site.seed.alice.password}
    return json.dumps(body).encode().ljust(size)


def assert_in_our_words(answer, status, code):
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.content == canonical(answer.json())
    assert answer.headers["Content-Type"] == "application/json"


def test_both_ways_of_authorization_and_the_cookie_arrive(served):
    token = served.token(served.seed.alice)
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authentication": f"Bearer {token}"},
        {"Authorization": f"bearer {token}", "Cookie": "a=b"},
        cookie_of(token),
        {"Cookie": "a=b; " + cookie_of(token)["Cookie"] + "; c=d"},
    ):
        assert served.client.get("/api/users/token", headers=headers).status_code == 200, headers
    assert served.client.get("/api/users/token").status_code == 401


def test_the_cookie_reaches_the_client_and_is_not_secure_without_tls(served):
    answer = served.client.login(served.seed.alice.email, served.seed.alice.password)
    cookie = set_cookie(answer)
    assert cookie["httponly"] and not cookie["secure"]
    assert served.client.get("/api/users/token", headers=cookie_of(served.token(served.seed.alice))).status_code == 200


def test_bodies_of_no_byte_and_of_one_are_answered_by_the_application(served):
    for body in (b"", b"{", b" "):
        assert_error(served.client.post(LOGIN, data=body, headers=JSON), 422, "WRONG_PAYLOAD", "Wrong payload.")


def test_a_body_at_the_limit_passes_and_a_byte_more_does_not(served):
    assert served.client.post(LOGIN, data=good(served, LIMIT), headers=JSON).status_code == 200
    for size in (LIMIT + 1, 2 * LIMIT, 2 * LIMIT + 1, 20 * LIMIT):
        answer = served.client.post(LOGIN, data=good(served, size), headers=JSON)
        assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")


def test_a_chunked_body_has_the_same_limit(served):
    for chunks in ([], [b"{"], [b" "]):
        answer = served.client.post(LOGIN, data=iter(chunks), headers=JSON)
        assert_error(answer, 422, "WRONG_PAYLOAD", "Wrong payload.")
    for size in (100, 1000, LIMIT):
        body = good(served, size)
        answer = served.client.post(LOGIN, data=iter([body[:50], body[50:]]), headers=JSON)
        assert answer.status_code == 200, size
    body = good(served, LIMIT + 1)
    answer = served.client.post(LOGIN, data=iter([body[:50], body[50:]]), headers=JSON)
    assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")
    status, code = TOO_MUCH_IN_CHUNKS.get(served.kind, (413, "PAYLOAD_TOO_LARGE"))
    answer = served.client.post(LOGIN, data=iter([b" " * LIMIT] * 5), headers=JSON)
    assert_in_our_words(answer, status, code)


def test_head_has_the_headers_of_get_and_no_body(served):
    admin = served.login(served.seed.alice)
    for path in ("/api/users/token", "/api/users/", "/api/roles/?limit=1"):
        get, head = admin.get(path), admin.head(path)
        assert (head.status_code, head.content) == (get.status_code, b"") == (200, b"")
        for name in ("Content-Type", "Content-Length", "Cache-Control"):
            assert head.headers[name] == get.headers[name]
    status, _, body = served.client.raw("HEAD", "/api/users/token")
    assert (status, body) == (401, b"")


@pytest.mark.parametrize("uri", ATTACKS)
def test_a_path_that_two_could_read_differently_is_refused_in_our_words(served, uri):
    token = served.token(served.seed.alice)
    status, headers, body = served.client.raw("GET", uri, {"Authorization": f"Bearer {token}"})
    assert status == REFUSED_OTHERWISE.get((served.kind, uri), 400)
    assert headers["Content-Type"] == "application/json"
    assert body == canonical(json.loads(body))
    assert set(json.loads(body)) == {"error_code", "message"}


def test_the_absolute_form_leads_to_the_same_path_or_nowhere(served):
    token = served.token(served.seed.alice)
    uri = f"{served.nginx.url}/api/users/token"
    status, _, _ = served.client.raw("GET", uri, {"Authorization": f"Bearer {token}"})
    assert status == ABSOLUTE_FORM.get(served.kind, 200)
    attack = f"{served.nginx.url}/api/x/../users/token"
    assert served.client.raw("GET", attack, {"Authorization": f"Bearer {token}"})[0] == 400


def test_escapes_and_arguments_arrive_as_they_were_written(served):
    admin = served.login(served.seed.alice)
    assert admin.get("/%61pi/users/%74oken").status_code == 200
    user = served.seed.user(email=f"odd+%&=é{served.kind}@example.org")
    found = admin.get("/api/users/", params={"email": "odd+\\%&=é"}).json()["users"]
    assert [each["id"] for each in found] == [user.id]


def test_a_clients_request_id_comes_back_and_a_wrong_one_does_not(served):
    answer = served.client.get("/api/users/token", headers={"X-Request-Id": "abc.DEF-1_2"})
    assert answer.headers["X-Request-Id"] == "abc.DEF-1_2"
    for wrong in ("a b", "x" * 200, '"', ""):
        answer = served.client.get("/api/users/token", headers={"X-Request-Id": wrong})
        assert answer.headers["X-Request-Id"] not in ("", wrong)


def test_a_header_with_underscores_is_nobodys(served):
    token = served.token(served.seed.alice)
    status, headers, _ = served.client.raw(
        "GET", "/api/users/token", {"X_Request_Id": "forged", "X_User_Id": "1", "Remote_User": "alice"}
    )
    assert status == 401
    assert headers["X-Request-Id"] != "forged"
    for name in ("HTTP_AUTHORIZATION", "HTTP-AUTHORIZATION", "Authorization_"):
        assert served.client.raw("GET", "/api/users/token", {name: f"Bearer {token}"})[0] == 401


def test_nothing_is_compressed_stored_or_added_to_a_body(served):
    admin = served.login(served.seed.alice)
    answer = admin.get("/api/users/token", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(canonical(answer.json())))


def test_trace_echoes_nothing(served):
    status, _, body = served.client.raw("TRACE", "/api/users/token", {"Cookie": "secret=yes"})
    assert status in (400, 405)
    assert b"secret" not in body


def test_what_the_server_refuses_by_itself_is_said_as_json(served):
    answer = served.client.get("/api/users/token", headers={"X-Long": "x" * 40000})
    assert answer.status_code in (400, 431)
    assert_in_our_words(answer, answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize("kind", ["lighttpd-pool", "lighttpd-bin-path"])
def test_lighttpd_refuses_by_itself_what_it_does_not_know(serve, kind):
    site = serve(kind)
    status, _, body = site.client.raw("FROBNICATE", "/api/users/token")
    assert (status, json.loads(body)["error_code"]) == (501, "METHOD_NOT_ALLOWED")
    assert site.client.request("GET", "/api/roles/", data=b"x").status_code == 400


LIGHTTPDS_LOG = (
    "common.conf",
    r'(?m)^# ((?:server.modules .*mod_access|accesslog).*?)(?:"/var[^"]*")?$',
    r"\1",
)
# Comments of what is shipped that write the access log, each with what takes the place of the log's path.
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
    site.nginx.stop()  # lighttpd writes its log when it is full, or at the end
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
    """More of them than there are workers; and all are served in the end. Servers end an upload after 10 s."""
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
    """Those that wait it may lose, whatever it starts (docs/deployment.md): requests come one after the other."""
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
    """Apache's old processes do that with what they have accepted; what finds no process is never answered."""
    site = serve("apache-fcgid")
    assert site.client.get("/api/users/token").status_code == 401
    body = good(site, 1000)
    peer = slow_upload(site.nginx.port, body)
    site.nginx.reload()
    wait_until(lambda: "what still comes is served" in site.nginx.log_text(), 20, "the process is told to end")
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
    wait_until(lambda: site.pool.pids() == [], 5, "no worker is left")
