"""POST /api/users/<id>/logout: an admin ends all sessions of a user."""

import pytest
from support.client import assert_error, assert_invalid_token, set_cookie, what_was_said
from support.grants import minted, state


@pytest.fixture(scope="module")
def alice(site):
    return minted(site, site.seed.alice)


def test_the_answer_is_204_without_a_body_a_type_and_a_length(site, alice):
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Length": "0"}
    status, headers, body = site.client.raw("POST", f"/api/users/{site.seed.user().id}/logout", headers)
    assert (status, body) == (204, b"")
    assert headers.get("Content-Type") is None
    assert headers.get("Content-Length") is None
    assert headers.get("Set-Cookie") is None


def test_all_sessions_of_the_user_end_at_once_in_every_worker(site, alice):
    user = site.seed.user()
    clients = [site.login(user), site.login(user), minted(site, user)]
    assert all(client.get("/api/users/token").status_code == 200 for client in clients)
    assert alice.post(f"/api/users/{user.id}/logout").status_code == 204
    for client in clients:
        for _ in range(2 * site.pool.workers):
            assert_invalid_token(client.get("/api/users/token"))
        assert client.get("/api/guard").status_code == 401


def test_nothing_else_changes_and_the_next_login_counts(site, alice):
    user = site.seed.user(roles=("reader",))
    before = state(site, user)
    assert alice.post(f"/api/users/{user.id}/logout").status_code == 204
    after = state(site, user)
    assert after[0].pop("epoch") == before[0].pop("epoch") + 1
    assert after == before
    assert site.login(user).get("/api/users/token").status_code == 200


def test_other_users_sessions_are_left_alone(site, alice):
    user, other = site.seed.user(), site.seed.user()
    client = minted(site, other)
    assert alice.post(f"/api/users/{user.id}/logout").status_code == 204
    assert client.get("/api/users/token").status_code == 200
    assert alice.get("/api/users/token").status_code == 200


def test_a_body_does_not_matter(site, alice):
    for body in ({"id": 1}, {}):
        assert alice.post(f"/api/users/{site.seed.user().id}/logout", body).status_code == 204
    answer = alice.post(f"/api/users/{site.seed.user().id}/logout", data=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 204


def test_an_inactive_user_can_be_logged_out(site, alice):
    assert alice.post(f"/api/users/{site.seed.user(active=False).id}/logout").status_code == 204


def test_admins_can_end_their_own_sessions(site):
    user = site.seed.user(roles=("admin",))
    client, other = site.login(user), site.login(user)
    answer = client.post(f"/api/users/{user.id}/logout")
    assert answer.status_code == 204
    assert set_cookie(answer) is None
    for each in (client, other):
        assert_invalid_token(each.get("/api/users/token"))


def test_who_does_not_exist_is_not_found_and_another_customers_user_is_answered_alike(site, alice):
    missing = alice.post("/api/users/2147483647/logout")
    assert_error(missing, 404, "NOT_FOUND", "User not found.")
    session = minted(site, site.seed.bob)
    assert what_was_said(alice.post(f"/api/users/{site.seed.bob.id}/logout")) == what_was_said(missing)
    assert session.get("/api/users/token").status_code == 200


def test_only_admins_may_nobody_else_for_themselves_either(site):
    user = site.seed.user()
    path = f"/api/users/{user.id}/logout"
    assert_error(site.client.post(path), 401, "UNAUTHORIZED", "No credentials supplied.")
    client = minted(site, user)
    assert_error(client.post(path), 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert client.get("/api/users/token").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_no_other_method_logs_anybody_out(site, alice, method):
    user = site.seed.user()
    client = minted(site, user)
    answer = alice.request(method, f"/api/users/{user.id}/logout")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert client.get("/api/users/token").status_code == 200
