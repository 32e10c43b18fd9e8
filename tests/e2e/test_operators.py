"""Rights that only operators have."""

import pytest
from support.client import (
    assert_error,
    assert_invalid_token,
    assert_json,
    assert_wrong_args,
    assert_wrong_document,
    set_cookie,
    what_was_said,
)
from support.grants import document, ids, minted, roles, state, with_locked_roles
from support.transactions import beside, transaction

NOBODYS = [0, -1, 2147483647, 2147483648, 4294967297, 9223372036854775807]
UNKNOWN = {"customer": ["unknown customer"]}


@pytest.fixture(scope="module")
def site(operated):
    return with_locked_roles(operated)


@pytest.fixture(scope="module")
def olga(site):
    return site.login(site.seed.olga)


@pytest.fixture(scope="module")
def alice(site):
    return site.login(site.seed.alice)


def new(site, **changes):
    number = next(site.seed.numbers)
    return {
        "active": True,
        "email": f"new{number}@example.org",
        "name": "New",
        "password": "12345678",
        "roles": [],
        **changes,
    }


# --- users of every customer ---


def test_without_a_customer_an_operators_list_shows_their_own(site, olga, alice):
    own = olga.get("/api/users/?limit=1000&count=true")
    assert {user["customer"]["id"] for user in own.json()["users"]} == {site.seed.a}
    assert own.content == alice.get("/api/users/?limit=1000&count=true").content


def test_an_operator_who_names_a_customer_sees_what_its_admin_sees(site, olga):
    bella = site.login(site.seed.bella)
    for query in ("?limit=1000", "?limit=1&offset=1", "?role=admin&count=true", "?name=b&active=true&after=1"):
        seen = olga.get(f"/api/users/{query}&customer={site.seed.b}")
        assert seen.content == bella.get(f"/api/users/{query}").content


def test_an_operator_may_name_their_own_customer(site, olga):
    assert olga.get(f"/api/users/?customer={site.seed.a}").content == olga.get("/api/users/").content


def test_an_operator_reads_users_of_every_customer(site, olga):
    for user in (site.seed.bob, site.seed.albert):
        assert_json(olga.get(f"/api/users/{user.id}"), 200, user.full())
        assert olga.head(f"/api/users/{user.id}").status_code == 200


def test_an_operator_changes_users_of_every_customer_who_stay_where_they_are(site, olga):
    user = site.seed.user(customer=site.seed.b)
    change = document(user, name="Changed", password="brand new one", roles=ids(*roles(site, "reader")))
    changed = user.full(name="Changed", roles=roles(site, "reader"))
    assert_json(olga.put(f"/api/users/{user.id}", change), 200, changed)
    assert site.client.login(user.email, "brand new one").status_code == 200
    assert state(site, user)[0]["customer_id"] == site.seed.b


def test_an_operator_deletes_and_logs_out_users_of_every_customer(site, olga):
    user = site.seed.user(customer=site.seed.b)
    client = minted(site, user)
    assert olga.post(f"/api/users/{user.id}/logout").status_code == 204
    assert_invalid_token(client.get("/api/users/token"))
    assert olga.delete(f"/api/users/{user.id}").status_code == 204
    assert state(site, user) is None


def test_an_operator_registers_users_in_every_customer(site, olga):
    for customer in (site.seed.a, site.seed.b):
        answer = olga.post("/api/users/", new(site, customer={"id": customer}))
        assert (answer.status_code, answer.json()["customer"]) == (201, {"id": customer})
        assert answer.headers["Location"] == f"/api/users/{answer.json()['id']}"
        assert olga.get(answer.headers["Location"]).json() == answer.json()
        assert site.sql("SELECT customer_id FROM _user WHERE id = %s", (answer.json()["id"],)) == [(customer,)]


def test_without_a_customer_an_operator_registers_in_their_own(site, olga):
    assert olga.post("/api/users/", new(site)).json()["customer"] == {"id": site.seed.a}


def test_further_keys_of_a_customer_are_ignored(site, olga):
    customer = {"id": site.seed.b, "name": 5, "max_user_quota": None, "customer": {"id": site.seed.a}}
    assert olga.post("/api/users/", new(site, customer=customer)).json()["customer"] == {"id": site.seed.b}


def test_an_operator_does_not_need_the_role_admin(site, olga):
    assert [role["code"] for role in olga.get("/api/users/token").json()["roles"]] == ["operator"]
    assert olga.get("/api/roles/").status_code == 200


