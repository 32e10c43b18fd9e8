"""Events: which ones each change leaves, what they contain, and GET /api/events/."""

import re

import pytest
from support.client import Client, assert_error, assert_json, assert_wrong_args, token_of
from support.grants import document
from support.seed import PASSWORD as RIGHT
from support.seed import pbkdf2

PASSWORD = "brand new one"
ADDRESS = "127.0.0.40"


@pytest.fixture(scope="module")
def site(operated):
    return operated


@pytest.fixture(scope="module")
def admin(site):
    return site.login(site.seed.alice)


@pytest.fixture(scope="module")
def operator(site):
    return site.login(site.seed.olga)


@pytest.fixture
def since(site):
    """The events since the test began, ordered by id: (kind, actor, user, data), or the given columns."""
    last = site.sql("SELECT coalesce(max(id), 0) FROM event")[0][0]

    def events(*columns):
        names = ", ".join(columns or ("kind", "actor_id", "user_id", "data"))
        return site.sql(f"SELECT {names} FROM event WHERE id > %s ORDER BY id", (last,))

    return events


def new_user(site, admin, **changes):
    number = next(site.seed.numbers)
    fields = {"email": f"event{number}@example.org", "name": f"Event {number}", "active": True, "roles": []}
    answer = admin.post("/api/users/", {**fields, "password": PASSWORD, **changes})
    assert answer.status_code == 201
    return answer.json()


def test_an_event_says_what_happened_to_whom_who_did_it_and_from_where(site, admin):
    made = new_user(site, Client(site.client.url, admin.token, ADDRESS))
    answer = admin.get(f"/api/events/?user={made['id']}")
    event = answer.json()["events"][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["at"])
    assert_json(
        answer,
        200,
        {
            "events": [
                {
                    "actor": {"id": site.seed.alice.id, "name": "alice"},
                    "address": ADDRESS,
                    "at": event["at"],
                    "customer": {"id": site.seed.a},
                    "data": {},
                    "id": event["id"],
                    "kind": "user.created",
                    "request_id": event["request_id"],
                    "user": {"id": made["id"], "name": made["name"]},
                }
            ],
            "has_next": False,
        },
    )


def test_the_request_id_of_an_event_is_that_of_the_answer(site, admin, since):
    answer = admin.post(f"/api/users/{site.seed.user().id}/logout")
    assert since("kind", "request_id")[-1] == ("session.ended", answer.headers["X-Request-Id"])


def test_registering_leaves_the_user_and_each_role(site, admin, since):
    made = new_user(site, admin, roles=[{"id": 2}, {"id": 3}])
    alice = site.seed.alice.id
    assert since() == [
        ("user.created", alice, made["id"], {}),
        ("user.role_granted", alice, made["id"], {"role": "reader"}),
        ("user.role_granted", alice, made["id"], {"role": "writer"}),
    ]


CHANGES = [
    ({"name": "Another"}, [("user.updated", {"changed": ["name"]})]),
    ({"email": "moved-{}@example.org", "name": "Another"}, [("user.updated", {"changed": ["email", "name"]})]),
    ({"active": False}, [("user.deactivated", {})]),
    ({"password": "another password"}, [("user.password_changed", {})]),
    ({"roles": [{"id": 3}]}, [("user.role_removed", {"role": "reader"}), ("user.role_granted", {"role": "writer"})]),
    ({"roles": []}, [("user.role_removed", {"role": "reader"})]),
    (
        {"active": False, "name": "Another", "password": "another password"},
        [("user.updated", {"changed": ["name"]}), ("user.deactivated", {}), ("user.password_changed", {})],
    ),
    ({}, []),
]


@pytest.mark.parametrize("change,expected", CHANGES)
def test_a_change_leaves_an_event_for_each_thing_that_changed(site, admin, change, expected):
    user = site.seed.user(roles=("reader",))
    last = site.sql("SELECT max(id) FROM event")[0][0]
    change = {key: value.format(user.id) if isinstance(value, str) else value for key, value in change.items()}
    assert admin.put(f"/api/users/{user.id}", {**document(user), **change}).status_code == 200
    found = site.sql("SELECT kind, data, actor_id, user_id FROM event WHERE id > %s ORDER BY id", (last,))
    assert found == [(*each, site.seed.alice.id, user.id) for each in expected]


def test_a_change_that_is_refused_leaves_nothing(site, admin, since):
    user = site.seed.user()
    last = since()
    taken = {**document(user), "email": site.seed.albert.email, "name": "Another"}
    assert admin.put(f"/api/users/{user.id}", taken).status_code == 409
    assert since() == last


