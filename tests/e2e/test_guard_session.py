"""The session does not pass the guard: with the shipped configurations of deploy/guard/, an application behind each
server receives nothing that the API accepts. The application's own cookies and its own Authorization arrive."""

import os

import pytest
from support.apache import ApacheAuthnzFcgi, ApacheFcgid
from support.backend import received
from support.client import COOKIE, Client, cookie_of
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import Nginx
from support.lighttpd import Lighttpd
from support.proxies import Caddy
from test_guard_attacks import Answer, bearer, has_cgi, send, server  # noqa: F401

pytestmark = pytest.mark.unsanitized

CARRIERS = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_AUTHENTICATION")

# name: (text before the session, text after it in the line, what the application receives)
AMONG_OTHERS = {
    "alone": ("", "", ""),
    "first": ("", "; a=b; c=d", "a=b; c=d"),
    "in the middle": ("a=b; ", "; c=d", "a=b; c=d"),
    "last": ("a=b; c=d; ", "", "a=b; c=d"),
    "without blanks": ("a=b;", ";c=d", "a=b;c=d"),
    "with more blanks": ("a=b;  ", " ;  c=d", "a=b;  c=d"),
    "beside names that are like it": (f"x{COOKIE}=1; {COOKIE}x=2; ", f"; {COOKIE.upper()}=3", f"x{COOKIE}=1; {COOKIE}x=2; {COOKIE.upper()}=3"),
    "beside values that hold its name": (f"a={COOKIE}; ", f"; b=x{COOKIE}=", f"a={COOKIE}; b=x{COOKIE}="),
    "beside odd ones": ("a=\"q, r\"; flag; ", "; j={\"x\":[1,2]}; e=", "a=\"q, r\"; flag; j={\"x\":[1,2]}; e="),
}  # fmt: skip


@pytest.fixture(scope="module")
def admin(guarded_site):  # noqa: F811
    return guarded_site.token(guarded_site.seed.alice)


def cookie(token):
    return cookie_of(token)["Cookie"]


def places(server):  # noqa: F811
    return ["/app/page", "/app-admin/page", *(["/cgi/show", "/cgi-admin/show"] if has_cgi(server) else [])]


def behind_the_guard(server, lines):  # noqa: F811
    """What each kind of application receives of a request: (CGI name, value), …"""
    for path in places(server):
        status, body = send(server, path, lines)
        assert status == 200, (path, status, body)
        yield received(Answer(body))[0]


def assert_opens_nothing(site, arrived, token):
    """Sends what arrived to the API, unchanged; the API must refuse it."""
    assert not [name for name, value in arrived if token in value or cookie(token).partition("=")[2] in value]
    lines = [(name.removeprefix("HTTP_"), value) for name, value in arrived if name in CARRIERS]
    assert site.client.raw("GET", "/api/users/token", lines)[0] == 401


@pytest.mark.parametrize("way", AMONG_OTHERS)
def test_an_application_gets_its_own_cookies_and_not_the_session(server, guarded_site, admin, way):  # noqa: F811
    before, behind, own = AMONG_OTHERS[way]
    for arrived in behind_the_guard(server, [f"Cookie: {before}{cookie(admin)}{behind}"]):
        assert "".join(value for name, value in arrived if name == "HTTP_COOKIE") == own
        assert_opens_nothing(guarded_site, arrived, admin)


def test_no_way_of_writing_the_cookie_gets_it_through(server, guarded_site, admin):  # noqa: F811
    value = cookie(admin).partition("=")[2]
    ways = [
        f'{COOKIE}="{value}"', f"{COOKIE}={value}; {COOKIE}={value}", f"{COOKIE}={value}; a=b; {COOKIE}={value}", f"{COOKIE} = {value} ",
        "; ".join([cookie(admin)] * 5), f"{COOKIE}={value.replace('=', '%3D')}", f";; ;{COOKIE}={value};;", f"a; {COOKIE}={value}; =b",
        f'a="x; {COOKIE}={value}; y"', f"{COOKIE}\t=\t{value}",
    ]  # fmt: skip
    for way in ways:
        for arrived in behind_the_guard(server, [f"Cookie: {way}"]):
            assert_opens_nothing(guarded_site, arrived, admin)


def test_two_lines_of_cookies_do_not_get_it_through_either(server, guarded_site, admin):  # noqa: F811
    good = cookie(admin)
    for lines in (["Cookie: a=b", f"Cookie: {good}"], [f"Cookie: {good}", "Cookie: a=b"], [f"Cookie: {good}", f"Cookie: {good}; a=b"]):
        for arrived in behind_the_guard(server, [bearer(admin), *lines]):
            assert "".join(value for name, value in arrived if name == "HTTP_COOKIE") == "a=b", lines
            assert_opens_nothing(guarded_site, arrived, admin)


