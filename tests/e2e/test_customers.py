"""/api/customers/: for operators only."""

import pytest
from support.client import assert_error, assert_json, assert_wrong_args, assert_wrong_document
from support.transactions import at_once, beside, transaction

ENDPOINTS = [
    ("GET", "/api/customers/", None),
    ("POST", "/api/customers/", {"name": "X"}),
    ("GET", "/api/customers/1", None),
    ("PUT", "/api/customers/1", {"name": "X"}),
    ("DELETE", "/api/customers/2", None),
]


def shown(number, name, quota=None, users=0):
    return {"id": number, "max_user_quota": quota, "name": name, "users": users}


def operator(site):
    return site.login(site.seed.olga)


def stored(site, number):
    found = site.sql("SELECT name, max_user_quota FROM customer WHERE id = %s", (number,))
    return found[0] if found else None


def made(site, **document):
    answer = operator(site).post("/api/customers/", {"name": "Made", **document})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def registration(customer, email):
    return {
        "active": True,
        "customer": {"id": customer},
        "email": email,
        "name": "New",
        "password": "correct horse",
        "roles": [],
    }


# --- who may use it ---


@pytest.mark.parametrize("method,path,document", ENDPOINTS)
def test_customers_are_refused_to_all_but_operators_before_anything_else_is_looked_at(
    operated, method, path, document
):
    customers = operated.sql("SELECT id, name, max_user_quota FROM customer ORDER BY id")
    for roles in ((), ("reader",), ("admin",), ("admin", "reader", "writer")):
        client = operated.login(operated.seed.user(roles=roles))
        for sent, query in ((document, ""), ({"wrong": 1}, "?limit=x")):
            answer = client.request(method, path + query, sent)
            assert_error(answer, 403, "FORBIDDEN", "You don't have the operator role(s).")
    assert_error(operated.client.request(method, path, document), 401, "UNAUTHORIZED", "No credentials supplied.")
    assert operated.sql("SELECT id, name, max_user_quota FROM customer ORDER BY id") == customers


@pytest.mark.parametrize("method,path,document", ENDPOINTS)
def test_where_operators_are_not_configured_there_are_none(site, method, path, document):
    would_be = site.seed.operator(roles=("admin",))
    for user in (site.seed.alice, site.seed.albert, would_be):
        answer = site.login(user).request(method, path, document)
        assert_error(answer, 403, "FORBIDDEN", "Operators are not configured.")


def test_an_operator_of_whatever_customer_needs_no_other_role(operated):
    client = operated.login(operated.seed.operator(customer=operated.seed.b))
    for number in (operated.seed.a, operated.seed.b):
        assert client.get(f"/api/customers/{number}").status_code == 200


# --- GET ---


def test_the_customers_come_with_their_numbers_of_users_ordered_by_id(fresh_operated):
    site = fresh_operated
    site.seed.user(customer=site.seed.b, active=False)
    site.sql("UPDATE customer SET name = 'Bees', max_user_quota = 0 WHERE id = %s", (site.seed.b,))
    empty = site.seed.customer(quota=2147483647)
    expected = [
        shown(site.seed.a, None, None, 3),
        shown(site.seed.b, "Bees", 0, 3),
        shown(empty, None, 2147483647),
    ]
    client = operator(site)
    assert_json(client.get("/api/customers/"), 200, {"customers": expected, "has_next": False})
    for each in expected:
        assert_json(client.get(f"/api/customers/{each['id']}"), 200, each)
        assert client.head(f"/api/customers/{each['id']}").status_code == 200
    for limit, offset in ((0, 0), (1, 0), (2, 1), (3, 0), (1000, 2), (1, 3)):
        answer = client.get(f"/api/customers/?limit={limit}&offset={offset}")
        page = {"customers": expected[offset : offset + limit], "has_next": offset + limit < 3}
        assert_json(answer, 200, page)
    for after in (0, *(each["id"] for each in expected), 2147483647):
        following = [each for each in expected if each["id"] > after]
        answer = client.get(f"/api/customers/?after={after}&limit=1")
        assert_json(answer, 200, {"customers": following[:1], "has_next": len(following) > 1})