def test_activating_is_an_event_of_its_own(site, admin, since):
    user = site.seed.user(active=False)
    assert admin.put(f"/api/users/{user.id}", document(user, active=True)).status_code == 200
    assert since()[-1] == ("user.activated", site.seed.alice.id, user.id, {})


def test_a_deletion_keeps_name_and_email(site, admin, since):
    user = site.seed.user(roles=("reader",))
    assert admin.delete(f"/api/users/{user.id}").status_code == 204
    assert since()[-2:] == [
        ("user.role_removed", site.seed.alice.id, user.id, {"role": "reader"}),
        ("user.deleted", site.seed.alice.id, user.id, {"email": user.email, "name": user.name}),
    ]
    found = admin.get(f"/api/events/?user={user.id}&kind=user.deleted").json()["events"]
    assert [event["user"] for event in found] == [{"id": user.id, "name": user.name}]


def test_a_login_and_a_logout_are_events_of_the_user(site, since):
    user = site.seed.user()
    client = Client(site.client.url, address=ADDRESS)
    client.token = token_of(client.login(user.email, RIGHT))
    assert client.get("/api/users/logout").status_code == 200
    assert client.get("/api/users/logout").status_code == 401
    assert since("kind", "actor_id", "user_id", "address", "data")[-2:] == [
        ("session.opened", user.id, user.id, ADDRESS, {}),
        ("session.ended", user.id, user.id, ADDRESS, {}),
    ]


def test_sessions_that_an_administrator_ends_are_one_event(site, admin, since):
    user = site.seed.user()
    assert admin.post(f"/api/users/{user.id}/logout").status_code == 204
    assert since()[-1] == ("session.ended", site.seed.alice.id, user.id, {"all": True})


def test_a_failed_login_and_a_token_check_leave_nothing(site, admin, since):
    assert site.client.login(site.seed.alice.email, "wrong password").status_code == 401
    assert admin.get("/api/users/token").status_code == 200
    assert since() == []


def test_a_hash_upgrade_at_login_is_no_event(site, since):
    user = site.seed.user(stored=pbkdf2(RIGHT))
    before = site.seed.row(user)
    site.login(user)
    assert site.seed.row(user)[3] != before[3]
    assert [kind for kind, *_ in since()] == ["user.created", "session.opened"]


def test_roles_and_customers_leave_events(site, operator, since):
    code = f"code{next(site.seed.numbers)}"
    role = operator.post("/api/roles/", {"code": code, "name": "One"}).json()
    change = {"name": "Two", "assignable": False}
    assert operator.put(f"/api/roles/{role['id']}", change).status_code == 200
    assert operator.put(f"/api/roles/{role['id']}", change).status_code == 200
    assert operator.delete(f"/api/roles/{role['id']}").status_code == 204
    customer = operator.post("/api/customers/", {"name": "Club"}).json()
    assert operator.put(f"/api/customers/{customer['id']}", {"name": "Team", "max_user_quota": 5}).status_code == 200
    assert operator.delete(f"/api/customers/{customer['id']}").status_code == 204
    olga, number = site.seed.olga.id, customer["id"]
    assert since("kind", "actor_id", "customer_id", "data") == [
        ("role.created", olga, None, {"role": code}),
        ("role.updated", olga, None, {"changed": ["assignable", "name"], "role": code}),
        ("role.deleted", olga, None, {"role": code}),
        ("customer.created", olga, number, {"name": "Club"}),
        ("customer.updated", olga, number, {"changed": ["max_user_quota", "name"]}),
        ("customer.deleted", olga, number, {"name": "Team"}),
    ]


