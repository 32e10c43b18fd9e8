"""GET /api/users/?limit=&offset=&email=&name=."""

from urllib.parse import urlencode

import pytest
from support.client import assert_json, assert_wrong_args


@pytest.fixture(scope="module")
def crowd(site):
    """Twenty-five users of one customer. The first one is the customer's admin."""
    customer = site.seed.customer()
    users = [site.seed.user("crowd-admin", customer, roles=("admin",))]
    users += [site.seed.user(f"crowd-{number:02}", customer, active=number % 2 == 0) for number in range(24)]
    return site.login(users[0]), users


@pytest.fixture(scope="module")
def people(site):
    """Users of one customer, with names to search for; users of other customers have the same names."""
    customer = site.seed.customer()
    admin = site.seed.user("zz-admin", customer, email="zz@admin.test", roles=("admin",))
    rows = [
        ("Anna", "anna@one.test"),
        ("Ännchen", "Ä.nn@two.test"),
        ("50% off", "fifty%@one.test"),
        ("under_score", "under_score@two.test"),
        ("underXscore", "underXscore@two.test"),
        ("back\\slash", "back\\slash@one.test"),
        ("at 90%", "ninety@two.test"),
    ]
    made = {name: site.seed.user(name, customer, email=email) for name, email in rows}
    for name, email in rows:
        site.seed.user(name, site.seed.b, email="b." + email)
    return site.login(admin), made


def found(client, **arguments):
    answer = client.get("/api/users/?" + urlencode(arguments))
    assert answer.status_code == 200, answer.text
    assert answer.json()["has_next"] is False
    return [user["name"] for user in answer.json()["users"]]


def page(users, has_next):
    return {"has_next": has_next, "users": [user.plain() for user in users]}


def test_the_first_twenty_users_come_without_roles_ordered_by_id(crowd):
    client, users = crowd
    assert_json(client.get("/api/users/"), 200, page(users[:20], True))


def test_limit_and_offset_cut_the_page(crowd):
    client, users = crowd
    for limit, offset in (
        (1, 0),
        (3, 5),
        (20, 20),
        (1000, 0),
        (25, 0),
        (24, 0),
        (5, 20),
        (4, 20),
        (10, 25),
        (10, 999),
    ):
        answer = client.get(f"/api/users/?limit={limit}&offset={offset}")
        assert_json(answer, 200, page(users[offset : offset + limit], offset + limit < len(users)))


def test_a_limit_of_zero_says_only_whether_there_are_any(crowd):
    client, users = crowd
    assert_json(client.get("/api/users/?limit=0"), 200, page([], True))
    assert_json(client.get(f"/api/users/?limit=0&offset={len(users)}"), 200, page([], False))


def test_has_next_counts_what_matches_the_search(crowd):
    client, users = crowd
    assert_json(client.get("/api/users/?name=crowd-0&limit=10"), 200, page(users[1:11], False))
    assert_json(client.get("/api/users/?name=crowd-0&limit=9"), 200, page(users[1:10], True))


def test_a_pattern_is_found_anywhere_without_regard_to_case(people):
    client, _ = people
    assert found(client, name="NN") == ["Anna", "Ännchen"]
    assert found(client, name="ännCHEN") == ["Ännchen"]
    assert found(client, email="ONE.test") == ["Anna", "50% off", "back\\slash"]
    assert found(client, email="ä.NN") == ["Ännchen"]
    assert found(client, name="nobody at all") == []


def test_percent_and_underscore_are_wildcards(people):
    client, _ = people
    assert found(client, name="under_score") == ["under_score", "underXscore"]
    assert found(client, email="a%one") == ["Anna", "back\\slash"]
    assert found(client, name="%", email="nothing") == found(client)
    assert found(client, name="_" * 11) == ["under_score", "underXscore"]


def test_a_backslash_escapes(people):
    client, _ = people
    assert found(client, name="under\\_score") == ["under_score"]
    assert found(client, name="50\\%") == ["50% off"]
    assert found(client, name="back\\\\slash") == ["back\\slash"]
    assert found(client, name="90\\") == ["at 90%"], "it escapes the wrapping percent sign"
    assert found(client, name="50\\") == []


def test_with_both_given_a_user_matching_either_is_listed(people):
    client, _ = people
    assert found(client, email="anna@", name="Ännchen") == ["Anna", "Ännchen"]
    assert found(client, email="nothing", name="Anna") == ["Anna"]


