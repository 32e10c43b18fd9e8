"""How much of each web server one client can use, with the configurations of deploy/ as shipped: time, connections,
logins."""

import contextlib
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import nginx
from support.apache import ApacheAuthnzFcgi as GuardApacheAuthnzFcgi
from support.apache import ApacheFcgid as GuardApacheFcgid
from support.behind.apache import ApacheFcgid, ApacheProxyFcgi
from support.behind.front import DEPLOY
from support.behind.lighttpd import LighttpdPool
from support.behind.nginx import NginxFront
from support.client import Client, canonical
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import Nginx as GuardNginx
from support.lighttpd import Lighttpd as GuardLighttpd
from support.processes import an_address, free_port, wait_until
from support.proxies import Caddy, HAProxy
from support.stalled_clients import HALF_A_BODY, HALF_A_HANDSHAKE, HALF_A_HEAD, Stalled, half_sent, wait_until_closed

pytestmark = [pytest.mark.patient, pytest.mark.unsanitized]

TOKEN = "/api/users/token"
HALF_SENT = 2000
# Seconds within which all other clients are answered meanwhile.
PROMISE = 5
# Debian's default, and the processors of a small machine. With many processors, 2000 connections would not fill the
# server.
STOCK_CONNECTIONS, WORKERS = 768, 2
AT_ONCE, FLOOD, PER_SECOND = 40, 200, 10
# Seconds that may be lost to scheduling on a busy machine.
SLACK = 8

# file of deploy/: (server, patterns that find the seconds for the head and for the body in the file)
IN_NGINX = (r"client_header_timeout (\d+)s;", r"client_body_timeout (\d+)s;")
IN_APACHE = (r"RequestReadTimeout .*header=(\d+)", r"RequestReadTimeout .*body=(\d+)")
IN_LIGHTTPD = (r"server.max-read-idle = (\d+)",) * 2
LIMITS = {
    "nginx/user-api.conf": (NginxFront, IN_NGINX),
    "apache-fcgid/user-api.conf": (ApacheFcgid, IN_APACHE),
    "apache-proxy-fcgi/user-api.conf": (ApacheProxyFcgi, IN_APACHE),
    "lighttpd/common.conf": (LighttpdPool, IN_LIGHTTPD),
    "guard/nginx/site.conf": (GuardNginx, IN_NGINX),
    "guard/apache-authnz-fcgi/site.conf": (GuardApacheAuthnzFcgi, IN_APACHE),
    "guard/apache-fcgid/site.conf": (GuardApacheFcgid, IN_APACHE),
    "guard/lighttpd/site.conf": (GuardLighttpd, IN_LIGHTTPD),
    "guard/caddy/Caddyfile": (Caddy, (r"read_header (\d+)s", r"read_body (\d+)s")),
    "guard/haproxy/haproxy.cfg": (HAProxy, (r"timeout http-request (\d+)s", r"timeout client (\d+)s")),
}


def limits(path):
    with open(os.path.join(DEPLOY, path), encoding="utf-8") as file:
        text = file.read()
    return tuple(int(re.search(pattern, text)[1]) for pattern in LIMITS[path][1])


@pytest.fixture(scope="module")
def servers(around, new_folder):  # noqa: F811
    """All servers of LIMITS."""
    started = {}
    for path, (kind, _) in LIMITS.items():
        behind = around.site.pool if hasattr(kind, "starts_children") else around
        started[path] = kind(os.path.join(new_folder(), "s"), behind).start()
    yield started
    for server in started.values():
        server.stop()


def at_once(count, send):
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(lambda _: send(), range(count)))


def login(url, address, headers=None):
    """A login that the application refuses without any work, because its body is not JSON."""
    return Client(url, address=address).post(
        "/api/users/login", data=b"x", headers={"Content-Type": "text/plain", **(headers or {})}
    )


def statuses(answers):
    return [answer.status_code for answer in answers]


def assert_told_to_come_back(answer):
    assert (answer.status_code, answer.json()["error_code"]) == (429, "TOO_MANY_REQUESTS")
    assert answer.content == canonical(answer.json())
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Retry-After"]) > 0


# Connections that stall