def test_an_operator_grants_and_removes_every_role_and_manages_who_holds_it(site, olga):
    for customer in (site.seed.a, site.seed.b):
        user = site.seed.user(customer=customer)
        granted = olga.put(f"/api/users/{user.id}", document(user, roles=ids(site.operator, site.auditor)))
        assert_json(granted, 200, user.full(roles=roles(site, "operator", "auditor")))
        managed = document(user, email=f"managed{user.id}@example.org", password="brand new one", active=False)
        assert olga.put(f"/api/users/{user.id}", managed).status_code == 200
        assert olga.post(f"/api/users/{user.id}/logout").status_code == 204
        removed = olga.put(f"/api/users/{user.id}", document(user, roles=[]))
        assert_json(removed, 200, user.full())
        assert olga.post("/api/users/", new(site, roles=ids(site.auditor))).status_code == 201


def test_an_operator_resets_the_password_of_anybody(site, olga):
    other = site.seed.operator(customer=site.seed.b)
    for user in (site.seed.user(customer=site.seed.b, roles=("admin",)), site.seed.user(), other):
        client = minted(site, user)
        answer = olga.post("/api/users/reset-password", {"email": user.email.upper(), "password": "brand new one"})
        assert_json(answer, 200, user.plain())
        assert set_cookie(answer) is None
        assert_invalid_token(client.get("/api/users/token"))
        assert site.client.login(user.email, "brand new one").status_code == 200


def test_an_operator_who_resets_their_own_password_stays_connected(site):
    user = site.seed.operator()
    answer = minted(site, user).post("/api/users/reset-password", {"email": user.email, "password": "brand new one"})
    assert answer.status_code == 200
    assert set_cookie(answer).value


def test_an_operator_is_told_of_an_email_that_nobody_has(olga):
    answer = olga.post("/api/users/reset-password", {"email": "nobody@example.org", "password": "brand new one"})
    assert_error(answer, 422, "UNPROCESSABLE_ENTITY", "User 'nobody@example.org' doesn't exist.")


def test_a_user_who_is_nowhere_is_not_found_by_an_operator_either(olga):
    change = {"active": True, "email": "x@example.org", "name": "n"}
    assert_error(olga.get("/api/users/2147483647"), 404, "NOT_FOUND", "User '2147483647' doesn't exist.")
    for answer in (
        olga.put("/api/users/2147483647", change),
        olga.delete("/api/users/2147483647"),
        olga.post("/api/users/2147483647/logout"),
    ):
        assert_error(answer, 404, "NOT_FOUND", "User not found.")


# --- the field and the argument `customer` ---


@pytest.mark.parametrize("number", NOBODYS)
def test_an_unknown_customer_is_refused_in_the_body_and_in_the_query(site, olga, number):
    refused = new(site, customer={"id": number})
    assert_wrong_document(olga.post("/api/users/", refused), UNKNOWN)
    assert site.sql("SELECT 1 FROM _user WHERE email = %s", (refused["email"],)) == []
    assert_wrong_args(olga.get(f"/api/users/?customer={number}"), UNKNOWN)


def test_a_customer_that_is_deleted_while_a_registration_waits_is_unknown(site, olga):
    customer = site.seed.customer()
    with transaction(site) as deleting:
        deleting.sql("DELETE FROM customer WHERE id = %s", (customer,))
        with beside(site, lambda: olga.post("/api/users/", new(site, customer={"id": customer}))) as (answer,):
            deleting.commit()
    assert_wrong_document(answer.result(), UNKNOWN)


@pytest.mark.parametrize(
    "given,payload",
    [
        (None, ["null value not allowed"]),
        (2, ["must be of dict type"]),
        ("2", ["must be of dict type"]),
        ([{"id": 2}], ["must be of dict type"]),
        ({}, [{"id": ["required field"]}]),
        ({"name": "B"}, [{"id": ["required field"]}]),
        ({"id": None}, [{"id": ["null value not allowed"]}]),
        ({"id": "2"}, [{"id": ["must be of integer type"]}]),
        ({"id": 2.0}, [{"id": ["must be of integer type"]}]),
        ({"id": True}, [{"id": ["must be of integer type"]}]),
    ],
)
def test_a_customer_that_is_no_object_with_an_id_is_refused(site, olga, given, payload):
    assert_wrong_document(olga.post("/api/users/", new(site, customer=given)), {"customer": payload})


@pytest.mark.parametrize("text", ["", "b", "1.0", "1,2", "null"])
def test_a_customer_in_the_query_that_is_no_number_is_refused(olga, text):
    answer = olga.get(f"/api/users/?customer={text}")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "WRONG_ARGS")
    assert answer.json()["payload"]["customer"][-1] == "must be of integer type"


