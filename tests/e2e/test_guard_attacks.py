"""What attackers send to guarded sites, behind each server with its configuration of deploy/guard/ as shipped."""

import http.client
import json
import os
import re
import socket

import pytest
from support.apache import ApacheAuthnzFcgi, ApacheFcgid
from support.backend import received
from support.client import COOKIE, Client, cookie_of
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.guarded import PAGES, Nginx
from support.proxies import Caddy, HAProxy

pytestmark = pytest.mark.unsanitized

PROGRAM = {"Accept": "application/json"}
REFUSED = (302, 400, 401, 403, 404, 431, 500, 502, 503)


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, HAProxy], ids=lambda server: server.kind)
def server(request, around, new_folder):  # noqa: F811
    started = request.param(os.path.join(new_folder(), "s"), around).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def reader(guarded_site):  # noqa: F811
    user = guarded_site.seed.user(roles=("reader",))
    return guarded_site.token(user)


@pytest.fixture
def client(server):
    return Client(server.url)


def has_cgi(server):
    return server.kind not in ("caddy", "haproxy")


def send(server, target, lines):
    """Sends a request with exactly these header lines; returns (status, body)."""
    text = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\nAccept: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 20) as peer:
        peer.sendall((text + "".join(line + "\r\n" for line in lines) + "\r\n").encode("latin-1"))
        answer = http.client.HTTPResponse(peer)
        answer.begin()
        return answer.status, answer.read().decode("latin-1")


def bearer(token):
    return f"Authorization: Bearer {token}"


PARAMETERS = ["/private;/index.html", "/private;x=y/index.html", "/private/;/index.html", "/private./index.html", "/private../index.html",
              "/private/index.html;x", "/app;/page", "/app;x=y/page", "/app./page", "/App/page", "/aPP/page", "/app%3b/page", "/cgi;/show",
              "/cgi./show", "/CGI/show", "/cgi%3bx/show"]  # fmt: skip


@pytest.mark.parametrize("target", PARAMETERS)
def test_parameters_dots_and_case_open_no_door(server, around, target):  # noqa: F811
    before = len(around.http.seen)
    status, body = send(server, target, [])
    assert status in REFUSED and PAGES["private"] not in body
    assert '"environment"' not in body and '"parameters"' not in body
    assert len(around.http.seen) == before


def claims(answer):
    """The values that an application might take for an identity. CGI turns all but letters and digits into "_"."""
    found = [(re.sub(r"\W", "_", name.upper()), value) for name, value in received(answer)[0]]
    return [value for name, value in found if re.fullmatch(r"(HTTP_)?(X_)?(USER_(ID|EMAIL|NAME|ROLES|CUSTOMER)|REMOTE_USER)", name)]


class Answer:
    """Passes the body from send() to received()."""

    def __init__(self, body):
        self.body = body

    def json(self):
        return json.loads(self.body)


FORGED = {
    "three times": ["X-User-Id: forged", "X-User-Id: forged", "x-user-id: forged"],
    "in all spellings at once": [f"X{a}User{b}{name}: forged" for a in "-_" for b in "-_" for name in ("Id", "ID", "Email", "Roles", "Name")],
    "mixed": ["x-UsEr-iD: forged", "X_uSeR_Id: forged", "X-USER_ROLES: forged", "x_user-customer: forged"],
    "blank before the colon": ["X-User-Id : forged"],
    "tab before the colon": ["X-User-Id\t: forged"],
    "folded": ["X-Other: a", " X-User-Id: forged"],
    "continued": ["X-User-Id:", "\tforged"],
    "a NUL in the name": ["X-User-Id\0: forged"],
    "empty first": ["X-User-Id:", "X-User-Id: forged"],
    "named as hop by hop": ["Connection: close, X-User-Id, x-user-name,X-USER-ROLES", "Connection: X-User-Email", "X-User-Id: forged"],
    "variables": ["USER_ID: forged", "USER-ID: forged", "REMOTE-USER: forged", "Variable-USER_ID: forged", "Variable-REMOTE_USER: forged"],
}


@pytest.mark.parametrize("path", ["/app/page", "/cgi/show"])
@pytest.mark.parametrize("way", FORGED)
def test_no_way_of_sending_an_identity_makes_it_arrive(server, reader, path, way):
    if path == "/cgi/show" and not has_cgi(server):
        pytest.skip("it has no CGI")
    status, body = send(server, path, [bearer(reader), *FORGED[way]])
    if status == 200:
        answer = Answer(body)
        told = [value for name, value in received(answer)[0] if name.startswith("HTTP_X_USER") or name in ("USER_ID", "REMOTE_USER")]
        assert "forged" not in told
        assert not server.tells_proxied or path != "/app/page" or len(claims(answer)) >= 4
    else:
        assert status in REFUSED