def test_half_sent_requests_are_closed_in_time_and_not_before(servers, report):
    """Tests all servers at once, because each of them needs its full time."""
    stalled = {}
    for path in LIMITS:
        port = servers[path].port
        stalled[path] = [Stalled(port, part) for part in (HALF_A_HEAD, HALF_A_BODY)]
    wait_until_closed([each for pair in stalled.values() for each in pair], max(map(max, map(limits, LIMITS))) + SLACK)
    wrong = []
    for path, pair in stalled.items():
        kind = LIMITS[path][0]
        for part, limit, each in zip(("head", "body"), limits(path), pair):
            each.peer.close()
            took = "open" if each.seconds is None else f"{each.seconds:.1f} s"
            report(f"{path}, {part}: {limit} s, {took}")
            # Caddy and Apache forward a body while it arrives, so the application behind them may give up earlier.
            early = 0 if part == "body" else limit - 1
            # HAProxy 3 answers, and then waits again for the rest of the body.
            late = limit * (1 + (kind is HAProxy and part == "body")) + SLACK
            if each.seconds is None or not early <= each.answered <= limit + SLACK or each.seconds > late:
                wrong.append((path, part, limit, took, each.answer[:100]))
    assert wrong == []


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_half_sent_heads_of_one_client_keep_nginx_from_nobody_for_long(guarded_site, new_folder, tls, report):  # noqa: F811
    front = NginxFront(os.path.join(new_folder(), "s"), guarded_site.pool, tls)
    front.write("nginx.conf", nginx.main_configuration(front.folder, WORKERS, STOCK_CONNECTIONS))
    front.start()
    try:
        with half_sent(HALF_A_HANDSHAKE if tls else HALF_A_HEAD, front.port, HALF_SENT):
            assert_answers_within(front, PROMISE, report)
            assert "worker_connections are not enough" in front.log_text()
    finally:
        front.stop()


def test_half_sent_heads_of_one_client_keep_lighttpd_from_nobody(servers, report):
    front = servers["lighttpd/common.conf"]
    with half_sent(HALF_A_HEAD, front.port, HALF_SENT):
        assert_answers_within(front, PROMISE, report)


def assert_answers_within(front, seconds, report):
    """Checks that another client, which retries if the connection is refused, is answered within this time."""
    somebody = Client(front.url, address="127.0.0.2")
    somebody.session.verify = front.path("cert.pem") if front.tls else True
    begin = time.monotonic()
    wait_until(lambda: somebody.get(TOKEN, timeout=30).status_code == 401, 60, "somebody else is answered")
    took = time.monotonic() - begin
    report(f"{HALF_SENT} half-sent requests: somebody else is answered after {took:.2f} s")
    assert took < seconds


# Requests of one address at the same time


@pytest.mark.parametrize("path", ["nginx/user-api.conf", "guard/nginx/site.conf"])
def test_one_address_holds_so_many_requests_and_another_is_answered(servers, path):
    server = servers[path]
    with open(os.path.join(DEPLOY, path), encoding="utf-8") as file:
        limit = int(re.search(r"limit_conn \w+ (\d+);", file.read())[1])
    with contextlib.ExitStack() as stack:
        # These are no logins, because logins have another limit.
        part = HALF_A_BODY.replace(b"/login", b"/reset-password")
        for _ in range(limit):
            stack.enter_context(Stalled(server.port, part, "127.0.0.4").peer)
        one, another = Client(server.url, address="127.0.0.4"), Client(server.url, address="127.0.0.5")
        wait_until(lambda: one.get(TOKEN).status_code == 429, 10, "one more is too many")
        assert_told_to_come_back(one.get(TOKEN))
        assert another.get(TOKEN).status_code == 401


# mod_fcgid does not count requests, and starts processes too slowly for so many at once.
@pytest.mark.parametrize("path", [path for path in LIMITS if "apache-fcgid" not in path])
def test_an_office_behind_one_address_notices_nothing(servers, guarded_site, path):  # noqa: F811
    """30 people, each with as many connections as a browser opens."""
    server, token = servers[path], guarded_site.token(guarded_site.seed.alice)
    office = an_address()
    with ThreadPoolExecutor(180) as threads:
        send = lambda _: Client(server.url, token, office).get(TOKEN).status_code  # noqa: E731
        assert set(threads.map(send, range(540))) == {200}