def test_an_empty_pattern_matches_everybody(people):
    client, made = people
    assert len(found(client, email="")) == len(made) + 1
    assert len(found(client, email="nothing", name="")) == len(made) + 1


@pytest.mark.parametrize(
    "query",
    ["", "email=b.", "name=Anna", "email=b.&name=Anna", "email=%25&name=%25", "email=&name=", "limit=1000"]
    + ["email=x%27)%20OR%20(1=1&name=%27%20OR%201=1--", "email=bob&name=bella", "offset=3"],
)
def test_never_a_user_of_another_customer_whatever_the_arguments(site, people, query):
    client, made = people
    customer = next(iter(made.values())).customer_id
    assert site.sql("SELECT count(*) FROM _user WHERE customer_id <> %s", (customer,))[0][0] > 6
    users = client.get("/api/users/?" + query).json()["users"]
    assert all(user["customer"] == {"id": customer} for user in users)


def test_has_next_says_nothing_of_other_customers(site):
    customer = site.seed.customer()
    only = site.seed.user(customer=customer, roles=("admin",))
    client = site.login(only)
    assert_json(client.get("/api/users/?limit=1"), 200, page([only], False))
    assert_json(client.get("/api/users/?limit=0&email=bob"), 200, page([], False))


def test_of_a_repeated_argument_the_first_counts(crowd):
    client, users = crowd
    assert_json(client.get("/api/users/?limit=2&limit=5&limit=x"), 200, page(users[:2], True))
    assert client.get("/api/users/?limit=x&limit=5").status_code == 422


def test_a_plus_is_a_blank_and_escapes_are_decoded_once(people):
    client, _ = people
    assert [user["name"] for user in client.get("/api/users/?name=50%25+off").json()["users"]] == ["50% off"]
    assert (
        client.get("/api/users/?name=50%2525").json()["users"]
        == client.get("/api/users/?name=50%25%32%35").json()["users"]
    )


@pytest.mark.parametrize("value", ["abc", "", "1.5", "1e3", "0x10", "--1"])
@pytest.mark.parametrize("name", ["limit", "offset"])
def test_what_is_no_integer_cannot_be_coerced(site, name, value):
    answer = site.login(site.seed.alice).get(f"/api/users/?{name}={value}")
    reason = f"field '{name}' cannot be coerced: invalid literal for int() with base 10: '{value}'"
    assert_wrong_args(answer, {name: [reason, "must be of integer type"]})


@pytest.mark.parametrize(
    "query,payload",
    [
        ("limit=-1", {"limit": ["min value is 0"]}),
        ("offset=-1", {"offset": ["min value is 0"]}),
        ("limit=1001", {"limit": ["max value is 1000"]}),
        ("foo=bar", {"foo": ["unknown field"]}),
        ("Limit=1", {"Limit": ["unknown field"]}),
        ("customer=1&customer_id=2", {"customer": ["unknown field"], "customer_id": ["unknown field"]}),
        (
            "limit=-1&offset=-1&x",
            {"limit": ["min value is 0"], "offset": ["min value is 0"], "x": ["unknown field"]},
        ),
        ("email=a%00b", {"email": ["null character not allowed"]}),
        ("name=%00", {"name": ["null character not allowed"]}),
    ],
)
def test_wrong_arguments_are_all_named_at_once(site, query, payload):
    assert_wrong_args(site.login(site.seed.alice).get("/api/users/?" + query), payload)


@pytest.mark.parametrize(
    "query",
    [
        "email=%ff",
        "name=%ed%a0%80",
        "limit=%ff",
        "%ff=1",
        "offset=99999999999999999999",
        "limit=9223372036854775808",
    ]
    + ["email=" + "x" * 5000, "email=" + "%25" * 250, "offset=2147483648", "email=%", "email=%4"],
)
def test_no_argument_is_an_internal_error(site, query):
    client = site.login(site.seed.alice)
    status, _, body = client.raw("GET", "/api/users/?" + query, {"Authorization": f"Bearer {client.token}"})
    assert status in (200, 400, 422), body


def test_a_great_offset_is_past_the_end(crowd):
    client, _ = crowd
    assert_json(client.get("/api/users/?offset=2147483647"), 200, page([], False))