OTHER_SEPARATORS = "!#$%&'*+.^`|~"


def test_no_other_separator_makes_a_forged_identity_arrive_at_cgi(server, reader):
    """Servers that make CGI names turn any separator into "_", or drop the header."""
    path = "/cgi/show" if has_cgi(server) else "/app/page"
    if server.kind == "caddy":
        pytest.skip("it has no CGI, and hands names on as they are")
    for separator in OTHER_SEPARATORS:
        for name in (f"X{separator}User{separator}Id", f"X-User{separator}Id", f"X{separator}User_Roles", f"X{separator}USER-Name"):
            status, body = send(server, path, [bearer(reader), f"{name}: forged"])
            assert status == 200 and "forged" not in claims(Answer(body)), name


def test_who_has_no_roles_is_told_as_somebody_without(server, client, guarded_site):  # noqa: F811
    path = "/app/page" if server.tells_proxied else "/cgi/show"
    user = guarded_site.seed.user()
    answer = client.bearer(guarded_site.token(user)).get(path, headers=PROGRAM)
    told = {name: value for name, value in received(answer)[0] if re.search(r"USER_(ID|ROLES)$", name)}
    assert set(told.values()) <= {str(user.id), ""} and str(user.id) in told.values()


def test_of_two_credentials_none_counts(server, around, guarded_site, reader):  # noqa: F811
    admin = guarded_site.token(guarded_site.seed.alice)
    one, other = (cookie_of(token)["Cookie"] for token in (reader, admin))
    twice = [[f"Cookie: {one}; {other}"], [f"Cookie: {other}; {one}"], [f"Cookie: {one}", f"Cookie: {other}"],
             [bearer(reader), bearer(admin)], [f"Authentication: Bearer {reader}", f"Authentication: Bearer {admin}"]]  # fmt: skip
    for lines in twice:
        before = len(around.http.seen)
        for path in ("/app/page", "/app-admin/page"):
            assert send(server, path, lines)[0] in REFUSED, lines
        assert len(around.http.seen) == before
    for lines in ([f"Cookie: {one}; a=b; {one}"], [f"Cookie: {COOKIE}x=1; x{COOKIE}=2; {one}"], [bearer(reader), f"Cookie: {other}"]):
        assert send(server, "/app/page", lines)[0] == 200, lines
        assert send(server, "/app-admin/page", lines)[0] in REFUSED, lines


def test_a_header_in_several_lines_makes_no_guard_fail(server, around, reader):  # noqa: F811
    good, other = cookie_of(reader)["Cookie"], cookie_of("a.b.c")["Cookie"]
    for lines in (["Cookie: theme=dark", f"Cookie: {good}"], [f"Cookie: {good}", "Cookie: a=b; c=d"], [f"Cookie: {good}", f"Cookie: {good}"]):
        for more in ([], ["X-Request-Id: one", "X-Request-Id: two"]):
            # Apache joins the lines by a comma, which belongs to a cookie's value.
            expected = 401 if server.kind.startswith("apache") else 200
            assert send(server, "/app/page", lines + more)[0] == expected, lines + more
    before = len(around.http.seen)
    for lines in ([f"Cookie: {good}", f"Cookie: {other}"], [f"Authentication: Bearer {reader}"] * 2, ["Cookie: a=b", "Cookie: c=d"]):
        assert send(server, "/app/page", lines)[0] in (400, 401), lines
    assert len(around.http.seen) == before


