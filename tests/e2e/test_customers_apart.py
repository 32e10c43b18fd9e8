"""Two customers, each attacked by the other's admin: the attackers see nothing and change nothing."""

import pytest
from support.client import (
    assert_error,
    assert_invalid_token,
    assert_json,
    assert_wrong_args,
    assert_wrong_document,
    what_was_said,
)
from support.grants import document, minted

MISSING = 2147483647


@pytest.fixture(scope="module")
def site(operated):
    """A site with operators: their existence must not open anything either."""
    return operated


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
    """Even a valid signature does not help: the row decides which customer a user belongs to."""
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


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("method,path", [("DELETE", "/api/users/{}"), ("POST", "/api/users/{}/logout")])
def test_a_foreign_user_cannot_be_deleted_or_logged_out(site, sides, method, path):
    client, victim = sides
    session = minted(site, victim)
    tag = minted(site, victim).get(f"/api/users/{victim.id}").headers["ETag"]
    for headers in ({}, {"If-Match": "*"}, {"If-Match": tag}, {"If-Match": "nonsense"}):
        foreign, missing = (
            client.request(method, path.format(number), headers=headers) for number in (victim.id, MISSING)
        )
        assert what_was_said(foreign) == what_was_said(missing)
        assert_error(foreign, 404, "NOT_FOUND", "User not found.")
    assert session.get("/api/users/token").status_code == 200


@pytest.mark.usefixtures("untouched")
def test_no_tag_tells_a_foreign_user_from_a_missing_one(site, sides):
    client, victim = sides
    tag = minted(site, victim).get(f"/api/users/{victim.id}").headers["ETag"]
    change = document(victim, name="Stolen")
    for name in ("If-Match", "If-None-Match"):
        for value in ("*", tag, f'"x", {tag}', "nonsense"):
            headers = {name: value}
            for send in (client.get, client.head, lambda path, **more: client.put(path, change, **more)):
                foreign, missing = (send(f"/api/users/{number}", headers=headers) for number in (victim.id, MISSING))
                assert foreign.status_code == missing.status_code == 404
                assert "ETag" not in foreign.headers


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("wrap", [1 << 32, -(1 << 32), 1 << 64, 0.5])
def test_no_spelling_of_an_id_reaches_a_foreign_user(sides, wrap):
    client, victim = sides
    path = f"/api/users/{victim.id + wrap}"
    change = document(victim, name="Stolen")
    for answer in (client.get(path), client.put(path, change), client.delete(path), client.post(f"{path}/logout")):
        assert answer.status_code == 404


@pytest.mark.usefixtures("untouched")
def test_no_filter_lists_or_counts_foreign_users(site, sides):
    client, victim = sides
    own = client.get("/api/users/token").json()["customer"]["id"]
    ours = site.sql("SELECT count(*) FROM _user WHERE customer_id = %s", (own,))[0][0]
    for query in ("", "&role=admin", "&active=true", "&active=false", f"&after={victim.id - 1}", "&name=%25"):
        page = client.get(f"/api/users/?limit=1000&count=true{query}").json()
        assert page["count"] <= ours
        assert all(user["customer"] == {"id": own} for user in page["users"])
    page = client.get(f"/api/users/?count=true&role=admin&email={victim.email}").json()
    assert (page["count"], page["users"], page["has_next"]) == (0, [], False)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("spelling", ["customer={}", "customer={}&customer=1", "%63ustomer={}", "customer=%20{}%20"])
def test_no_customer_can_be_asked_for_by_who_is_no_operator(sides, spelling):
    client, victim = sides
    own = client.get("/api/users/token").json()["customer"]["id"]
    for number in (victim.customer_id, own, MISSING):
        assert_wrong_args(client.get("/api/users/?" + spelling.format(number)), {"customer": ["unknown field"]})


def of_customer(site, customer):
    return site.sql(
        "SELECT to_json(u), ARRAY(SELECT role_id FROM user_has_role h WHERE h.user_id = u.id ORDER BY 1)"
        " FROM _user u WHERE customer_id = %s ORDER BY id",
        (customer,),
    )


def test_what_an_operator_does_in_one_customer_touches_no_other(site):
    olga = minted(site, site.seed.olga)
    user, gone = (site.seed.user(customer=site.seed.b) for _ in range(2))
    before = of_customer(site, site.seed.a)
    new = {"active": True, "email": "there@example.org", "name": "n", "password": "12345678", "roles": []}
    there = {"customer": {"id": site.seed.b}}
    assert olga.post("/api/users/", {**new, **there}).status_code == 201
    change = document(user, name="n", active=False, roles=[{"id": 1}])
    assert olga.put(f"/api/users/{user.id}", change).status_code == 200
    assert olga.post("/api/users/reset-password", {"email": user.email, "password": "12345678"}).status_code == 200
    assert olga.post(f"/api/users/{user.id}/logout").status_code == 204
    assert olga.delete(f"/api/users/{gone.id}").status_code == 204
    assert of_customer(site, site.seed.a) == before
    assert minted(site, site.seed.olga).get("/api/users/token").json()["customer"] == {"id": site.seed.a}
    taken = {**new, **there, "email": site.seed.albert.email}
    assert_error(olga.post("/api/users/", taken), 409, "CONFLICT", "User already exists.")


def test_an_operator_of_a_customer_is_nobody_elses_prey_and_nobody_elses_admin_by_it(site):
    """Another customer's admin does not see an operator, and an operator's customer gains no rights."""
    bella = minted(site, site.seed.bella)
    olga = site.seed.olga
    before = of_customer(site, site.seed.a)
    for answer in (
        bella.get(f"/api/users/{olga.id}"),
        bella.put(f"/api/users/{olga.id}", document(olga, password="stolen password")),
        bella.delete(f"/api/users/{olga.id}"),
        bella.post(f"/api/users/{olga.id}/logout"),
    ):
        assert answer.status_code == 404
    reset = {"email": olga.email, "password": "stolen password"}
    assert bella.post("/api/users/reset-password", reset).status_code == 422
    assert of_customer(site, site.seed.a) == before
    assert minted(site, site.seed.alice).get(f"/api/users/{site.seed.bob.id}").status_code == 404


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("order", ["", "&after=0", "&before=9223372036854775807"])
def test_foreign_events_are_never_listed(site, sides, order):
    client, victim = sides
    own = client.get("/api/users/token").json()["customer"]["id"]
    site.login(victim)
    for query in ("", f"&user={victim.id}", "&kind=session.opened", f"&user={victim.id}&kind=session.opened"):
        events = client.get(f"/api/events/?limit=1000{query}{order}").json()["events"]
        assert {event["customer"]["id"] for event in events} <= {own}
        assert victim.id not in {event["user"]["id"] for event in events if event["user"]}
    for named in (victim.customer_id, own):
        refusal = client.get(f"/api/events/?customer={named}{order}")
        assert_wrong_args(refusal, {"customer": ["unknown field"]})
