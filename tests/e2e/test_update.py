"""PUT /api/users/<id>."""

import pytest
from support import seed
from support.client import (
    assert_error,
    assert_invalid_token,
    assert_json,
    assert_wrong_document,
    assert_wrong_login,
    set_cookie,
    token_of,
    what_was_said,
)
from support.crypt import crypt
from support.transactions import beside, transaction


def update(site, user, **changes):
    document = {"email": user.email, "name": user.name, "active": user.active, **changes}
    document = {name: value for name, value in document.items() if value is not ...}
    return site.login(site.seed.alice).put(f"/api/users/{user.id}", document)


def test_the_answer_is_the_user_with_roles(site):
    user = site.seed.user(roles=("reader",))
    answer = update(
        site, user, email="changed@example.org", name="Changed", active=False, roles=[{"id": 3}, {"id": 1}]
    )
    changed = user.full(
        email="changed@example.org", name="Changed", active=False, roles=seed.roles("admin", "writer")
    )
    assert_json(answer, 200, changed)
    assert_json(site.login(site.seed.alice).get(f"/api/users/{user.id}"), 200, changed)


def test_no_roles_in_the_document_leaves_the_roles_alone(site):
    user = site.seed.user(roles=("reader", "writer"))
    assert_json(update(site, user, name="n"), 200, user.full(name="n"))


def test_an_empty_list_removes_all_roles(site):
    user = site.seed.user(roles=("reader", "writer"))
    assert_json(update(site, user, roles=[]), 200, user.full(roles=[]))
    assert site.seed.row(user)[5] == []


def test_the_roles_given_replace_those_there_were(site):
    user = site.seed.user(roles=("reader", "writer"))
    answer = update(site, user, roles=[{"id": 3}, {"id": 1, "code": "x"}, {"id": 3}])
    assert_json(answer, 200, user.full(roles=seed.roles("admin", "writer")))


def test_no_password_in_the_document_leaves_the_password_alone(site):
    user = site.seed.user()
    before = site.seed.row(user)[3:5]
    assert update(site, user, name="n").status_code == 200
    assert site.seed.row(user)[3:5] == before
    assert site.client.login(user.email, user.password).status_code == 200


def test_a_password_in_the_document_becomes_the_password(site):
    user = site.seed.user()
    assert update(site, user, password="brand new one").status_code == 200
    assert site.client.login(user.email, "brand new one").status_code == 200
    assert_wrong_login(site.client.login(user.email, user.password))
    _, _, _, stored, salt, _ = site.seed.row(user)
    assert salt.startswith("$2b$04$") and stored == crypt("brand new one", salt)


@pytest.mark.parametrize("number", [1, 999, 0, -5])
def test_the_id_in_the_document_is_ignored(site, number):
    user = site.seed.user()
    alice = site.seed.row(site.seed.alice)
    assert_json(update(site, user, id=number, name="n"), 200, user.full(name="n"))
    assert site.seed.row(site.seed.alice) == alice


def test_a_user_who_does_not_exist_is_not_found(site):
    ghost = seed.User(2147483647, "ghost@example.org", "g", "", site.seed.a)
    assert_error(update(site, ghost), 404, "NOT_FOUND", "User not found.")


def test_another_customers_user_is_answered_exactly_like_a_missing_one_and_left_alone(site):
    bob = site.seed.bob
    before = site.seed.row(bob)
    change = {
        "email": "stolen@example.org",
        "name": "Stolen",
        "password": "stolen password",
        "roles": [{"id": 1}],
    }
    foreign = update(site, bob, **change)
    ghost = seed.User(2147483647, "ghost@example.org", "g", "", site.seed.a)
    assert what_was_said(foreign) == what_was_said(update(site, ghost, **change))
    assert site.seed.row(bob) == before


def test_neither_a_conflict_nor_an_unknown_role_tells_a_foreign_user_from_a_missing_one(site):
    ghost = seed.User(2147483647, "ghost@example.org", "g", "", site.seed.a)
    for change in ({"email": site.seed.albert.email}, {"roles": [{"id": 99}]}):
        foreign, missing = update(site, site.seed.bob, **change), update(site, ghost, **change)
        assert what_was_said(foreign) == what_was_said(missing)


def test_a_conflict_changes_nothing_the_password_and_the_roles_included(site):
    user = site.seed.user(roles=("reader",))
    before = site.seed.row(user)
    for taken in (site.seed.albert.email, site.seed.albert.email.upper(), site.seed.bob.email):
        change = {
            "email": taken,
            "name": "n",
            "password": "brand new one",
            "roles": [{"id": 3}],
            "active": False,
        }
        assert_error(update(site, user, **change), 409, "CONFLICT", "Conflict.")
    assert site.seed.row(user) == before
    assert site.client.login(user.email, user.password).status_code == 200


