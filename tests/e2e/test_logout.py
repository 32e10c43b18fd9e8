"""GET and POST /api/users/logout."""

import calendar
import email.utils

import pytest
from support.client import COOKIE, assert_error, assert_invalid_token, assert_json, cookie_of, set_cookie


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_says_so_and_clears_the_cookie(site, method):
    answer = site.login(site.seed.user()).request(method, "/api/users/logout")
    assert_json(answer, 200, {"message": "User disconnected."})
    cookie = set_cookie(answer)
    assert cookie.key == COOKIE
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    year = email.utils.parsedate(cookie["expires"])
    assert year[0] == 1970 and calendar.timegm(year) >= 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_logout_revokes_this_token_at_once_wherever_it_is_presented(site, method):
    token = site.token(site.seed.user(roles=("admin",)))
    bearer = {"Authorization": f"Bearer {token}"}
    assert site.client.request(method, "/api/users/logout", headers=bearer).status_code == 200
    for headers in (bearer, {"Authentication": f"Bearer {token}"}, cookie_of(token)):
        for path in ("/api/users/token", "/api/users/", "/api/roles/", "/api/users/logout"):
            for _ in range(site.pool.workers):
                assert_invalid_token(site.client.get(path, headers=headers))


def test_a_token_from_the_cookie_is_logged_out_as_well(site):
    token = site.token(site.seed.user())
    assert site.client.get("/api/users/logout", headers=cookie_of(token)).status_code == 200
    assert_invalid_token(site.client.bearer(token).get("/api/users/token"))


def test_the_users_other_sessions_are_left_alone(site):
    user = site.seed.user()
    first, second = site.login(user), site.login(user)
    first.get("/api/users/logout")
    assert second.get("/api/users/token").status_code == 200
    assert_invalid_token(first.get("/api/users/token"))
    assert site.login(user).get("/api/users/token").status_code == 200


def test_a_token_of_the_original_can_be_logged_out(site):
    token = site.mint(site.seed.user())
    client = site.client.bearer(token)
    assert client.get("/api/users/logout").status_code == 200
    assert_invalid_token(client.get("/api/users/token"))


@pytest.mark.parametrize("end", [9 * 10**12, 10**15, 2**62])
def test_a_token_that_ends_beyond_all_dates_can_be_logged_out(site, end):
    client = site.client.bearer(site.mint(site.seed.user(), exp=end))
    assert client.get("/api/users/logout").status_code == 200
    assert_invalid_token(client.get("/api/users/token"))


def test_another_spelling_of_the_same_token_is_logged_out_too(site):
    """The last character of a base64 segment may have spare bits, so several spellings have the same signature."""
    token = site.token(site.seed.user())
    site.client.bearer(token).get("/api/users/logout")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [token[:-1] + character for character in alphabet] + [token + "=", token + "=="]
    for spelling in spellings:
        assert_invalid_token(site.client.bearer(spelling).get("/api/users/token"))


def test_only_who_is_connected_can_leave(site):
    answer = site.client.get("/api/users/logout")
    assert_error(answer, 401, "UNAUTHORIZED", "No credentials supplied.")
    assert_invalid_token(site.client.bearer("x.y.z").get("/api/users/logout"))


def is_connected(client):
    return client.get("/api/users/token").status_code == 200


def test_head_answers_as_get_does_and_ends_nothing(site):
    client = site.login(site.seed.user())
    head = client.head("/api/users/logout")
    assert (head.status_code, head.content) == (200, b"")
    assert "Set-Cookie" not in head.headers
    assert is_connected(client)
    get = client.get("/api/users/logout")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert client.head("/api/users/logout").status_code == 401


LOOKING_AHEAD = [("Sec-Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("Sec-Purpose", "prefetch;anonymous-client-ip"),
                 ("Sec-Purpose", "Prefetch ; prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch"), ("X-Purpose", "preview")]  # fmt: skip


@pytest.mark.parametrize("name, value", LOOKING_AHEAD)
def test_a_browser_that_looks_ahead_ends_nothing_and_is_not_told_200(site, name, value):
    client = site.login(site.seed.user())
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/api/users/logout", headers={name: value})
        assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    answer = client.get("/api/users/logout", headers={name: value})
    assert_error(answer, 403, "FORBIDDEN", "A prefetch changes nothing.")
    assert is_connected(client)
    assert client.get("/api/users/logout", headers={name: "download"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_page_of_another_site_ends_a_session(site, method):
    client = site.login(site.seed.user())
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "same-site"}):
        answer = client.request(method, "/api/users/logout", headers=foreign)
        assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert is_connected(client)
    if method == "GET":
        answer = client.get("/api/users/logout", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
        assert_error(answer, 403, "FORBIDDEN", "This request comes from a page of another site.")
    for own in ("same-origin", "none", "same-site"):
        client = site.login(site.seed.user())
        assert client.get("/api/users/logout", headers={"Sec-Fetch-Site": own}).status_code == 200


def test_it_outlives_a_restart_of_the_pool(fresh_site):
    token = fresh_site.token(fresh_site.seed.alice)
    fresh_site.client.bearer(token).get("/api/users/logout")
    fresh_site.pool.terminate()
    fresh_site.pool.start()
    assert_invalid_token(fresh_site.client.bearer(token).get("/api/users/token"))
