"""Two customers, each attacked by the other's admin: nothing is seen, nothing is changed."""

import pytest
from support.client import assert_error, assert_invalid_token, assert_json, assert_wrong_document, what_was_said

MISSING = 2147483647


@pytest.fixture(params=["a attacks b", "b attacks a"])
def sides(site, request):
    """(client of the attacking admin, victim)."""
    attacker, customer = (
        (site.seed.alice, site.seed.b) if "a attacks" in request.param else (site.seed.bella, site.seed.a)
    )
    victim = site.seed.user(customer=customer, roles=("admin", "reader"))
    return site.login(attacker), victim


@pytest.fixture
def untouched(site, sides):
    """Fails when anything of the victim's customer has changed by the end of the test."""
    _, victim = sides

    def snapshot():
        return site.sql(
            "SELECT to_json(u), ARRAY(SELECT role_id FROM user_has_role h WHERE h.user_id = u.id ORDER BY 1)"
            " FROM _user u WHERE customer_id = %s ORDER BY id",
            (victim.customer_id,),
        )

    before = snapshot()
    yield
    assert snapshot() == before


@pytest.mark.usefixtures("untouched")
def test_a_foreign_user_cannot_be_read(sides):
    client, victim = sides
    for method in ("GET", "HEAD"):
        foreign, missing = (client.request(method, f"/api/users/{number}") for number in (victim.id, MISSING))
        assert foreign.status_code == missing.status_code == 404
    assert_error(
        client.get(f"/api/users/{victim.id}"), 404, "NOT_FOUND", f"User '{victim.id}' doesn't exist."
    )


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"roles": []},
        {"roles": [{"id": 1}]},
        {"password": "stolen password"},
        {"active": False},
        {"id": 1},
    ],
)
def test_a_foreign_user_cannot_be_changed(sides, change):
    client, victim = sides
    document = {"email": "stolen@example.org", "name": "Stolen", "active": True, **change}
    foreign, missing = (client.put(f"/api/users/{number}", document) for number in (victim.id, MISSING))
    assert what_was_said(foreign) == what_was_said(missing)
    assert_error(foreign, 404, "NOT_FOUND", "User not found.")


@pytest.mark.usefixtures("untouched")
def test_a_foreign_user_cannot_be_changed_through_the_id_in_the_document(site, sides):
    client, victim = sides
    own = site.seed.user(customer=client.get("/api/users/token").json()["customer"]["id"])
    document = {
        "id": victim.id,
        "email": own.email,
        "name": "Changed",
        "active": True,
        "password": "stolen password",
    }
    assert client.put(f"/api/users/{own.id}", document).json()["id"] == own.id


@pytest.mark.usefixtures("untouched")
def test_a_foreign_users_password_cannot_be_reset(site, sides):
    client, victim = sides
    for email in (victim.email, victim.email.upper(), str(victim.id), "%"):
        document = {"email": email, "password": "stolen password"}
        answer = client.post("/api/users/reset-password", document)
        assert_error(answer, 422, "UNPROCESSABLE_ENTITY", f"User '{email}' doesn't exist.")
    assert site.client.login(victim.email, victim.password).status_code == 200


@pytest.mark.usefixtures("untouched")
def test_foreign_users_are_never_listed(sides):
    client, victim = sides
    for query in (
        "limit=1000",
        f"email={victim.email}&limit=1000",
        f"email={victim.email}&name={victim.name}",
        f"name={victim.name}",
        "email=%25&name=%25&limit=1000",
        f"email=nothing&name={victim.name}",
    ):
        users = client.get("/api/users/?" + query).json()["users"]
        assert victim.customer_id not in [user["customer"]["id"] for user in users]


@pytest.mark.usefixtures("untouched")
def test_a_token_that_names_the_wrong_customer_is_invalid(site, sides):
    """Even one that is signed with the right secret: the row decides where a user belongs."""
    client, victim = sides
    own = site.seed.user(customer=client.get("/api/users/token").json()["customer"]["id"], roles=("admin",))
    forged = site.mint(own, customer={"id": victim.customer_id})
    for path in ("/api/users/token", "/api/users/", f"/api/users/{victim.id}"):
        assert_invalid_token(site.client.bearer(forged).get(path))


@pytest.mark.usefixtures("untouched")
def test_a_foreign_session_cannot_be_ended(site, sides):
    client, victim = sides
    session = site.login(victim)
    update = {"email": victim.email, "name": "n", "active": False, "roles": []}
    assert client.put(f"/api/users/{victim.id}", update).status_code == 404
    reset = {"email": victim.email, "password": "stolen password"}
    assert client.post("/api/users/reset-password", reset).status_code == 422
    assert client.get("/api/users/logout").status_code == 200
    assert session.get("/api/users/token").status_code == 200


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("field", ["customer", "customer_id"])
def test_users_cannot_be_moved_to_or_made_in_another_customer(site, sides, field):
    client, victim = sides
    own = site.seed.user(customer=client.get("/api/users/token").json()["customer"]["id"])
    there = {"id": victim.customer_id} if field == "customer" else victim.customer_id
    document = {"email": f"moved{own.id}@example.org", "name": "n", "active": True, field: there}
    refusal = {field: ["unknown field"]}
    assert_wrong_document(client.put(f"/api/users/{own.id}", document), refusal)
    assert_wrong_document(client.post("/api/users/", {**document, "password": "12345678", "roles": []}), refusal)
    assert_json(client.get(f"/api/users/{own.id}"), 200, own.full())
    assert site.sql("SELECT count(*) FROM _user WHERE email = %s", (document["email"],)) == [(0,)]


def test_a_user_who_moves_to_another_customer_takes_no_session_along(site):
    user = site.seed.user(roles=("admin",))
    client = site.login(user)
    site.sql("UPDATE _user SET customer_id = %s WHERE id = %s", (site.seed.b, user.id))
    assert_invalid_token(client.get("/api/users/"))