def test_a_conflict_logs_nobody_out(site):
    user = site.seed.user()
    client = site.login(user)
    change = {"email": site.seed.albert.email, "password": "brand new one", "active": False}
    assert update(site, user, **change).status_code == 409
    assert client.get("/api/users/token").status_code == 200


def test_an_unknown_role_changes_nothing(site):
    user = site.seed.user(roles=("reader",))
    before = site.seed.row(user)
    answer = update(site, user, name="n", password="brand new one", roles=[{"id": 3}, {"id": 99}])
    assert_wrong_document(answer, {"roles": [{"1": ["unknown role"]}]})
    assert site.seed.row(user) == before


def test_users_may_keep_their_email_or_change_its_case(site):
    user = site.seed.user()
    assert_json(update(site, user), 200, user.full())
    assert_json(update(site, user, email=user.email.upper()), 200, user.full(email=user.email.upper()))
    assert site.client.login(user.email, user.password).status_code == 200


def test_the_old_email_is_free_afterwards(site):
    user, other = site.seed.user(), site.seed.user()
    assert update(site, user, email="moved@example.org").status_code == 200
    assert update(site, other, email=user.email).status_code == 200
    for email, owner in (("moved@example.org", user), (user.email, other)):
        assert site.client.login(email, owner.password).json()["id"] == owner.id
    assert_wrong_login(site.client.login(other.email, other.password))


def test_email_name_and_active_are_required_and_the_rest_is_not(site):
    user = site.seed.user()
    answer = update(site, user, email=..., name=..., active=...)
    assert_wrong_document(answer, {name: ["required field"] for name in ("active", "email", "name")})


def test_what_nobody_knows_is_refused(site):
    user = site.seed.user()
    answer = update(site, user, customer={"id": site.seed.b}, hash="x")
    assert_wrong_document(answer, {"customer": ["unknown field"], "hash": ["unknown field"]})


def test_optional_fields_must_not_be_null(site):
    answer = update(site, site.seed.user(), password=None, roles=None)
    assert_wrong_document(answer, {name: ["null value not allowed"] for name in ("password", "roles")})


def test_the_password_rules_hold(site):
    user = site.seed.user()
    assert_wrong_document(update(site, user, password="1234567"), {"password": ["min length is 8"]})
    assert_wrong_document(update(site, user, password="x" * 73), {"password": ["max length is 72"]})


# --- users who change themselves ---


def put_own(client, user, **changes):
    return client.put(f"/api/users/{user.id}", {"email": user.email, "name": user.name, "active": True, **changes})


@pytest.mark.parametrize(
    "changes",
    [{"email": "own@example.org"}, {"password": "brand new one"}, {"roles": [{"id": 1}, {"id": 2}]}],
    ids=["email", "password", "roles"],
)
def test_whoever_ends_their_own_sessions_gets_a_fresh_cookie(site, changes):
    user = site.seed.user(roles=("admin",))
    client, other = site.login(user), site.login(user)
    answer = put_own(client, user, **changes)
    assert answer.status_code == 200
    cookie = set_cookie(answer)
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    for ended in (client, other):
        assert_invalid_token(ended.get("/api/users/token"))
    again = site.client.bearer(token_of(answer)).get("/api/users/token").json()
    assert {**again, "exp": 0} == {**answer.json(), "exp": 0}


def test_whoever_changes_only_their_name_keeps_the_session(site):
    user = site.seed.user(roles=("admin",))
    client = site.login(user)
    assert set_cookie(put_own(client, user, name="Renamed", roles=[{"id": 1}])) is None
    assert client.get("/api/users/token").status_code == 200


def test_whoever_changes_another_keeps_session_and_cookie(site):
    user = site.seed.user()
    assert set_cookie(update(site, user, email="another@example.org", password="brand new one")) is None


def test_whoever_deactivates_themselves_gets_no_cookie(site):
    user = site.seed.user(roles=("admin",))
    answer = put_own(site.login(user), user, active=False)
    assert (answer.status_code, set_cookie(answer)) == (200, None)


@pytest.mark.parametrize("path", ["/api/users/{0.id}", "/api/users/reset-password"])
def test_a_session_that_is_ended_meanwhile_is_replaced_by_none(site, path):
    user = site.seed.user(roles=("admin",))
    client = site.login(user)
    document = {"email": user.email, "password": "brand new one"}
    if "reset" not in path:
        document = {**document, "name": user.name, "active": True}
    send = client.post if "reset" in path else client.put
    with transaction(site) as other:
        other.sql("UPDATE _user SET epoch = epoch + 1 WHERE id = %s", (user.id,))
        with beside(site, lambda: send(path.format(user), document)) as (pending,):
            other.commit()
    answer = pending.result()
    assert (answer.status_code, set_cookie(answer)) == (200, None)