def test_a_blocked_account_is_one_event_a_window(make_site):
    site = make_site({"USER_API_LOGIN_ATTEMPTS": 3})
    client = Client(site.client.url, address=ADDRESS)
    email = site.seed.albert.email
    answers = [client.login(email, "wrong password").status_code for _ in range(6)]
    assert answers == [401, 401, 401, 429, 429, 429]
    assert [client.login("nobody@example.org", "wrong password").status_code for _ in range(5)][-1] == 429
    found = site.sql("SELECT kind, actor_id, customer_id, user_id, address, data FROM event WHERE kind LIKE 'login%' ORDER BY id")
    account = {"counter": "account"}
    assert found == [
        ("login.blocked", None, site.seed.a, site.seed.albert.id, ADDRESS, account),
        ("login.blocked", None, None, None, ADDRESS, account),
    ]
    seen = site.login(site.seed.alice).get("/api/events/?kind=login.blocked").json()["events"]
    assert [event["user"] for event in seen] == [{"id": site.seed.albert.id, "name": "albert"}]
    assert [event["actor"] for event in seen] == [None]
    site.sql("UPDATE failed_login SET ends_at = now() - interval '1 second'")
    assert [client.login(email, "wrong password").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert site.sql("SELECT count(*) FROM event WHERE kind = 'login.blocked'") == [(3,)]


def test_a_limit_that_is_lowered_within_a_window_is_recorded_as_well(make_site):
    site = make_site({"USER_API_LOGIN_ATTEMPTS": 3})
    client = Client(site.client.url, address=ADDRESS)
    email = site.seed.albert.email
    assert [client.login(email, "wrong password").status_code for _ in range(3)] == [401] * 3
    site.sql("DELETE FROM event WHERE kind = 'login.blocked'")
    site.sql("UPDATE failed_login SET allowed = 10, recorded = NULL WHERE kind = 'account'")
    assert [client.login(email, "wrong password").status_code for _ in range(3)] == [429] * 3
    assert site.sql("SELECT count(*) FROM event WHERE kind = 'login.blocked'") == [(1,)]


def test_data_that_cannot_be_read_spoils_no_page(site, admin):
    deep = '{"a":' * 17 + "1" + "}" * 17
    site.sql("SELECT user_api_event_write('app.deep', %s, NULL, %s)", (site.seed.a, deep))
    assert admin.get("/api/events/?kind=app.deep").json()["events"][0]["data"] == {"unreadable": True}


def test_plain_sql_leaves_events_without_an_actor(site, since):
    user = site.seed.user(roles=("reader",))
    site.sql("UPDATE _user SET name = 'Changed', epoch = epoch + 1 WHERE id = %s", (user.id,))
    site.sql("UPDATE _user SET epoch = epoch + 1 WHERE id = %s", (user.id,))
    site.sql("UPDATE user_has_role SET role_id = 3 WHERE user_id = %s", (user.id,))
    site.sql("UPDATE _user SET customer_id = %s WHERE id = %s", (site.seed.b, user.id))
    assert since("kind", "actor_id", "customer_id", "address", "data") == [
        ("user.created", None, site.seed.a, None, {}),
        ("user.role_granted", None, site.seed.a, None, {"role": "reader"}),
        ("user.updated", None, site.seed.a, None, {"changed": ["name"]}),
        ("session.ended", None, site.seed.a, None, {"all": True}),
        ("user.role_removed", None, site.seed.a, None, {"role": "reader"}),
        ("user.role_granted", None, site.seed.a, None, {"role": "writer"}),
        ("user.updated", None, site.seed.b, None, {"changed": ["customer"]}),
        ("user.updated", None, site.seed.a, None, {"changed": ["customer"]}),
    ]


@pytest.mark.parametrize("actor", ["nobody", "", "99999999999", "2147483648", "1; DROP TABLE event"])
def test_an_actor_that_is_none_makes_no_change_fail(site, actor):
    user = site.seed.user()
    site.seed.connection.autocommit = False
    try:
        site.sql("SELECT set_config('user_api.actor', %s, true)", (actor,))
        site.sql("UPDATE _user SET name = 'Changed' WHERE id = %s", (user.id,))
        found = site.sql("SELECT actor_id, actor_name FROM event WHERE user_id = %s ORDER BY id DESC LIMIT 1", (user.id,))
    finally:
        site.seed.connection.rollback()
        site.seed.connection.autocommit = True
    assert found == [(None, None)]


def test_nothing_of_a_request_is_left_for_the_next_change(site, admin, since):
    """All requests share the workers' database sessions."""
    for _ in range(6):
        new_user(site, admin)
    site.login(site.seed.user())
    opened = [row for row in since("kind", "actor_id", "user_id") if row[0] == "session.opened"]
    assert len(opened) == 1 and opened[0][1] == opened[0][2]


# --- pages ---


@pytest.fixture(scope="module")
def many(site):
    """A customer with 30 changes of one user: (the administrator's client, the user, the event ids, newest first)."""
    customer = site.seed.customer()
    boss = site.seed.user("boss", customer, roles=("admin",))
    user = site.seed.user("many", customer)
    for number in range(30):
        site.sql("UPDATE _user SET name = %s WHERE id = %s", (f"Many {number}", user.id))
    ids = [row[0] for row in site.sql("SELECT id FROM event WHERE customer_id = %s ORDER BY id DESC", (customer,))]
    return site.client.bearer(site.mint(boss)), user, ids


def ids_of(answer):
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.json()["events"]]


def test_the_newest_come_first_and_before_goes_on_with_older_ones(many):
    client, _, ids = many
    found, query = [], ""
    for _ in range(100):
        answer = client.get(f"/api/events/?limit=7{query}")
        found += ids_of(answer)
        if not answer.json()["has_next"]:
            break
        query = f"&before={found[-1]}"
    assert found == ids


