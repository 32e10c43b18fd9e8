"""DELETE /api/users/<id>."""

import pytest
from support.client import (
    assert_error,
    assert_invalid_token,
    assert_wrong_login,
    token_of,
    what_was_said,
)
from support.grants import minted, state
from support.transactions import at_once

ROUNDS = 12


@pytest.fixture(scope="module")
def alice(site):
    return minted(site, site.seed.alice)


def new(email):
    return {"active": True, "email": email, "name": "n", "password": "12345678", "roles": []}


def delete(client, user):
    answer = client.delete(f"/api/users/{user.id}")
    assert answer.status_code == 204, answer.text


def test_the_answer_is_204_without_a_body_a_type_and_a_length(site, alice):
    user = site.seed.user()
    headers = {"Authorization": f"Bearer {alice.token}"}
    status, headers, body = site.client.raw("DELETE", f"/api/users/{user.id}", headers)
    assert (status, body) == (204, b"")
    assert headers.get("Content-Type") is None
    assert headers.get("Content-Length") is None
    assert headers.get("Transfer-Encoding") is None
    assert headers["X-Request-Id"] and headers["Cache-Control"] == "no-store"


def test_the_connection_goes_on_behind_a_204(site, alice):
    for _ in range(3):
        delete(alice, site.seed.user())
        assert alice.get("/api/users/token").status_code == 200


def test_the_user_is_gone_with_their_roles_and_what_is_known_of_their_tokens(site, alice):
    user, other = site.seed.user(roles=("reader", "writer")), site.seed.user(roles=("reader",))
    for each in (user, other):
        assert minted(site, each).post("/api/users/logout").status_code == 200
    assert site.sql("SELECT count(*) FROM revoked_token WHERE user_id = %s", (user.id,)) == [(1,)]
    before = state(site, other)
    delete(alice, user)
    for table, column in (("_user", "id"), ("user_has_role", "user_id"), ("revoked_token", "user_id")):
        assert site.sql(f"SELECT count(*) FROM {table} WHERE {column} = %s", (user.id,)) == [(0,)]
    assert state(site, other) == before
    assert site.sql("SELECT count(*) FROM revoked_token WHERE user_id = %s", (other.id,)) == [(1,)]
    assert alice.get(f"/api/users/{user.id}").status_code == 404
    assert alice.get(f"/api/users/?email={user.email}").json()["users"] == []


def test_their_tokens_are_dead_at_once_in_every_worker(site, alice):
    user = site.seed.user(roles=("admin",))
    clients = [site.login(user), minted(site, user)]
    delete(alice, user)
    for client in clients:
        for _ in range(2 * site.pool.workers):
            assert_invalid_token(client.get("/api/users/token"))
        assert_invalid_token(client.get("/api/users/"))
        assert client.get("/api/guard").status_code == 401
    assert_wrong_login(site.client.login(user.email, user.password))


def test_an_inactive_user_can_be_deleted(site, alice):
    delete(alice, site.seed.user(active=False))


def test_who_does_not_exist_is_not_found_nor_is_anybody_twice(site, alice):
    user = site.seed.user()
    delete(alice, user)
    for number in (user.id, 2147483647):
        assert_error(alice.delete(f"/api/users/{number}"), 404, "NOT_FOUND", "User not found.")


@pytest.mark.parametrize("number", ["0", "4294967297", "99999999999999999999", "-1", "x", "1.0", "%31%00"])
def test_what_is_no_id_is_no_path_and_never_somebody_else(site, alice, number):
    before = site.sql("SELECT count(*) FROM _user")
    assert alice.delete(f"/api/users/{number}").status_code in (400, 404, 405)
    assert site.sql("SELECT count(*) FROM _user") == before


def test_another_customers_user_is_answered_exactly_like_a_missing_one_and_stays(site, alice):
    before = state(site, site.seed.bob)
    foreign = alice.delete(f"/api/users/{site.seed.bob.id}")
    assert what_was_said(foreign) == what_was_said(alice.delete("/api/users/2147483647"))
    assert state(site, site.seed.bob) == before


def test_nobody_deletes_themselves(site, alice):
    before = state(site, site.seed.alice)
    assert_error(alice.delete(f"/api/users/{site.seed.alice.id}"), 409, "CONFLICT", "You can't delete yourself.")
    assert state(site, site.seed.alice) == before
    assert alice.get("/api/users/token").status_code == 200


def test_only_admins_may(site):
    user = site.seed.user()
    assert_error(site.client.delete(f"/api/users/{user.id}"), 401, "UNAUTHORIZED", "No credentials supplied.")
    answer = minted(site, site.seed.albert).delete(f"/api/users/{user.id}")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    answer = minted(site, user).delete(f"/api/users/{user.id}")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert state(site, user) is not None


# --- other programs' tables that refer to users ---

