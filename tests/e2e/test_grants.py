"""Which roles an admin may grant and remove, and whom an admin may manage."""

import psycopg2.errors
import pytest
from support.client import assert_error, assert_invalid_token, assert_json, assert_wrong_document, set_cookie
from support.grants import document, ids, minted, roles, state, with_locked_roles
from support.transactions import beside, transaction

LOCKED = ["operator", "auditor"]


@pytest.fixture(scope="module")
def site(operated):
    return with_locked_roles(operated)


@pytest.fixture(scope="module")
def alice(site):
    return site.login(site.seed.alice)


def new(site, *granted):
    email = f"new{next(site.seed.numbers)}@example.org"
    return {"active": True, "email": email, "name": "n", "password": "12345678", "roles": ids(*granted)}


def assert_not_granted(answer, codes):
    assert_error(answer, 403, "FORBIDDEN", f"You may not grant or remove the {codes} role(s).")


def assert_not_managed(answer):
    assert_error(answer, 403, "FORBIDDEN", "You may not manage this user.")


# --- granting and removing ---


@pytest.mark.parametrize("code", LOCKED)
def test_an_admin_may_not_grant_the_role(site, alice, code):
    user = site.seed.user(roles=("reader",))
    before = state(site, user)
    for given in (roles(site, code), roles(site, "admin", "reader", code), roles(site, code, "reader") * 2):
        assert_not_granted(alice.put(f"/api/users/{user.id}", document(user, roles=ids(*given))), code)
    assert state(site, user) == before


@pytest.mark.parametrize("code", LOCKED)
def test_an_admin_may_not_register_anybody_with_the_role(site, alice, code):
    refused = new(site, *roles(site, code, "reader"))
    assert_not_granted(alice.post("/api/users/", refused), code)
    assert site.sql("SELECT 1 FROM _user WHERE email = %s", (refused["email"],)) == []


@pytest.mark.parametrize("code", LOCKED)
def test_an_admin_may_not_remove_the_role(site, alice, code):
    user = site.seed.user(roles=("reader", code))
    before = state(site, user)
    for kept in ([], roles(site, "reader"), roles(site, "reader", "writer")):
        assert_not_granted(alice.put(f"/api/users/{user.id}", document(user, roles=ids(*kept))), code)
    assert state(site, user) == before


def test_all_roles_of_an_attempt_are_named(site, alice):
    user = site.seed.user()
    granted = document(user, roles=ids(site.operator, *roles(site, "reader"), site.auditor))
    assert_not_granted(alice.put(f"/api/users/{user.id}", granted), "operator, auditor")
    assert_not_granted(alice.post("/api/users/", new(site, site.operator, site.auditor)), "operator, auditor")
    holder = site.seed.user(roles=LOCKED)
    by_id = ", ".join(role["code"] for role in roles(site, *LOCKED))
    assert_not_granted(alice.put(f"/api/users/{holder.id}", document(holder, roles=[])), by_id)
    holder = site.seed.user(roles=("auditor",))
    swapped = document(holder, roles=ids(site.operator))
    assert_not_granted(alice.put(f"/api/users/{holder.id}", swapped), "operator, auditor")


def test_as_many_roles_with_as_long_codes_as_there_can_be_are_all_named(site, alice):
    codes = [f"{number:03}" + "\U0001f511" * 252 for number in range(256)]
    given = [{"id": site.seed.role(code, assignable=False)} for code in codes]
    user = site.seed.user()
    assert_not_granted(alice.put(f"/api/users/{user.id}", document(user, roles=given)), ", ".join(codes))


@pytest.mark.parametrize("code", LOCKED)
def test_sending_back_what_the_user_has_is_no_attempt(site, alice, code):
    user = site.seed.user(roles=("reader", code))
    as_shown = alice.get(f"/api/users/{user.id}").json()
    del as_shown["customer"]
    assert_json(alice.put(f"/api/users/{user.id}", as_shown), 200, user.plain(roles=roles(site, "reader", code)))


@pytest.mark.parametrize("code", LOCKED)
def test_an_admin_may_change_the_other_roles_and_the_name_of_who_holds_it(site, alice, code):
    user = site.seed.user(roles=("reader", code))
    change = document(user, name="Changed", roles=ids(*roles(site, "writer", code)))
    changed = user.plain(name="Changed", roles=roles(site, "writer", code))
    assert_json(alice.put(f"/api/users/{user.id}", change), 200, changed)