def test_after_goes_on_with_newer_ones_oldest_first(many):
    client, _, ids = many
    found, after = [], 0
    for _ in range(100):
        answer = client.get(f"/api/events/?limit=7&after={after}")
        found += ids_of(answer)
        after = found[-1]
        if not answer.json()["has_next"]:
            break
    assert found == ids[::-1]
    assert ids_of(client.get(f"/api/events/?after={after}")) == []


@pytest.mark.parametrize("order", ["before=9223372036854775807", "after=0"])
def test_events_are_filtered_by_kind_and_by_user(many, order):
    client, user, ids = many
    updated = ids_of(client.get(f"/api/events/?{order}&limit=1000&kind=user.updated"))
    assert len(updated) == 30
    assert len(ids_of(client.get(f"/api/events/?{order}&limit=1000&user={user.id}"))) == 31
    assert ids_of(client.get(f"/api/events/?{order}&limit=1000&user={user.id}&kind=user.updated")) == updated
    assert ids_of(client.get(f"/api/events/?{order}&kind=user.deleted")) == []
    assert ids_of(client.get(f"/api/events/?{order}&kind=no.such.kind&user=1")) == []


def test_a_page_of_nothing_says_whether_there_is_more(many):
    client, _, _ = many
    assert_json(client.get("/api/events/?limit=0"), 200, {"events": [], "has_next": True})
    assert_json(client.get("/api/events/?limit=0&before=0"), 200, {"events": [], "has_next": False})


WRONG = [
    ("before=1&after=1", {"after": ["'before' must not be present with 'after'"]}),
    ("limit=1001", {"limit": ["max value is 1000"]}),
    ("limit=-1", {"limit": ["min value is 0"]}),
    ("after=-1", {"after": ["min value is 0"]}),
    ("offset=1", {"offset": ["unknown field"]}),
    ("customer=1", {"customer": ["unknown field"]}),
    (
        "user=x",
        {"user": ["field 'user' cannot be coerced: invalid literal for int() with base 10: 'x'", "must be of integer type"]},
    ),
]


@pytest.mark.parametrize("query,payload", WRONG)
def test_wrong_arguments_are_named(admin, query, payload):
    assert_wrong_args(admin.get(f"/api/events/?{query}"), payload)


# --- who may read them ---


def test_only_administrators_and_operators_may_ask(site):
    assert_error(site.client.get("/api/events/"), 401, "UNAUTHORIZED", "No credentials supplied.")
    answer = site.login(site.seed.albert).get("/api/events/")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")


def test_an_administrator_sees_the_own_customer_alone(site, many):
    client, _, ids = many
    assert ids_of(client.get("/api/events/?limit=1000")) == ids
    for foreign in (site.seed.alice, site.seed.bella):
        for order in ("", "&after=0"):
            assert ids_of(client.get(f"/api/events/?user={foreign.id}{order}")) == []
            assert ids_of(client.get(f"/api/events/?user={foreign.id}&kind=user.created{order}")) == []


def test_an_operator_sees_all_customers_or_the_one_that_is_named(site, operator, many):
    _, user, ids = many
    everywhere = ids_of(operator.get("/api/events/?limit=1000"))
    assert set(ids) < set(everywhere)
    customer = user.customer_id
    assert ids_of(operator.get(f"/api/events/?limit=1000&customer={customer}")) == ids
    assert ids_of(operator.get(f"/api/events/?limit=1000&customer={customer}&after=0")) == ids[::-1]
    of_user = ids_of(operator.get(f"/api/events/?user={user.id}&limit=1000"))
    assert len(of_user) == 31 and set(of_user) < set(ids)
    assert_wrong_args(operator.get("/api/events/?customer=2147483647"), {"customer": ["unknown customer"]})


def test_what_belongs_to_no_customer_is_for_operators_alone(site, admin, operator):
    code = f"code{next(site.seed.numbers)}"
    assert operator.post("/api/roles/", {"code": code, "name": "n"}).status_code == 201
    seen = operator.get("/api/events/?kind=role.created").json()["events"]
    assert seen[0]["data"] == {"role": code} and seen[0]["customer"] is None and seen[0]["user"] is None
    assert admin.get("/api/events/?kind=role.created").json() == {"events": [], "has_next": False}


def test_a_collection_lives_at_its_slash_and_is_only_read(admin):
    assert admin.get("/api/events?limit=1").headers["Location"] == "/api/events/?limit=1"
    for method in ("POST", "PUT", "DELETE"):
        answer = admin.request(method, "/api/events/")
        assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert admin.head("/api/events/").status_code == 200