def test_twenty_are_listed_by_default(fresh_operated):
    fresh_operated.sql("INSERT INTO customer (name) SELECT 'C' || n FROM generate_series(1, 19) n")
    body = operator(fresh_operated).get("/api/customers/").json()
    assert (len(body["customers"]), body["has_next"]) == (20, True)


@pytest.mark.parametrize(
    "query,payload",
    [
        ("limit=-1&offset=-2", {"limit": ["min value is 0"], "offset": ["min value is 0"]}),
        ("limit=1001", {"limit": ["max value is 1000"]}),
        ("after=1&offset=0", {"after": ["'offset' must not be present with 'after'"]}),
        ("name=x&count=true", {"count": ["unknown field"], "name": ["unknown field"]}),
    ],
)
def test_wrong_arguments_are_named(operated, query, payload):
    assert_wrong_args(operator(operated).get("/api/customers/?" + query), payload)


def test_a_collection_without_its_slash_is_redirected(operated):
    answer = operator(operated).get("/api/customers?limit=1")
    assert answer.status_code == 308
    assert answer.headers["Location"].removeprefix(operated.nginx.url) == "/api/customers/?limit=1"


def test_other_methods_are_named(operated):
    client = operator(operated)
    answer = client.post("/api/customers/1", {"name": "X"})
    assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert answer.headers["Allow"] == "GET, HEAD, PUT, DELETE, OPTIONS"
    assert client.delete("/api/customers/").headers["Allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("number", ["99999", "2147483647"])
def test_a_customer_that_is_not_there_is_not_found(operated, number):
    client = operator(operated)
    for answer in (
        client.get(f"/api/customers/{number}"),
        client.put(f"/api/customers/{number}", {"name": "X"}),
        client.delete(f"/api/customers/{number}"),
    ):
        assert_error(answer, 404, "NOT_FOUND", "Customer not found.")


@pytest.mark.parametrize("number", ["0", "-1", "x", "01", "2147483648"])
def test_what_can_be_no_id_is_no_path(operated, number):
    for method in ("GET", "PUT", "DELETE"):
        answer = operator(operated).request(method, f"/api/customers/{number}", {"name": "X"})
        assert_error(answer, 404, "NOT_FOUND", "Not found.")


def test_customers_can_be_moved(make_site):
    site = make_site({"USER_API_OPERATOR_ROLE": "operator", "USER_API_CUSTOMERS_PREFIX": "/tenants"})
    client = site.login(site.seed.operator())
    assert client.get("/tenants/1").json()["id"] == 1
    answer = client.post("/tenants/", {"name": "N"})
    assert answer.headers["Location"].removeprefix(site.nginx.url) == f"/tenants/{answer.json()['id']}"
    assert client.get("/api/customers/").status_code == 404


# --- POST ---


@pytest.mark.parametrize(
    "extra,quota",
    [
        ({}, None),
        ({"max_user_quota": None}, None),
        ({"max_user_quota": 0}, 0),
        ({"max_user_quota": 2147483647}, 2147483647),
    ],
)
@pytest.mark.parametrize("name", ["Müller & Söhne 𝒰", "", "x" * 255])
def test_a_customer_is_made_and_shown_as_it_will_be_found(operated, name, extra, quota):
    client = operator(operated)
    answer = client.post("/api/customers/", {"name": name, **extra})
    number = answer.json()["id"]
    assert_json(answer, 201, shown(number, name, quota))
    assert answer.headers["Location"].removeprefix(operated.nginx.url) == f"/api/customers/{number}"
    assert_json(client.get(f"/api/customers/{number}"), 200, shown(number, name, quota))
    assert stored(operated, number) == (name, quota)


def test_several_customers_may_have_one_name(operated):
    assert made(operated, name="Same") != made(operated, name="Same")


def test_users_are_registered_into_a_new_customer(operated):
    number = made(operated)
    client = operator(operated)
    assert client.post("/api/users/", registration(number, "first@example.org")).status_code == 201
    assert client.get(f"/api/customers/{number}").json()["users"] == 1


def test_the_quota_of_a_new_customer_counts_where_quotas_are_enforced(make_site):
    site = make_site({"USER_API_OPERATOR_ROLE": "operator", "USER_API_ENFORCE_QUOTA": "on"})
    site.seed.olga = site.seed.operator("olga")
    number, client = made(site, max_user_quota=1), operator(site)
    statuses = [
        client.post("/api/users/", registration(number, f"{name}@example.org")).status_code for name in ("one", "two")
    ]
    assert statuses == [201, 409]
    assert client.put(f"/api/customers/{number}", {"name": "N", "max_user_quota": None}).status_code == 200
    assert client.post("/api/users/", registration(number, "two@example.org")).status_code == 201


WRONG = [
    ({}, {"name": ["required field"]}),
    ({"name": None}, {"name": ["null value not allowed"]}),
    ({"name": 1}, {"name": ["must be of string type"]}),
    ({"name": "x" * 256}, {"name": ["max length is 255"]}),
    ({"name": "a\u0000b"}, {"name": ["null character not allowed"]}),
    ({"name": "n", "max_user_quota": -1}, {"max_user_quota": ["min value is 0"]}),
    ({"name": "n", "max_user_quota": 2147483648}, {"max_user_quota": ["max value is 2147483647"]}),
    ({"name": "n", "max_user_quota": "1"}, {"max_user_quota": ["must be of integer type"]}),
    ({"name": "n", "max_user_quota": 1.5}, {"max_user_quota": ["must be of integer type"]}),
    ({"name": "n", "max_user_quota": True}, {"max_user_quota": ["must be of integer type"]}),
    ({"name": "n", "roles": []}, {"roles": ["unknown field"]}),
]


@pytest.mark.parametrize(
    "document,payload",
    [*WRONG, ({"name": "n", "id": 1, "users": 1}, {"id": ["unknown field"], "users": ["unknown field"]})],
)
def test_all_that_is_wrong_with_a_new_customer_is_named(operated, document, payload):
    before = operated.sql("SELECT count(*) FROM customer")
    assert_wrong_document(operator(operated).post("/api/customers/", document), payload)
    assert operated.sql("SELECT count(*) FROM customer") == before


# --- PUT ---


def test_name_and_quota_are_changed_and_a_quota_that_is_absent_is_left_alone(operated):
    number = made(operated, name="Before", max_user_quota=5)
    operated.seed.user(customer=number, active=False)
    client = operator(operated)
    for document, name, quota in (
        ({"name": "After"}, "After", 5),
        ({"name": "After", "max_user_quota": 0}, "After", 0),
        ({"name": "Again"}, "Again", 0),
        ({"name": "", "max_user_quota": None}, "", None),
        ({"name": "N"}, "N", None),
        ({"name": "N", "max_user_quota": 2147483647, "id": 4711, "users": 9}, "N", 2147483647),
        ({"name": "N", "id": None, "users": {"x": []}}, "N", 2147483647),
    ):
        answer = client.put(f"/api/customers/{number}", document)
        assert_json(answer, 200, shown(number, name, quota, 1))
        assert stored(operated, number) == (name, quota)


def test_what_get_shows_can_be_sent_back(operated):
    client = operator(operated)
    document = client.get(f"/api/customers/{made(operated, max_user_quota=3)}").json()
    assert_json(client.put(f"/api/customers/{document['id']}", document), 200, document)


@pytest.mark.parametrize("document,payload", WRONG)
def test_all_that_is_wrong_with_a_change_is_named(operated, document, payload):
    before = stored(operated, operated.seed.b)
    assert_wrong_document(operator(operated).put(f"/api/customers/{operated.seed.b}", document), payload)
    assert stored(operated, operated.seed.b) == before


def test_a_change_touches_no_other_customer(operated):
    number = made(operated)
    rest = "SELECT id, name, max_user_quota FROM customer WHERE id <> %s ORDER BY id"
    before = operated.sql(rest, (number,))
    client = operator(operated)
    assert client.put(f"/api/customers/{number}", {"name": "X", "max_user_quota": 1}).status_code == 200
    assert client.delete(f"/api/customers/{number}").status_code == 204
    assert operated.sql(rest, (number,)) == before


# --- DELETE ---


def test_a_customer_without_users_is_deleted(operated):
    number, client = made(operated), operator(operated)
    answer = client.delete(f"/api/customers/{number}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers and "Content-Length" not in answer.headers
    assert stored(operated, number) is None
    for again in (client.delete(f"/api/customers/{number}"), client.get(f"/api/customers/{number}")):
        assert_error(again, 404, "NOT_FOUND", "Customer not found.")


@pytest.mark.parametrize("active", [True, False])
def test_a_customer_with_a_user_stays(operated, active):
    number, client = made(operated), operator(operated)
    user = operated.seed.user(customer=number, active=active)
    assert_error(client.delete(f"/api/customers/{number}"), 409, "CONFLICT", "The customer has users.")
    assert stored(operated, number) and operated.seed.row(user)
    operated.sql("DELETE FROM _user WHERE id = %s", (user.id,))
    assert client.delete(f"/api/customers/{number}").status_code == 204


def test_an_operators_own_customer_has_a_user(operated):
    answer = operator(operated).delete(f"/api/customers/{operated.seed.a}")
    assert_error(answer, 409, "CONFLICT", "The customer has users.")


@pytest.mark.parametrize("how", ["", "ON DELETE RESTRICT", "DEFERRABLE INITIALLY DEFERRED"])
def test_what_else_refers_to_a_customer_keeps_it(fresh_operated, how):
    number = made(fresh_operated)
    fresh_operated.sql(f"CREATE TABLE of_mine (customer_id integer REFERENCES customer (id) {how})")
    fresh_operated.sql("INSERT INTO of_mine VALUES (%s)", (number,))
    answer = operator(fresh_operated).delete(f"/api/customers/{number}")
    assert_error(answer, 409, "CONFLICT", "Other data refers to the customer.")
    assert stored(fresh_operated, number)


def test_a_deletion_waits_for_a_registration_in_flight_and_fails(operated):
    number, client = made(operated), operator(operated)
    with transaction(operated) as new:
        new.sql(
            "INSERT INTO _user (customer_id, email, name, hash, salt) VALUES (%s, 'w@example.org', 'W', 'h', 's')",
            (number,),
        )
        with beside(operated, lambda: client.delete(f"/api/customers/{number}")) as (answer,):
            new.commit()
    assert_error(answer.result(), 409, "CONFLICT", "The customer has users.")
    assert stored(operated, number)


@pytest.mark.parametrize("quota", ["off", "on"])
def test_a_registration_waits_for_a_deletion_in_flight_and_finds_no_customer(make_site, quota):
    site = make_site({"USER_API_OPERATOR_ROLE": "operator", "USER_API_ENFORCE_QUOTA": quota})
    site.seed.olga = site.seed.operator("olga")
    number, client = made(site), operator(site)
    with transaction(site) as deletion:
        deletion.sql("DELETE FROM customer WHERE id = %s", (number,))
        with beside(site, lambda: client.post("/api/users/", registration(number, "late@example.org"))) as (answer,):
            deletion.commit()
    assert_wrong_document(answer.result(), {"customer": ["unknown customer"]})
    assert site.sql("SELECT count(*) FROM _user WHERE email = 'late@example.org'") == [(0,)]


def test_registration_and_deletion_at_once_leave_either_the_customer_or_no_user_of_it(operated):
    client, other = operator(operated), operator(operated)
    outcomes = set()
    for turn in range(10):
        number = made(operated)
        deleted, registered = at_once(
            lambda: client.delete(f"/api/customers/{number}"),  # noqa: B023
            lambda: other.post("/api/users/", registration(number, f"turn{turn}@example.org")),  # noqa: B023
        )
        outcomes.add((deleted.status_code, registered.status_code))
        assert (stored(operated, number) is None) == (deleted.status_code == 204)
    assert outcomes <= {(204, 422), (409, 201)}