def test_without_roles_in_the_document_they_stay(site, alice):
    user = site.seed.user(roles=("auditor",))
    answer = alice.put(f"/api/users/{user.id}", document(user, name="Changed"))
    assert_json(answer, 200, user.plain(name="Changed", roles=[site.auditor]))


def test_an_admin_grants_and_removes_every_other_role_also_admin(site, alice):
    user = site.seed.user()
    given = roles(site, "admin", "reader", "writer")
    assert_json(alice.put(f"/api/users/{user.id}", document(user, roles=ids(*given))), 200, user.full(roles=given))
    assert_json(alice.put(f"/api/users/{user.id}", document(user, roles=[])), 200, user.full())


def test_what_a_role_in_the_document_says_of_itself_does_not_count(site, alice):
    user = site.seed.user()
    disguised = {**site.auditor, "code": "reader", "name": "Reader", "assignable": True}
    assert_not_granted(alice.put(f"/api/users/{user.id}", document(user, roles=[disguised])), "auditor")
    harmless = {**roles(site, "reader")[0], "code": "operator"}
    assert alice.put(f"/api/users/{user.id}", document(user, roles=[harmless])).status_code == 200


def test_an_admin_who_holds_the_role_may_neither_pass_it_on_nor_drop_it(site):
    holder = site.seed.user(roles=("admin", "auditor"))
    client = site.login(holder)
    user = site.seed.user()
    assert_not_granted(client.put(f"/api/users/{user.id}", document(user, roles=ids(site.auditor))), "auditor")
    dropped = document(holder, roles=ids(*roles(site, "admin")))
    assert_not_granted(client.put(f"/api/users/{holder.id}", dropped), "auditor")


def test_an_unknown_role_comes_before_one_that_may_not_be_granted(site, alice):
    user = site.seed.user()
    answer = alice.put(f"/api/users/{user.id}", document(user, roles=[{"id": site.operator["id"]}, {"id": 9999}]))
    assert_wrong_document(answer, {"roles": [{"1": ["unknown role"]}]})


def test_a_missing_user_comes_before_a_role_that_may_not_be_granted_and_that_before_a_taken_email(site, alice):
    change = document(site.seed.bob, roles=ids(site.operator))
    assert_error(alice.put(f"/api/users/{site.seed.bob.id}", change), 404, "NOT_FOUND", "User not found.")
    user = site.seed.user()
    change = document(user, email=site.seed.albert.email, roles=ids(site.operator))
    assert_not_granted(alice.put(f"/api/users/{user.id}", change), "operator")


def test_a_role_that_becomes_assignable_can_be_granted_by_the_next_request(site, alice):
    user = site.seed.user()
    site.seed.role("soon", "Soon", assignable=False)
    change = document(user, roles=ids(*roles(site, "soon")))
    assert_not_granted(alice.put(f"/api/users/{user.id}", change), "soon")
    site.sql("UPDATE role SET assignable = true WHERE code = 'soon'")
    assert alice.put(f"/api/users/{user.id}", change).status_code == 200
    site.sql("UPDATE role SET assignable = false WHERE code = 'soon'")
    assert_not_granted(alice.put(f"/api/users/{user.id}", document(user, roles=[])), "soon")


# --- managing ---


def put(**changes):
    return lambda client, user: client.put(f"/api/users/{user.id}", document(user, **changes))


MANAGING = {
    "password": put(password="stolen password"),
    "email": put(email="stolen@example.org"),
    "deactivation": put(active=False),
    "reset": lambda client, user: client.post(
        "/api/users/reset-password", {"email": user.email, "password": "stolen password"}
    ),
    "email in capitals": lambda client, user: client.put(
        f"/api/users/{user.id}", document(user, email=user.email.upper())
    ),
    "logout": lambda client, user: client.post(f"/api/users/{user.id}/logout"),
    "deletion": lambda client, user: client.delete(f"/api/users/{user.id}"),
}


