"""The answer for a missing role, behind each server: a page for people, the guard's answer for programs."""

import os

import pytest
from support.apache import ApacheAuthnzFcgi
from support.client import Client, cookie_of
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.guarded import PAGES
from support.processes import REPOSITORY
from support.proxies import Caddy, HAProxy
from test_guard_headers import POLICY, policy_of

pytestmark = pytest.mark.unsanitized

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PERSON = {"Accept": HTML}
NAVIGATION = {**PERSON, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
PROGRAMS = {
    "JSON": {"Accept": "application/json"},
    "anything": {"Accept": "*/*"},
    "image": {"Accept": "image/avif,image/webp,*/*;q=0.8", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "image over plain HTTP": {"Accept": "image/avif,image/webp,*/*;q=0.8"},
    "script": {"Accept": HTML, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
}


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, HAProxy], ids=lambda server: server.kind)
def server(request, around, new_folder):  # noqa: F811
    started = request.param(os.path.join(new_folder(), "s"), around).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def token(guarded_site):  # noqa: F811
    return guarded_site.token(guarded_site.seed.user(roles=("reader",)))


@pytest.fixture
def client(server):
    return Client(server.url)


def paths(server):
    """Addresses that require the role admin."""
    found = ["/app-admin/page", "/app-admin/a/deep/path/with.json?x=y&z=%C3%BC"]
    if server.kind != "haproxy":
        found += ["/admin/", "/admin/index.html", "/admin/nothing.here"]
    if server.kind not in ("caddy", "haproxy"):
        found += ["/cgi-admin/show"]
    return found


def shipped_page():
    with open(os.path.join(REPOSITORY, "deploy", "www", "index.html"), encoding="utf-8") as file:
        return file.read()


def is_the_page(server, answer):
    assert (answer.status_code, answer.content.decode()) == (server.refusal, shipped_page())
    assert answer.headers["Content-Type"].partition(";")[0] == "text/html"
    assert policy_of(answer) == POLICY
    # mod_fcgid shows the login page for every 401; that page contains nothing personal.
    kept = "no-cache" if server.kind == "apache-fcgid" else "no-store"
    wanted = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": kept}
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert not [name for name in answer.headers if name.lower().startswith(("variable-", "x-user-", "x-login-"))]


@pytest.mark.parametrize("person", [PERSON, NAVIGATION], ids=["plain HTTP", "HTTPS"])
def test_a_person_sees_a_page_under_the_address_that_was_asked_for(server, client, token, person):
    for path in paths(server):
        is_the_page(server, client.get(path, headers={**person, **cookie_of(token)}))


def test_a_person_who_sent_a_form_sees_it_as_well(server, around, client, token):  # noqa: F811
    before = len(around.http.seen)
    form = {**NAVIGATION, **cookie_of(token), "Content-Type": "application/x-www-form-urlencoded"}
    is_the_page(server, client.request("POST", "/app-admin/page", data="a=b", headers=form))
    assert len(around.http.seen) == before


def test_the_status_stays_for_head_for_a_part_and_for_a_copy_that_a_browser_has(server, client, token):
    path = paths(server)[-1]
    person = {**NAVIGATION, **cookie_of(token)}
    assert client.head(path, headers=person).status_code == server.refusal
    page = client.get(path, headers=person)
    tags = [page.headers.get("ETag", '"x"'), "*"]
    later = [{"If-None-Match": tag} for tag in tags] + [{"If-Match": '"other"'}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}]
    for more in [*later, {"Range": "bytes=0-9"}, {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}]:
        answer = client.get(path, headers={**person, **more})
        assert answer.status_code == server.refusal, more
        assert not any(text in answer.text for text in PAGES.values())


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_gets_the_guards_answer(server, client, token, program):
    if server.kind == "apache-fcgid":
        pytest.skip("it knows one answer for all")
    for path in paths(server):
        answer = client.get(path, headers={**PROGRAMS[program], **cookie_of(token)})
        assert (answer.status_code, answer.json()["error_code"]) == (403, "FORBIDDEN")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["Authorization", "Authentication"])