# Logins


COUNTING = ["nginx/user-api.conf", "guard/nginx/site.conf", "guard/caddy/Caddyfile", "guard/haproxy/haproxy.cfg"]


@pytest.mark.parametrize("path", COUNTING)
def test_so_many_logins_at_once_pass_and_then_so_many_a_second(servers, path):
    url, address = servers[path].url, an_address()
    begin = time.monotonic()
    assert statuses(at_once(AT_ONCE, lambda: login(url, address))) == [422] * AT_ONCE
    later = statuses(at_once(FLOOD, lambda: login(url, address)))
    seconds = time.monotonic() - begin
    assert later.count(422) <= PER_SECOND * seconds + 1, seconds
    wait_until(lambda: login(url, address).status_code == 422, 20, "logins pass again")


@pytest.mark.parametrize("path", COUNTING)
def test_a_flood_of_logins_is_told_to_come_back_and_nobody_else_notices(servers, path):
    url, address = servers[path].url, an_address()
    answers = at_once(FLOOD, lambda: login(url, address))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert set(statuses(answers)) == {422, 429} and len(answers) - len(refused) >= AT_ONCE
    for answer in refused:
        assert_told_to_come_back(answer)
    assert login(url, "127.0.0.2").status_code == 422
    assert Client(url, address=address).get(TOKEN).status_code == 401


@pytest.mark.parametrize("spelling", ["/api/users/%6Cogin", "/api/users/login?x=1", "//api/users/login", "/api/./users/login"])
def test_no_spelling_of_the_path_gets_round_the_limit(servers, spelling):
    server, address = servers["nginx/user-api.conf"], an_address()
    at_once(AT_ONCE * 2, lambda: login(server.url, address))
    answers = at_once(AT_ONCE, lambda: Client(server.url, address=address).raw("POST", spelling, body=b"x"))
    assert 429 in [status for status, _, _ in answers]


def test_haproxy_refuses_a_flood_before_nginx_sees_it(servers):
    server, address = servers["guard/haproxy/haproxy.cfg"], an_address()
    refused = [answer for answer in at_once(2 * FLOOD, lambda: login(server.url, address)) if answer.status_code == 429]
    by_itself = [answer for answer in refused if "Server" not in answer.headers]
    assert by_itself and len(by_itself) < len(refused)
    assert_told_to_come_back(by_itself[0])


def test_only_a_proxy_on_this_machine_names_the_client(servers):
    url = servers["nginx/user-api.conf"].url
    names = iter(range(10**6))

    def forged(peer):
        return login(url, peer, {"X-Forwarded-For": f"192.0.2.{next(names) % 250}"})

    assert 429 in statuses(at_once(FLOOD, lambda: forged("127.0.0.9")))
    assert set(statuses(at_once(FLOOD, lambda: forged("127.0.0.1")))) == {422}


@pytest.mark.parametrize(
    "flooding, same, other",
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("::ffff:192.0.2.77", "192.0.2.77", "::ffff:192.0.2.78"),
    ],
)
def test_ipv6_clients_are_counted_by_their_network(servers, flooding, same, other):
    url = servers["nginx/user-api.conf"].url

    def of(client):
        return login(url, "127.0.0.1", {"X-Forwarded-For": client}).status_code

    assert 429 in at_once(FLOOD, lambda: of(flooding))
    at_once(AT_ONCE, lambda: of(flooding))
    assert 429 in at_once(AT_ONCE, lambda: of(same))
    assert of(other) == 422


def test_both_files_for_nginx_go_into_one_http_block(guarded_site, around, new_folder):  # noqa: F811
    """Each file counts only its own requests."""
    guard = GuardNginx(os.path.join(new_folder(), "s"), around)
    port = free_port()
    with open(os.path.join(guard.folder, "site.conf"), "a", encoding="utf-8") as file:
        file.write(nginx.site_configuration(guarded_site.pool.address, port))
    guard.start()
    try:
        api = f"http://127.0.0.1:{port}"
        address = an_address()
        assert 429 in statuses(at_once(FLOOD, lambda: login(api, address)))
        assert login(guard.url, address).status_code == 422
    finally:
        guard.stop()