@pytest.mark.parametrize("size", [4000, 9000, 20000, 60000])
def test_large_headers_and_many_cookies_never_open_the_door(server, around, reader, size):  # noqa: F811
    good = cookie_of(reader)["Cookie"]
    padding = "; ".join(f"c{number}=v" for number in range(size // 10))
    large = [[f"Cookie: a={'x' * size}"], [f"Cookie: {padding}"], [f"X-Large-{number}: {'x' * 4000}" for number in range(size // 4000)]]
    for lines in large:
        before = len(around.http.seen)
        assert send(server, "/app/page", lines)[0] in REFUSED
        assert len(around.http.seen) == before
        if size == 4000:
            together = [f"{lines[0]}; {good}"] if lines[0].startswith("Cookie") else [*lines, f"Cookie: {good}"]
            assert send(server, "/app/page", together)[0] == 200


@pytest.mark.parametrize("kind", ["regular expression", "every prefix"])
def test_no_location_of_the_sites_own_answers_in_nginxs_guards_place(around, new_folder, kind):  # noqa: F811
    """The site's own location matches everything and precedes the guard's. Its answer 200 would let everybody in."""

    class Greedy(Nginx):
        def shipped(self, name):
            everything = {"regular expression": "location ~ .", "every prefix": "location ^~ /"}[kind]
            greedy = f"{everything} {{ proxy_pass http://127.0.0.1:{self.around.http.port}; }}\n"
            text = super().shipped(name).replace("location /private/", "location ^~ /private/")
            return re.sub(r"(?m)^( *include .*guard\.conf;)", greedy + r"\1", text)

    started = Greedy(os.path.join(new_folder(), "s"), around).start()
    answer = Client(started.url).get("/private/index.html", headers=PROGRAM)
    assert answer.status_code == 401 and PAGES["private"] not in answer.text


def test_what_nginx_does_not_guard_tells_nobodys_identity(around, new_folder):  # noqa: F811
    class Mixed(Nginx):
        def shipped(self, name):
            mixed = f"location /x/ {{ include {self.folder}/identity-proxy.conf; proxy_pass http://127.0.0.1:{self.around.http.port}; }}\n"
            return super().shipped(name).replace("    # (a) a static", mixed + "    # (a) a static")

    started = Mixed(os.path.join(new_folder(), "s"), around).start()
    lines = [f"X-User-{name}: forged" for name in ("Id", "Email", "Name", "Roles", "Customer")]
    status, body = send(started, "/x/page", lines)
    assert status == 200 and claims(Answer(body)) == []


@pytest.mark.parametrize("misspelt", ["/user-api-guard", "/user-api-guards/customer=1/", "/user-api-guard/customer=1/admin/x"])
def test_a_guard_of_nginx_whose_name_is_misspelt_lets_nobody_pass(around, guarded_site, new_folder, misspelt):  # noqa: F811
    class Misspelt(Nginx):
        def shipped(self, name):
            return super().shipped(name).replace("auth_request /user-api-guard/customer=1/;", f"auth_request {misspelt};")

    started = Misspelt(os.path.join(new_folder(), "s"), around).start()
    client = Client(started.url, guarded_site.token(guarded_site.seed.alice))
    answer = client.get("/private/index.html", headers=PROGRAM)
    assert answer.status_code == 403 and PAGES["private"] not in answer.text
    assert client.get("/admin/index.html", headers=PROGRAM).status_code == 200, "the others are as they were"


@pytest.mark.parametrize("kind", [ApacheAuthnzFcgi, ApacheFcgid], ids=lambda kind: kind.kind)
def test_what_apache_asks_itself_needs_the_role_as_well(kind, around, guarded_site, reader, new_folder):  # noqa: F811
    """Apache does not run SetEnvIf for a DirectoryIndex in another folder, so the guard gets no role to check."""

    class Indexed(kind):
        def shipped(self, name):
            index = f"<Directory {self.around.root}/open>\nDirectoryIndex /admin/index.html\n</Directory>\n    # (a) a static"
            return super().shipped(name).replace("    # (a) a static", index)

    started = Indexed(os.path.join(new_folder(), "s"), around).start()
    for client in (Client(started.url), Client(started.url, reader)):
        answer = client.get("/open/", headers=PROGRAM)
        assert answer.status_code in (401, 403) and PAGES["admin"] not in answer.text
    assert Client(started.url, guarded_site.token(guarded_site.seed.alice)).get("/admin/", headers=PROGRAM).status_code == 200


def test_an_error_in_haproxys_lua_lets_nobody_in(around, guarded_site, new_folder):  # noqa: F811
    class Broken(HAProxy):
        def shipped(self, name):
            return super().shipped(name).replace("local function question(txn)\n", 'local function question(txn)\n  error("broken")\n')

    started = Broken(os.path.join(new_folder(), "s"), around).start()
    before = len(around.http.seen)
    for headers in (PROGRAM, {**PROGRAM, **cookie_of(guarded_site.token(guarded_site.seed.alice))}):
        for path in ("/app/page", "/app-admin/page"):
            assert Client(started.url).get(path, headers=headers).status_code == 503
    assert len(around.http.seen) == before
