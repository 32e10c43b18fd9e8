"""Forward-auth behind Caddy and HAProxy, with the configurations of deploy/guard/ as they are shipped."""

import os
import time

import pytest
from support.backend import received
from support.client import Client, cookie_of
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import PAGES
from support.proxies import Caddy, HAProxy
from test_guard_servers import NAMES, PROGRAM, SPELLINGS, WAYS, identity, is_denied, is_let_in, served

pytestmark = pytest.mark.unsanitized


@pytest.fixture(scope="module", params=[Caddy, HAProxy], ids=lambda proxy: proxy.kind)
def proxy(request, around, new_folder):  # noqa: F811
    started = request.param(os.path.join(new_folder(), "s"), around).start()
    yield started
    started.stop()


@pytest.fixture
def client(proxy):
    return Client(proxy.url)


def paths(proxy, *kinds):
    known = {"connected": ["/app/page"], "admins": ["/app-admin/page"]}
    if proxy.kind == "caddy":
        known["connected"].append("/private/index.html")
        known["admins"].append("/admin/index.html")
    return [path for kind in kinds for path in known[kind]]


@pytest.mark.parametrize("way", WAYS)
def test_who_is_let_in_and_who_is_not(proxy, client, guarded_site, way):  # noqa: F811
    site = guarded_site
    user = site.seed.user(roles=("reader",))
    revoked = site.token(user)
    site.client.bearer(revoked).get("/api/users/logout")
    wrong = ["a.b.c", revoked, site.mint(user, exp=int(time.time()) - 5), site.mint(user, secret="x" * 40)]
    for path in paths(proxy, "connected", "admins"):
        is_denied(client.get(path, headers=PROGRAM), 401)
        for token in wrong:
            is_denied(client.get(path, headers={**PROGRAM, **WAYS[way](token)}), 401)
        is_let_in(client.get(path, headers={**PROGRAM, **WAYS[way](site.token(site.seed.alice))}))
    for path in paths(proxy, "connected"):
        is_let_in(client.get(path, headers={**PROGRAM, **WAYS[way](site.token(user))}))
    for path in paths(proxy, "admins"):
        is_denied(client.get(path, headers={**PROGRAM, **WAYS[way](site.token(user))}), 403)


def test_identity_arrives_intact_and_a_forged_one_never(proxy, client, guarded_site):  # noqa: F811
    user = guarded_site.seed.user(NAMES["quotes"] + NAMES["umlauts"] + NAMES["newline"], email=f"ü@{proxy.kind}.example", roles=("reader",))
    token = guarded_site.token(user)
    for spelling in SPELLINGS + [name.upper() for name in SPELLINGS]:
        answer = client.bearer(token).get("/app/page", headers={**PROGRAM, spelling: "forged"})
        is_let_in(answer)
        assert "forged" not in [value for _, value in received(answer)[0]], spelling
        assert identity(answer)["HTTP_X_USER_NAME"] == user.name


TRICKS = ["/app/../app/page", "//app/page", "/%61pp/page", "/APP/page", "/app%2fpage", "/app", "/open/../app/page",
          "/open/%2e%2e/private/index.html", "//private/index.html", "/PRIVATE/index.html", "/private", "/private/",
          "/app-admin/page", "/api/../app/page", "/api/..%2fapp/page", "/api//../app/page"]  # fmt: skip


@pytest.mark.parametrize("target", TRICKS)
def test_no_path_opens_the_door(client, around, guarded_site, target):  # noqa: F811
    before = len(around.http.seen)
    status, _, body = served(client, target, PROGRAM)
    assert status != 200 and PAGES["private"] not in body
    assert len(around.http.seen) == before


@pytest.mark.parametrize("target", ["/APP-ADMIN/page", "/app/../app-admin/page", "/%61pp-admin/page", "/app%2d%61dmin/page", "//app-admin/page"])
def test_no_path_opens_what_a_role_guards(client, around, guarded_site, target):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.albert)
    before = len(around.http.seen)
    status, _, _ = served(client, target, {**PROGRAM, "Authorization": f"Bearer {token}"})
    assert status != 200 or around.http.seen[before:] == ["/app/page"]


def test_a_page_is_sent_to_the_login(client):
    answer = client.get("/app/page?a=b&c=d")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/app/page%3Fa%3Db%26c%3Dd")


def test_closed_while_user_api_is_stopped(proxy, client, guarded_site, around):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.alice)
    for stopped in (guarded_site.pool, guarded_site.nginx):
        before = list(around.http.seen)
        stopped.stop()
        try:
            for path in paths(proxy, "connected", "admins"):
                answer = client.get(path, headers={**PROGRAM, **cookie_of(token)})
                assert answer.status_code >= 400 and around.http.seen == before
        finally:
            stopped.start()