def test_a_token_in_a_header_stays_at_the_guard_as_does_a_cookie_beside_it(server, guarded_site, admin):  # noqa: F811
    other = guarded_site.token(guarded_site.seed.albert)
    for header in (f"Authorization: Bearer {admin}", f"authorization: BEARER {admin}", f"Authentication: bearer {admin}"):
        beside = [] if header.startswith("Authentication") else [f"Authentication: Bearer {other}"]
        for more in ([], [f"Cookie: {cookie(other)}; a=b"], beside):
            for arrived in behind_the_guard(server, [header, *more]):
                assert not [name for name, _ in arrived if name in CARRIERS[1:]], (header, more)
                assert_opens_nothing(guarded_site, arrived, admin)


def test_a_header_of_the_applications_own_does_not_pass_a_guard(server, around, admin):  # noqa: F811
    """Such a header alone decides, as everywhere. So a header that passes the guard holds a token of user-api."""
    before = len(around.http.seen)
    for header in ("Authorization: Basic YTpi", "Authorization: Bearer own", "Authentication: own"):
        for path in places(server):
            assert send(server, path, [header, f"Cookie: {cookie(admin)}"])[0] == 401
    assert len(around.http.seen) == before


# A part of the site without a guard, written as the comments in the files say.
OPENED = {
    Nginx: (
        "    # (a) a static",
        "location /x/ {{ include {folder}/identity-proxy.conf; proxy_pass http://127.0.0.1:{port}; }}"
        " location /xcgi/ {{ include /etc/nginx/fastcgi_params; include {folder}/identity-fastcgi.conf; fastcgi_pass unix:{fastcgi}; }}",
    ),
    **dict.fromkeys(
        (ApacheAuthnzFcgi, ApacheFcgid),
        (
            "    # (a) a static",
            "<Location /x/>\nInclude {folder}/identity.conf\nProxyPass http://127.0.0.1:{port}/x/ nocanon\n</Location>\n",
        ),
    ),
    Lighttpd: ("# (a) static", '$HTTP["url"] =~ "^/x/" {{ proxy.server = ("" => (("host" => "127.0.0.1", "port" => {port}))) }}\n'),
    Caddy: ("\t\t# (a) a static", "handle /x/* {{\nreverse_proxy 127.0.0.1:{port}\n}}\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPENED, ids=lambda kind: kind.kind)
def test_where_no_guard_is_an_application_gets_its_own_headers(kind, around, admin, new_folder):  # noqa: F811
    class Opened(kind):
        def shipped(self, name):
            before, part = OPENED[kind]
            own = part.format(folder=self.folder, port=self.around.http.port, fastcgi=self.around.fastcgi.path)
            return super().shipped(name).replace(before, own + before)

    started = Opened(os.path.join(new_folder(), "s"), around).start()
    for path in ("/x/page", *(["/xcgi/page"] if kind is Nginx else [])):
        for authorization in ("Basic YTpi", "Bearer its.own.token"):
            status, body = send(started, path, [f"Authorization: {authorization}", "Authentication: x", f"Cookie: a=b; {cookie(admin)}"])
            arrived = dict(received(Answer(body))[0])
            assert (status, *(arrived[name] for name in CARRIERS[1:])) == (200, authorization, "x")
            assert arrived["HTTP_COOKIE"] == "a=b" or kind in (Lighttpd, Caddy)


class NginxWithAnIndex(Nginx):
    """A guarded folder whose page comes from the application: nginx restarts the request with that page's address."""

    def shipped(self, name):
        index = f"""
    location = /start/ {{ auth_request /user-api-guard/; try_files /nothing /x/page; }}
    location /x/ {{ internal; include {self.folder}/identity-proxy.conf; proxy_pass http://127.0.0.1:{self.around.http.port}; }}
"""
        return super().shipped(name).replace("    # (a) a static", index + "    # (a) a static")


def test_nginx_forgets_no_guard_when_it_begins_again_with_another_address(around, guarded_site, admin, new_folder):  # noqa: F811
    started = NginxWithAnIndex(os.path.join(new_folder(), "s"), around).start()
    for line in (bearer(admin), f"Cookie: {cookie(admin)}"):
        status, body = send(started, "/start/", [line])
        arrived = received(Answer(body))[0]
        assert status == 200 and ("HTTP_X_USER_ID", str(guarded_site.seed.alice.id)) in arrived
        assert not [name for name, _ in arrived if name in CARRIERS]


def test_another_customers_administrator_does_not_pass(server, around, guarded_site):  # noqa: F811
    foreign = Client(server.url, guarded_site.token(guarded_site.seed.bella))
    before = len(around.http.seen)
    statics = [] if server.kind == "haproxy" else ["/private/index.html", "/admin/index.html"]
    for path in places(server) + statics:
        answer = foreign.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == server.refusal, (path, answer.text)
    assert len(around.http.seen) == before