def test_whatever_else_is_wrong_is_reported_beside_a_wrong_customer(site, olga):
    answer = olga.post("/api/users/", {"customer": 5})
    assert set(answer.json()["payload"]) == {"active", "customer", "email", "name", "password", "roles"}
    answer = olga.get("/api/users/?customer=x&limit=x")
    assert set(answer.json()["payload"]) == {"customer", "limit"}


def test_to_an_admin_customer_is_an_unknown_field_and_argument_whichever_it_is(site, alice):
    for customer in (site.seed.a, site.seed.b, 2147483647):
        payload = {"customer": ["unknown field"]}
        assert_wrong_document(alice.post("/api/users/", new(site, customer={"id": customer})), payload)
        assert_wrong_args(alice.get(f"/api/users/?customer={customer}"), payload)
    assert_wrong_args(alice.get("/api/users/?customer=x"), {"customer": ["unknown field"]})


def test_who_is_neither_is_refused_before_the_document_is_looked_at(site):
    client = site.login(site.seed.albert)
    answer = client.post("/api/users/", new(site, customer={"id": site.seed.b}))
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    answer = client.get(f"/api/users/?customer={site.seed.b}")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")


def test_nobody_moves_a_user_to_another_customer_an_operator_neither(site, olga, alice):
    user = site.seed.user()
    for client in (olga, alice):
        for customer in (site.seed.a, site.seed.b):
            change = document(user, customer={"id": customer})
            assert_wrong_document(client.put(f"/api/users/{user.id}", change), {"customer": ["unknown field"]})
    assert state(site, user)[0]["customer_id"] == site.seed.a


def test_customer_is_known_to_no_other_endpoint(site, olga):
    reset = {"email": site.seed.bob.email, "password": "brand new one", "customer": {"id": site.seed.b}}
    assert_wrong_document(olga.post("/api/users/reset-password", reset), {"customer": ["unknown field"]})
    assert_wrong_args(olga.get(f"/api/roles/?customer={site.seed.b}"), {"customer": ["unknown field"]})


# --- which users are operators ---


def test_an_operator_passes_the_guards_of_no_other_customer(site, olga):
    assert olga.get(f"/api/guard?customer={site.seed.a}").status_code == 200
    assert olga.get("/api/guard?roles=operator").status_code == 200
    assert olga.get(f"/api/guard?customer={site.seed.b}").status_code == 403
    assert olga.get(f"/api/guard?customer={site.seed.b}&roles=operator").status_code == 403


def test_an_operator_passes_no_guard_for_a_role_that_they_do_not_hold(olga):
    assert olga.get("/api/guard?roles=admin").status_code == 403


def test_an_operator_from_whom_the_role_is_taken_is_one_no_longer_at_once(site, olga):
    user = site.seed.operator(roles=("admin",))
    client = site.login(user)
    assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 200
    change = document(user, roles=ids(*roles(site, "admin")))
    assert olga.put(f"/api/users/{user.id}", change).status_code == 200
    assert_invalid_token(client.get(f"/api/users/{site.seed.bob.id}"))
    client = site.login(user)
    assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 404
    assert client.get("/api/users/").status_code == 200


@pytest.mark.parametrize("code", ["Operator", "operator2", "oper", "admin,operator"])
def test_no_other_role_makes_an_operator(site, code):
    if not roles(site, code):
        site.seed.role(code)
    user = site.seed.user(roles=("admin", code))
    client = minted(site, user)
    assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 404
    assert_wrong_args(client.get(f"/api/users/?customer={site.seed.b}"), {"customer": ["unknown field"]})


def test_an_operators_foreign_and_missing_users_differ_only_for_operators(site, olga):
    bob = f"/api/users/{site.seed.bob.id}"
    user = site.seed.user(roles=("admin",))
    client = minted(site, user)
    assert olga.get(bob).status_code == 200
    assert what_was_said(client.delete(bob)) == what_was_said(client.delete("/api/users/2147483647"))


def test_where_no_operator_role_is_configured_nobody_is_an_operator(make_site):
    plain = make_site(workers=1)
    user = plain.seed.operator(roles=("admin",))
    client = minted(plain, user)
    assert client.get(f"/api/users/{plain.seed.bob.id}").status_code == 404
    payload = {"customer": ["unknown field"]}
    assert_wrong_args(client.get(f"/api/users/?customer={plain.seed.b}"), payload)
    assert_wrong_document(client.post("/api/users/", new(plain, customer={"id": plain.seed.b})), payload)
    reset = {"email": plain.seed.bob.email, "password": "brand new one"}
    assert client.post("/api/users/reset-password", reset).status_code == 422
    assert "Operators are not configured." not in client.get("/api/users/").text
    # Here it is an ordinary role, but its column says that admins may not grant it.
    assert minted(plain, plain.seed.alice).delete(f"/api/users/{user.id}").status_code == 403
