"""Which requests the web servers let in, with the configurations of deploy/guard/ as they are shipped."""

import time
import urllib.parse

import pytest
from support.backend import received
from support.client import Client, cookie_of
from support.guard_fixtures import around, guarded, guarded_site  # noqa: F401
from support.guarded import PAGES

CONNECTED = ["/private/index.html", "/app/page", "/cgi/show"]
ADMINS = ["/admin/index.html", "/app-admin/page", "/cgi-admin/show"]
# A program's request: a login page would not help it.
PROGRAM = {"Accept": "application/json"}

WAYS = {
    "cookie": cookie_of,
    "Authorization": lambda token: {"Authorization": f"Bearer {token}"},
    "Authentication": lambda token: {"Authentication": f"Bearer {token}"},
}


@pytest.fixture
def client(guarded):  # noqa: F811
    return Client(guarded.url)


@pytest.fixture
def reader(guarded_site):  # noqa: F811
    return guarded_site.seed.user(roles=("reader",))


def is_denied(answer, status):
    """Asserts that the answer has this status and contains nothing guarded."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert not any(page in answer.text for page in PAGES.values())
    assert not answer.headers.get("Content-Type", "").startswith("application/json") or "error_code" in answer.json()


def is_let_in(answer):
    assert answer.status_code == 200, (answer.status_code, answer.text)
    if answer.headers["Content-Type"].startswith("text/html"):
        assert answer.text in PAGES.values()
    else:
        received(answer)


@pytest.mark.parametrize("path", CONNECTED + ADMINS)
def test_anonymous_is_refused(client, path):
    is_denied(client.get(path, headers=PROGRAM), 401)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", CONNECTED)
def test_connected_is_let_in(client, guarded_site, reader, path, way):  # noqa: F811
    is_let_in(client.get(path, headers={**PROGRAM, **WAYS[way](guarded_site.token(reader))}))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ADMINS)
def test_the_right_role_is_let_in_and_another_is_not(client, guarded, guarded_site, reader, path, way):  # noqa: F811
    admin = WAYS[way](guarded_site.token(guarded_site.seed.alice))
    is_let_in(client.get(path, headers={**PROGRAM, **admin}))
    is_denied(
        client.get(path, headers={**PROGRAM, **WAYS[way](guarded_site.token(reader))}), guarded.refusal
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", [CONNECTED[0], CONNECTED[1], ADMINS[2]])
def test_an_invalid_expired_or_revoked_token_is_refused(client, guarded_site, path, way):  # noqa: F811
    site = guarded_site
    user = site.seed.user(roles=("admin",))
    revoked = site.token(user)
    assert site.client.bearer(revoked).get("/api/users/logout").status_code == 200
    wrong = {
        "garbage": "a.b.c",
        "expired": site.mint(user, exp=int(time.time()) - 5),
        "without expiry": site.mint(user, exp=None),
        "forged": site.mint(user, secret="another secret of thirty-two bytes!"),
        "other algorithm": site.mint(user, algorithm="HS512"),
        "revoked": revoked,
    }
    for name, token in wrong.items():
        answer = client.get(path, headers={**PROGRAM, **WAYS[way](token)})
        assert answer.status_code == 401, name
        is_denied(answer, 401)
    is_let_in(client.get(path, headers={**PROGRAM, **WAYS[way](site.token(user))}))


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_the_method_does_not_matter(client, guarded_site, reader, method):  # noqa: F811
    body = {"data": b"x" * 1000} if method in ("POST", "PUT") else {}
    anonymous = client.request(method, "/app/page", headers=PROGRAM, **body)
    assert anonymous.status_code == 401
    connected = client.bearer(guarded_site.token(reader)).request(method, "/app/page", headers=PROGRAM, **body)
    assert connected.status_code == 200
    if method in ("POST", "PUT"):
        assert received(connected)[1] == "x" * 1000


def identity(answer):
    """The identity that the application receives, in HTTP headers or in variables; each value exactly once."""
    found = {}
    for name, value in received(answer)[0]:
        if name.startswith("HTTP_X_USER_"):
            assert name not in found, f"{name} arrived twice"
            found[name] = value
    if not found:
        names = ("USER_ID", "USER_EMAIL", "USER_NAME", "USER_ROLES", "USER_CUSTOMER")
        found = {"HTTP_X_" + name: value for name, value in received(answer)[0] if name in names}
    return {name: urllib.parse.unquote(value) for name, value in found.items()}


NAMES = {
    "plain": "Plain Name",
    "umlauts": "Jürgen Größe",
    "quotes": "O'Neil \"the\" <b>\\ %41 100%",
    "newline": "first\r\nX-Injected: yes\nlast",
    "edges": " blank at both edges ",
    "wide": "日本語 🎉",
    "variables": "${x} $(x) %{USER_ID}e %s",
    "empty-ish": "-",
    "long": "ü" * 255,
}


@pytest.mark.parametrize("which", NAMES)
@pytest.mark.parametrize("path", ["/app/page", "/cgi/show"])
def test_identity_arrives_intact(client, guarded, guarded_site, which, path):  # noqa: F811
    if path == "/app/page" and not guarded.tells_proxied:
        pytest.skip("lighttpd hands nothing to a proxied application")
    user = guarded_site.seed.user(NAMES[which], email=f"{which}+ü@{guarded.kind}.{path[1:4]}.example", roles=("reader", "writer"))
    answer = client.bearer(guarded_site.token(user)).get(path, headers=PROGRAM)
    is_let_in(answer)
    assert identity(answer) == {
        "HTTP_X_USER_ID": str(user.id),
        "HTTP_X_USER_EMAIL": user.email,
        "HTTP_X_USER_NAME": user.name,
        "HTTP_X_USER_ROLES": "reader,writer",
        "HTTP_X_USER_CUSTOMER": str(user.customer_id),
    }
    assert "X-Injected" not in answer.headers
    assert not [name for name in answer.headers if name.lower().startswith(("variable-", "x-user-"))]


SPELLINGS = [
    first + name.replace("-", dash, 1)
    for name in ("User-Id", "User-Email", "User-Name", "User-Roles", "User-Customer")
    for first in ("X-", "X_", "x-", "x_")
    for dash in ("-", "_")
]


@pytest.mark.parametrize("path", ["/app/page", "/cgi/show"])
def test_a_forged_identity_never_arrives(client, guarded_site, reader, path):  # noqa: F811
    token = guarded_site.token(reader)
    arrived = 0
    for spelling in SPELLINGS + [name.upper() for name in SPELLINGS]:
        forged = {**PROGRAM, spelling: "forged", "Authorization": f"Bearer {token}"}
        answer = client.get(path, headers=forged)
        if answer.status_code != 400:  # lighttpd refuses some spellings
            is_let_in(answer)
            arrived += 1
            assert "forged" not in [value for name, value in received(answer)[0] if "USER" in name], spelling
    assert arrived >= len(SPELLINGS)


def test_a_client_cannot_say_which_roles_are_required(client, guarded, reader, guarded_site):  # noqa: F811
    token = guarded_site.token(reader)
    for name in ("USER_API_REQUIRE_ROLES", "USER-API-REQUIRE-ROLES", "Variable-USER_ID", "FCGI_ROLE"):
        for value in ("", "reader"):
            answer = client.bearer(token).get("/admin/index.html?roles=reader", headers={**PROGRAM, name: value})
            is_denied(answer, guarded.refusal)


TRICKS = [
    "/private/../admin/index.html",
    "/open/../private/index.html",
    "/open/%2e%2e/private/index.html",
    "/open/..%2fprivate/index.html",
    "//private/index.html",
    "/private//index.html",
    "/./private/./index.html",
    "/%70rivate/index.html",
    "/private%2findex.html",
    "/private/%2e/index.html",
    "/PRIVATE/index.html",
    "/Private/Index.html",
    "/private/index.html/",
    "/private/index.html/x",
    "/private;x/index.html",
    "/private/index.html;x",
    "/private\\index.html",
    "/private/index.html%00",
    "/private/index.html%20",
    "/private",
    "/private/",
    "/private/?x=../open/",
    "/open/..;/private/index.html",
    "/open/%252e%252e/private/index.html",
    "/app/../app/page",
    "//app/page",
    "/%61pp/page",
    "/APP/page",
    "/app",
    "/app%2fpage",
    "/app-admin/../app/page",
    "/open/../app/page",
    "/cgi/../cgi/show",
    "//cgi/show",
    "/%63gi/show",
    "/cgi/show/more",
    "/cgi//show",
    "/cgi%2fshow",
    "http://other.example/private/index.html",
    "/private/index.html?" + "x" * 3000,
    "/private/" + "y/" * 40 + "../" * 40 + "index.html",
]


def served(target_client, target, headers):
    status, found, body = target_client.raw("GET", target, headers)
    return status, found, body.decode("latin-1")


@pytest.mark.parametrize("target", TRICKS)
def test_no_path_opens_the_door(client, around, target):  # noqa: F811
    before = len(around.http.seen)
    status, _, body = served(client, target, PROGRAM)
    assert status != 200, body
    assert PAGES["private"] not in body and PAGES["admin"] not in body
    assert '"parameters"' not in body and '"environment"' not in body
    assert len(around.http.seen) == before


ROLE_TRICKS = [
    "/private/../admin/index.html",
    "/admin/../admin/index.html",
    "//admin/index.html",
    "/%61dmin/index.html",
    "/private/%2e%2e/admin/index.html",
    "/private/..%2fadmin/index.html",
    "/admin//index.html",
    "/admin",
    "/admin/",
    "/app/../app-admin/page",
    "/app/%2e%2e/app-admin/page",
    "//app-admin/page",
    "/cgi/../cgi-admin/show",
    "/cgi/..%2fcgi-admin/show",
]


@pytest.mark.parametrize("target", ROLE_TRICKS)
def test_no_path_opens_what_a_role_guards(client, around, guarded_site, reader, target):  # noqa: F811
    token = guarded_site.token(reader)
    before = list(around.http.seen)
    status, _, body = served(client, target, {**PROGRAM, "Authorization": f"Bearer {token}"})
    assert PAGES["admin"] not in body
    assert not [path for path in around.http.seen[len(before) :] if "app-admin" in path.split("..")[-1]]
    assert "cgi-admin/show" not in body or status != 200, body


def test_what_is_not_guarded_stays_open(client):
    answer = client.get("/open/index.html")
    assert (answer.status_code, answer.text) == (200, PAGES["open"])


def test_the_folder_itself_shows_its_page(client, guarded_site, reader):  # noqa: F811
    is_let_in(client.bearer(guarded_site.token(reader)).get("/private/", headers=PROGRAM))


def test_the_api_works_behind_the_same_server(client, guarded_site):  # noqa: F811
    alice = guarded_site.seed.alice
    answer = client.login(alice.email, alice.password)
    assert answer.status_code == 200, answer.text
    cookies = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
    is_let_in(client.get("/admin/index.html", headers=cookies))
    assert client.get("/api/users/logout", headers=cookies).status_code == 200
    is_denied(client.get("/admin/index.html", headers={**cookies, **PROGRAM}), 401)
