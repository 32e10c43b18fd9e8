"""Headers of guarded sites and the login page: about caches and frames, and none that the guard sent to the server."""

import os

import pytest
from support.apache import ApacheAuthnzFcgi
from support.client import Client
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.guarded import Nginx
from support.proxies import Caddy, HAProxy
from test_guard_docs import ApacheByThePage, NginxByThePage

pytestmark = pytest.mark.unsanitized

PROGRAM = {"Accept": "application/json"}
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
    "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'", "trusted-types": "'none'",
}  # fmt: skip


def started(kind, around, folder):  # noqa: F811
    return kind(os.path.join(folder, "s"), around).start()


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, NginxByThePage, ApacheByThePage], ids=lambda kind: kind.__name__)
def server(request, around, new_folder):  # noqa: F811
    running = started(request.param, around, new_folder())
    yield running
    running.stop()


@pytest.fixture
def client(server):
    return Client(server.url)


def is_kept_from_shared_caches(answer):
    given = answer.headers.get("Cache-Control", "")
    return "no-store" in given or ("private" in given and "no-cache" in given)


def policy_of(answer):
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))


@pytest.mark.parametrize("path", ["/login/", "/login/login.js", "/login/login.css", "/login/icon.svg"])
def test_the_login_page_cannot_be_framed_sniffed_or_kept(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert policy_of(answer) == POLICY
    wanted = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-cache"}
    assert {name: answer.headers.get(name) for name in wanted} == wanted


def test_the_page_that_mod_fcgid_shows_in_place_is_as_well_kept(around, new_folder):  # noqa: F811
    running = started(next(kind for kind in SERVERS if kind.kind == "apache-fcgid"), around, new_folder())
    answer = Client(running.url).get("/private/")
    assert answer.status_code == 401 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-cache" in answer.headers["Cache-Control"]


def test_what_is_guarded_stays_in_no_shared_cache(client, guarded_site):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.albert)
    page = client.bearer(token).get("/private/index.html")
    assert page.status_code == 200 and is_kept_from_shared_caches(page)
    again = {"If-None-Match": page.headers["ETag"], "If-Modified-Since": page.headers.get("Last-Modified", "")}
    assert client.bearer(token).get("/private/index.html", headers=again).status_code == 304
    assert client.get("/private/index.html", headers={**again, **PROGRAM}).status_code == 401


@pytest.mark.parametrize("headers", [{}, PROGRAM, {"Authorization": "Bearer a.b.c"}], ids=["page", "program", "invalid"])
def test_a_refusal_stays_in_no_cache(server, client, headers):
    answer = client.get("/private/", headers=headers)
    assert answer.status_code in (302, 401)
    # mod_fcgid shows the login page, which contains nothing personal and is validated each time.
    assert is_kept_from_shared_caches(answer) or (server.kind == "apache-fcgid" and answer.headers["Cache-Control"] == "no-cache")


def test_a_missing_role_is_told_to_no_cache(around, guarded_site, new_folder):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.albert)
    for kind in (*SERVERS, Caddy, HAProxy):
        running = started(kind, around, new_folder())
        path = "/app-admin/page" if kind is HAProxy else "/admin/index.html"
        answer = Client(running.url).bearer(token).get(path, headers=PROGRAM)
        # RFC 9111: without a header about caching, no cache may store a 403.
        assert answer.status_code in (401, 403) and "public" not in answer.headers.get("Cache-Control", "")
        running.stop()


def test_what_the_guard_told_the_server_does_not_reach_the_client(client, guarded_site):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.user())
    for path in ("/private/", "/private/index.html", "/app/page", "/cgi/show"):
        answer = client.bearer(token).get(path, headers=PROGRAM)
        told = [name for name in answer.headers if name.lower().startswith(("variable-", "x-user-", "x-login-"))]
        assert told == [], path


def test_another_site_cannot_log_a_visitor_in(client, guarded_site):  # noqa: F811
    """Without a preflight, another site's forms and scripts can send only these media types."""
    user = guarded_site.seed.albert
    body = f'{{"email": "{user.email}", "password": "{user.password}"}}'
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        for origin, status in (({}, 422), ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403)):
            answer = client.request("POST", "/api/users/login", data=body, headers={"Content-Type": media, **origin})
            assert answer.status_code == status and "Set-Cookie" not in answer.headers, (media, origin)
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = client.request("OPTIONS", "/api/users/login", headers=preflight)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_the_way_to_the_login_is_a_path_whatever_the_client_calls_the_site(server, client):
    if server.kind == "apache-fcgid":
        pytest.skip("it shows the page in place")
    names = [{}] if server.kind == "caddy" else [{}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}]
    for headers in names:
        assert client.get("/private/", headers=headers).headers["Location"] == "/login/?next=/private/"


@pytest.mark.parametrize("kind", [Nginx, ApacheAuthnzFcgi], ids=lambda kind: kind.kind)
def test_the_cookie_is_only_for_this_site_and_for_no_script(kind, around, guarded_site, new_folder):  # noqa: F811
    running = started(kind, around, new_folder())
    answer = Client(running.url).login(guarded_site.seed.albert.email, guarded_site.seed.albert.password)
    flags = [part.strip() for part in answer.headers["Set-Cookie"].split(";")[1:]]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not [flag for flag in flags if flag.lower().startswith("domain")]