def test_who_presents_a_token_in_a_header_is_a_program(server, client, token, header):
    if server.kind == "apache-fcgid":
        pytest.skip("it knows one answer for all")
    answer = client.get("/app-admin/page", headers={**PERSON, header: f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "FORBIDDEN")


def test_a_program_that_is_not_connected_gets_json(server, client):
    if server.kind == "apache-fcgid":
        pytest.skip("it knows one answer for all")
    answer = client.get("/app-admin/page", headers=PROGRAMS["JSON"])
    assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHORIZED")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("application/json", "no-store")


def test_what_the_application_refuses_is_its_own_answer(server, client, guarded_site):  # noqa: F811
    admin = cookie_of(guarded_site.token(guarded_site.seed.alice))
    for path in ("/app/refused", "/app-admin/refused"):
        answer = client.get(path, headers={**NAVIGATION, **admin})
        assert answer.status_code == 403 and "headers" in answer.json(), path


def test_a_file_that_the_server_may_not_read_is_no_matter_of_roles(server, around, client, guarded_site):  # noqa: F811
    if server.kind == "haproxy":
        pytest.skip("it serves no files")
    folder = os.path.join(around.root, "admin", "closed")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "file"), "w", opener=lambda path, flags: os.open(path, flags, 0o000), encoding="ascii"):
        pass
    admin = cookie_of(guarded_site.token(guarded_site.seed.alice))
    answer = client.get("/admin/closed/", headers={**NAVIGATION, **admin})
    assert answer.status_code in (403, 404) and "role" not in answer.text
    answer = client.get("/admin/closed/file", headers={**NAVIGATION, **admin})
    # Apache runs as www-data. The other servers may run as root, which can read the file.
    assert answer.status_code == 403 or not server.kind.startswith("apache")
    assert "role" not in answer.text


def test_who_is_not_connected_is_sent_to_the_login_as_ever(server, client):
    answer = client.get("/app-admin/page", headers=NAVIGATION)
    if server.kind == "apache-fcgid":
        assert (answer.status_code, answer.text) == (401, shipped_page())
    else:
        assert (answer.status_code, answer.headers["Location"].replace(server.url, "")) == (302, "/login/?next=/app-admin/page")


def test_apache_leaves_what_it_does_not_guard_as_it_is(around, new_folder):  # noqa: F811
    """The application answers 403 with a page and a request id of its own."""

    class Open(ApacheAuthnzFcgi):
        def shipped(self, name):
            proxied = f"ProxyPass /other/ http://127.0.0.1:{self.around.http.port}/\n    # (a) a static"
            return super().shipped(name).replace("# (a) a static", proxied)

    started = Open(os.path.join(new_folder(), "s"), around).start()
    try:
        answer = Client(started.url).get("/other/page/refused", headers=NAVIGATION)
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=iso-8859-1")
        assert answer.headers["X-Request-Id"] == "its own"
    finally:
        started.stop()


@pytest.mark.parametrize("path", ["/user-api-forbidden", "/user-api-forbidden.html", "/user-api-forbidden/", "/user-api-forbidden/x"])
def test_nobody_asks_for_the_page_by_a_name_of_its_own(server, client, token, path):
    for headers in (NAVIGATION, {**NAVIGATION, **cookie_of(token)}):
        answer = client.get(path, headers=headers)
        # HAProxy guards every path that it does not know, with an application behind it.
        assert answer.status_code in (302, 403, 404) or (server.kind == "haproxy" and "headers" in answer.json())
        assert shipped_page() != answer.text


TRICKS = ["/admin/..%2fuser-api-forbidden/index.html", "/user-api-forbidden/../admin/index.html", "//user-api-forbidden/../admin/index.html",
          "/admin/index.html/user-api-forbidden", "/admin//index.html", "/login/../admin/index.html", "/login/%2e%2e/admin/index.html",
          "/login//admin/index.html", "/login../admin/index.html", "/user-api-forbidden../admin/index.html"]  # fmt: skip


@pytest.mark.parametrize("target", TRICKS)
def test_no_path_leads_by_way_of_the_page_to_what_is_guarded(server, around, client, token, target):  # noqa: F811
    before = list(around.http.seen)
    for headers in (NAVIGATION, {**NAVIGATION, **cookie_of(token)}):
        status, _, body = client.raw("GET", target, headers)
        assert status != 200 or server.kind == "haproxy", target
        assert PAGES["admin"] not in body.decode("latin-1")
    assert not [path for path in around.http.seen[len(before) :] if "app-admin" in path]


@pytest.mark.parametrize(
    "name,media",
    [("", "text/html"), ("login.css", "text/css"), ("login.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
def test_what_the_page_is_made_of_is_served_to_everybody(client, name, media):
    answer = client.get("/login/" + name)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, media)
    with open(os.path.join(REPOSITORY, "deploy", "www", name or "index.html"), "rb") as file:
        assert answer.content == file.read()


def test_nothing_else_is_served_beside_the_page(around, client, token):  # noqa: F811
    before = len(around.http.seen)
    for path in ("/login/nothing", "/login/index.html.bak"):
        assert client.get(path, headers=cookie_of(token)).status_code == 404, path
    assert len(around.http.seen) == before