HOSTS = {
    "at once": "REFERENCES _user (id)",
    "restricting": "REFERENCES _user (id) ON DELETE RESTRICT",
    "at the end of the transaction": "REFERENCES _user (id) DEFERRABLE INITIALLY DEFERRED",
}


@pytest.fixture
def host(site):
    """Returns a function that makes another program's table, which refers to users."""
    yield lambda reference: site.sql(f"CREATE TABLE host (user_id integer {reference})")
    site.sql("DROP TABLE IF EXISTS host")


@pytest.mark.parametrize("checked", HOSTS)
def test_a_user_to_whom_other_data_refers_stays_with_roles_and_tokens(site, alice, host, checked):
    user = site.seed.user(roles=("reader",))
    host(HOSTS[checked])
    site.sql("INSERT INTO host VALUES (%s)", (user.id,))
    before = state(site, user)
    client = minted(site, user)
    answer = alice.delete(f"/api/users/{user.id}")
    assert_error(answer, 409, "CONFLICT", "Other data refers to the user.")
    assert state(site, user) == before
    assert client.get("/api/users/token").status_code == 200
    site.sql("DELETE FROM host")
    delete(alice, user)


@pytest.mark.parametrize("action,left", [("CASCADE", []), ("SET NULL", [(None,)])])
def test_a_table_that_says_what_is_to_become_of_its_rows_gets_that(site, alice, host, action, left):
    user = site.seed.user()
    host(f"REFERENCES _user (id) ON DELETE {action}")
    site.sql("INSERT INTO host VALUES (%s)", (user.id,))
    delete(alice, user)
    assert site.sql("SELECT user_id FROM host") == left


# --- the email afterwards ---


def test_the_email_can_be_registered_again_by_somebody_who_is_somebody_else(site, alice):
    user = site.seed.user(roles=("admin",))
    old = minted(site, user)
    delete(alice, user)
    answer = alice.post("/api/users/", new(user.email))
    assert answer.status_code == 201
    assert answer.json()["id"] > user.id
    assert_invalid_token(old.get("/api/users/token"))
    assert_wrong_login(site.client.login(user.email, user.password))
    assert site.client.login(user.email, "12345678").json()["id"] == answer.json()["id"]


def test_the_email_can_be_registered_by_another_customer(site, alice):
    user = site.seed.user()
    delete(alice, user)
    answer = minted(site, site.seed.bella).post("/api/users/", new(user.email))
    assert (answer.status_code, answer.json()["customer"]) == (201, {"id": site.seed.b})


# --- at the same time ---


def test_of_two_deletions_at_once_one_finds_nobody(site):
    for _ in range(ROUNDS):
        user = site.seed.user()
        clients = [minted(site, site.seed.alice) for _ in range(2)]
        answers = at_once(*[lambda client=each: client.delete(f"/api/users/{user.id}") for each in clients])
        assert sorted(answer.status_code for answer in answers) == [204, 404]


def test_a_registration_beside_the_deletion_of_its_email_is_either_a_conflict_or_a_new_user(site):
    deleting, registering = (minted(site, site.seed.alice) for _ in range(2))
    for _ in range(ROUNDS):
        user = site.seed.user()
        deleted, registered = at_once(
            lambda user=user: deleting.delete(f"/api/users/{user.id}"),
            lambda user=user: registering.post("/api/users/", new(user.email)),
        )
        assert deleted.status_code == 204
        assert registered.status_code in (201, 409)
        left = site.sql("SELECT id FROM _user WHERE email = %s", (user.email,))
        assert left == ([(registered.json()["id"],)] if registered.status_code == 201 else [])


def test_a_login_beside_the_deletion_of_its_user_leaves_no_live_token(site):
    deleting = minted(site, site.seed.alice)
    clients = [site.client.bearer(None) for _ in range(2)]
    for _ in range(ROUNDS):
        user = site.seed.user()
        logins = [lambda client=client, user=user: client.login(user.email, user.password) for client in clients]
        deleted, *answers = at_once(lambda user=user: deleting.delete(f"/api/users/{user.id}"), *logins)
        assert deleted.status_code == 204
        for answer in answers:
            assert answer.status_code in (200, 401), answer.text
            if answer.status_code == 200:
                assert_invalid_token(site.client.bearer(token_of(answer)).get("/api/users/token"))


def test_a_change_beside_the_deletion_is_made_before_or_finds_nobody(site):
    deleting, changing = (minted(site, site.seed.alice) for _ in range(2))
    for _ in range(ROUNDS):
        user = site.seed.user(roles=("reader",))
        change = {"active": True, "email": user.email, "name": "Changed", "roles": [{"id": 3}]}
        deleted, changed = at_once(
            lambda user=user: deleting.delete(f"/api/users/{user.id}"),
            lambda user=user, change=change: changing.put(f"/api/users/{user.id}", change),
        )
        assert deleted.status_code == 204
        assert changed.status_code in (200, 404)
        assert state(site, user) is None
