"""Which changes end a user's sessions, and which do not."""

import pytest
from support.client import assert_error, assert_invalid_token
from support.processes import wait_until


def update(site, user, **changes):
    document = {"email": user.email, "name": user.name, "active": user.active, **changes}
    answer = site.login(site.seed.alice).put(f"/api/users/{user.id}", document)
    assert answer.status_code == 200, answer.text


def sessions(site, user):
    """Two sessions: one from a login, and one with a token as the original creates it."""
    clients = [site.login(user), site.client.bearer(site.mint(user))]
    assert all(client.get("/api/users/token").status_code == 200 for client in clients)
    return clients


@pytest.mark.parametrize(
    "change",
    [
        {"password": "brand new one"},
        {"email": "LOUD@example.org"},
        {"active": False},
        {"roles": []},
        {"roles": [{"id": 1}]},
        {"roles": [{"id": 2}, {"id": 3}]},
    ],
    ids=["password", "case of the email", "deactivation", "role taken", "role replaced", "role added"],
)
def test_ends_them_at_once_in_every_worker(site, change):
    user = site.seed.user(email=change.get("email", "").lower() or None, roles=("reader",))
    clients = sessions(site, user)
    update(site, user, **change)
    for client in clients:
        for _ in range(2 * site.pool.workers):
            assert_invalid_token(client.get("/api/users/token"))


@pytest.mark.parametrize(
    "change",
    [{}, {"name": "Renamed"}, {"roles": [{"id": 2}]}, {"roles": [{"id": 2}, {"id": 2}]}],
    ids=["nothing", "name", "same roles", "same roles twice"],
)
def test_leaves_them_alone(site, change):
    user = site.seed.user(roles=("reader",))
    clients = sessions(site, user)
    update(site, user, **change)
    for client in clients:
        assert client.get("/api/users/token").status_code == 200


def test_whoever_gets_an_email_that_was_somebody_elses_is_the_only_one_who_has_it(site):
    ann = site.seed.user("ann")
    token = site.token(ann)
    assert site.client.bearer(token).get("/api/guard").headers["X-User-Email"] == ann.email
    update(site, ann, email="ann.smith@example.org")
    heir = {"email": ann.email, "name": "Another Ann", "password": ann.password, "active": True, "roles": []}
    assert site.login(site.seed.alice).post("/api/users/", heir).status_code == 201
    assert_invalid_token(site.client.bearer(token).get("/api/guard"))
    assert site.login(ann).get("/api/guard").headers["X-User-Name"] == "Another Ann"


def test_the_next_login_counts_again(site):
    user = site.seed.user()
    update(site, user, roles=[{"id": 1}])
    client = site.login(user)
    assert client.get("/api/users/").status_code == 200
    assert [role["code"] for role in client.get("/api/users/token").json()["roles"]] == ["admin"]


def test_reactivation_brings_no_old_session_back(site):
    user = site.seed.user()
    clients = sessions(site, user)
    update(site, user, active=False)
    update(site, user, active=True)
    for client in clients:
        assert_invalid_token(client.get("/api/users/token"))
    assert site.login(user).get("/api/users/token").status_code == 200


def test_a_user_deactivated_behind_our_back_is_out_as_soon_as_the_notification_is_there(site):
    user = site.seed.user()
    clients = sessions(site, user)
    site.sql("UPDATE _user SET active = false WHERE id = %s", (user.id,))
    for client in clients:
        wait_until(lambda: client.get("/api/users/token").status_code == 401, 10, "the session has ended")  # noqa: B023
        for _ in range(2 * site.pool.workers):
            assert_invalid_token(client.get("/api/users/token"))


def test_a_deactivated_user_cannot_do_anything_with_an_old_token(site):
    user = site.seed.user(roles=("admin",))
    client = site.login(user)
    update(site, user, active=False)
    for path in ("/api/users/", f"/api/users/{user.id}", "/api/roles/", "/api/users/logout"):
        assert_invalid_token(client.get(path))
    answer = site.client.login(user.email, user.password)
    assert_error(answer, 401, "UNAUTHORIZED", "User is not active.")


def test_an_admin_who_loses_the_role_is_one_no_longer(site):
    user = site.seed.user(roles=("admin",))
    client = site.login(user)
    update(site, user, roles=[])
    assert_invalid_token(client.get("/api/users/"))
    answer = site.login(user).get("/api/users/")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")


def test_other_users_sessions_are_left_alone(site):
    user, other = site.seed.user(), site.seed.user()
    client = site.login(other)
    update(site, user, password="brand new one", active=False, roles=[{"id": 1}])
    assert client.get("/api/users/token").status_code == 200


def test_logins_and_reads_end_nothing(site):
    user = site.seed.user(roles=("admin",))
    clients = sessions(site, user)
    site.client.login(user.email, "wrong password")
    site.login(user)
    clients[0].get("/api/users/")
    for client in clients:
        assert client.get("/api/users/token").status_code == 200