@pytest.mark.parametrize("code", LOCKED)
@pytest.mark.parametrize("way", MANAGING)
def test_an_admin_may_not_manage_who_holds_the_role(site, alice, code, way):
    user = site.seed.user(roles=("reader", code))
    session = minted(site, user)
    before = state(site, user)
    assert_not_managed(MANAGING[way](alice, user))
    assert state(site, user) == before
    assert session.get("/api/users/token").status_code == 200


@pytest.mark.parametrize("code", LOCKED)
def test_an_admin_may_not_activate_who_holds_the_role(site, alice, code):
    user = site.seed.user(roles=(code,), active=False)
    assert_not_managed(alice.put(f"/api/users/{user.id}", document(user, active=True)))
    assert state(site, user)[0]["active"] is False
    assert alice.put(f"/api/users/{user.id}", document(user, name="Changed")).status_code == 200


@pytest.mark.parametrize("way", MANAGING)
def test_an_admin_manages_everybody_else_other_admins_included(site, alice, way):
    user = site.seed.user(roles=("admin", "reader"), email=f"managed-{way.replace(' ', '-')}@example.org")
    assert MANAGING[way](alice, user).status_code in (200, 204)


@pytest.mark.parametrize("way", ["password", "email in capitals", "reset", "logout", "deactivation"])
def test_an_admin_who_holds_the_role_manages_themselves(site, way):
    user = site.seed.user(roles=("admin", "auditor"))
    client = minted(site, user)
    answer = MANAGING[way](client, user)
    assert answer.status_code in (200, 204)
    assert_invalid_token(client.get("/api/users/token"))
    assert (set_cookie(answer) is not None) == (way in ("password", "email in capitals", "reset"))


def test_who_holds_the_role_and_is_no_admin_resets_their_own_password_and_nobody_elses(site):
    user = site.seed.user(roles=("auditor",))
    client = minted(site, user)
    assert_error(MANAGING["reset"](client, site.seed.albert), 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert MANAGING["reset"](client, user).status_code == 200


def test_not_to_be_managed_comes_before_a_taken_email(site, alice):
    user = site.seed.user(roles=("auditor",))
    assert_not_managed(alice.put(f"/api/users/{user.id}", document(user, email=site.seed.albert.email)))


# --- while a role stops being assignable ---


LOCK = "UPDATE role SET assignable = false WHERE code = %s"
# Blocks a request that sets this email until the transaction ends.
TAKE = "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES (%s, 'n', '*', '*', true, 1)"

RACES = {
    "grant": lambda client, user, role, email: client.put(
        f"/api/users/{user.id}", document(user, email=email, roles=ids(role))
    ),
    "registration": lambda client, user, role, email: client.post(
        "/api/users/",
        {"active": True, "email": email, "name": "n", "password": "12345678", "roles": ids(role)},
    ),
    "removal": lambda client, user, role, email: client.put(
        f"/api/users/{user.id}", document(user, email=email, roles=[])
    ),
    "management": lambda client, user, role, email: client.put(
        f"/api/users/{user.id}", document(user, email=email, password="brand new one")
    ),
}


def race(site, way):
    """(a function that sends the request, the code of a new assignable role, the email that blocks the request)."""
    code = f"race{next(site.seed.numbers)}"
    site.seed.role(code)
    (role,) = roles(site, code)
    user = site.seed.user(roles=(code,) if way in ("removal", "management") else ())
    email = f"{code}@example.org"
    client = minted(site, site.seed.alice)
    return lambda: RACES[way](client, user, role, email), code, email


@pytest.mark.parametrize("way", RACES)
def test_a_request_that_comes_while_the_role_is_being_locked_waits_and_is_refused(site, way):
    send, code, _ = race(site, way)
    with transaction(site) as locking:
        locking.sql(LOCK, (code,))
        with beside(site, send) as (answer,):
            locking.commit()
    assert answer.result().status_code == 403


@pytest.mark.parametrize("way", RACES)
def test_the_role_is_not_locked_while_a_request_that_was_allowed_is_under_way(site, way):
    send, code, email = race(site, way)
    with transaction(site) as holding, transaction(site) as locking:
        holding.sql(TAKE, (email,))
        with beside(site, send) as (answer,):
            locking.sql("SET lock_timeout = '100ms'")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                locking.sql(LOCK, (code,))
            holding.sql("ROLLBACK")
    assert answer.result().status_code in (200, 201)
