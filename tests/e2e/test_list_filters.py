"""GET /api/users/?role=&active=&after=&count=."""

import itertools
from urllib.parse import urlencode

import pytest
from support.client import assert_error, assert_json, assert_wrong_args
from support.grants import minted

COERCED = "field 'after' cannot be coerced: invalid literal for int() with base 10: '{}'"


@pytest.fixture(scope="module")
def crowd(site):
    """Thirty users of one customer, with all combinations of roles and activity. The first one is the admin."""
    customer = site.seed.customer()
    users = [site.seed.user("crowd-admin", customer, roles=("admin",))]
    for number in range(29):
        given = [code for bit, code in enumerate(("reader", "writer")) if number >> bit & 1]
        users.append(site.seed.user(f"crowd-{number:02}", customer, active=number % 3 > 0, roles=given))
        site.seed.user(f"crowd-{number:02}", site.seed.b, email=f"b{number}@example.org", roles=given)
    return minted(site, users[0]), users


def ask(client, **arguments):
    answer = client.get("/api/users/?" + urlencode(arguments))
    assert answer.status_code == 200, answer.text
    return answer.json()


def plain(users):
    return [user.plain() for user in users]


def test_a_role_lists_who_holds_it(crowd):
    client, users = crowd
    for code in ("admin", "reader", "writer"):
        wanted = [user for user in users if code in user.roles]
        assert 0 < len(wanted) < len(users)
        assert ask(client, role=code, limit=1000) == {"has_next": False, "users": plain(wanted)}


@pytest.mark.parametrize("code", ["", "Reader", "read", "%", "reader ", " reader", "reader,writer", "2", "nobody"])
def test_a_role_is_a_whole_code_and_no_pattern(crowd, code):
    assert ask(crowd[0], role=code, count="true") == {"count": 0, "has_next": False, "users": []}


def test_active_lists_those_who_are_or_are_not(crowd):
    client, users = crowd
    for text, active in (("true", True), ("false", False)):
        wanted = [user for user in users if user.active is active]
        assert ask(client, active=text, limit=1000)["users"] == plain(wanted)


def test_after_goes_on_behind_an_id_whether_or_not_somebody_has_it(site, crowd):
    client, users = crowd
    for limit in (1, 7, 30):
        seen, after, more = [], 0, True
        while more:
            page = ask(client, after=after, limit=limit)
            assert len(page["users"]) <= limit
            seen, more = seen + page["users"], page["has_next"]
            assert seen == plain(users[: len(seen)])
            after = seen[-1]["id"]
        assert seen == plain(users)
    behind = users[3].id + 1
    assert site.sql("SELECT customer_id FROM _user WHERE id = %s", (behind,))[0][0] == site.seed.b
    assert ask(client, after=behind, limit=1)["users"] == plain(users[4:5])
    for last in (users[-1].id, 2147483647):
        assert ask(client, after=last) == {"has_next": False, "users": []}


def test_after_leaves_nobody_out_who_was_there_when_users_are_deleted_meanwhile(site):
    customer = site.seed.customer()
    users = [site.seed.user(customer=customer, roles=("admin",)) for _ in range(6)]
    client = minted(site, users[0])
    first = ask(client, after=0, limit=3)["users"]
    assert client.delete(f"/api/users/{users[1].id}").status_code == 204
    assert first + ask(client, after=first[-1]["id"], limit=3)["users"] == plain(users)


def test_count_tells_how_many_match_on_whatever_page(crowd):
    client, users = crowd
    readers = [user for user in users if "reader" in user.roles]
    for page in ({}, {"limit": 0}, {"limit": 1}, {"offset": 5}, {"offset": 999}, {"after": users[10].id}):
        assert ask(client, count="true", **page)["count"] == len(users)
        assert ask(client, count="true", role="reader", **page)["count"] == len(readers)
    assert ask(client, count="true", name="crowd-0")["count"] == 10


def test_count_comes_first_only_where_it_is_asked_for(crowd):
    client, users = crowd
    page = {"has_next": True, "users": plain(users[:1])}
    assert_json(client.get("/api/users/?limit=1&count=true"), 200, {"count": len(users), **page})
    for query in ("", "&count=false"):
        assert_json(client.get(f"/api/users/?limit=1{query}"), 200, page)


def test_all_filters_hold_together_and_with_the_search(crowd):
    client, users = crowd
    after = users[6].id
    for role, active, name, page in itertools.product(
        (None, "reader"), (None, True, False), (None, "crowd-1"), ({}, {"after": after}, {"offset": 2, "limit": 3})
    ):
        arguments = {"count": "true", "limit": 1000, **page}
        wanted = [
            user
            for user in users
            if (role is None or role in user.roles)
            and (active is None or user.active is active)
            and (name is None or name in user.name)
        ]
        arguments.update({} if role is None else {"role": role})
        arguments.update({} if active is None else {"active": str(active).lower()})
        arguments.update({} if name is None else {"name": name, "email": "nothing at all"})
        shown = [user for user in wanted if user.id > page.get("after", 0)][page.get("offset", 0) :]
        shown = shown[: arguments["limit"]]
        assert ask(client, **arguments) == {
            "count": len(wanted),
            "has_next": bool(wanted) and bool(shown) and shown[-1] is not wanted[-1],
            "users": plain(shown),
        }


@pytest.mark.parametrize("argument", ["active", "count"])
@pytest.mark.parametrize("text", ["", "1", "0", "True", "TRUE", "yes", "on", "null", " true"])
def test_a_truth_value_is_true_or_false(crowd, argument, text):
    answer = crowd[0].get("/api/users/?" + urlencode({argument: text}))
    assert_wrong_args(answer, {argument: ["must be of boolean type"]})


@pytest.mark.parametrize(
    "text,sentences",
    [
        ("-1", ["min value is 0"]),
        ("2147483648", ["max value is 2147483647"]),
        *((text, [COERCED.format(text), "must be of integer type"]) for text in ("x", "", "1.0")),
    ],
)
def test_after_is_an_id(crowd, text, sentences):
    assert_wrong_args(crowd[0].get("/api/users/?" + urlencode({"after": text})), {"after": sentences})


@pytest.mark.parametrize("query", ["after=1&offset=1", "offset=0&after=0", "offset=20&limit=1&after=5&count=true"])
def test_after_and_offset_exclude_each_other(crowd, query):
    payload = {"after": ["'offset' must not be present with 'after'"]}
    assert_wrong_args(crowd[0].get("/api/users/?" + query), payload)


def test_all_that_is_wrong_is_reported_at_once(crowd):
    answer = crowd[0].get("/api/users/?after=x&offset=-1&active=1&count=2&limit=1001&roles=reader&role=%00")
    assert_error(answer, 422, "WRONG_ARGS", "Wrong args.", answer.json()["payload"])
    assert set(answer.json()["payload"]) == {"active", "after", "count", "limit", "offset", "role", "roles"}
    assert "'offset' must not be present with 'after'" in answer.json()["payload"]["after"]
    assert answer.json()["payload"]["role"] == ["null character not allowed"]


def test_of_a_repeated_argument_the_first_counts(crowd):
    client, users = crowd
    wanted = [user for user in users if "reader" in user.roles]
    answer = client.get("/api/users/?role=reader&role=admin&limit=1000&count=false&count=true")
    assert answer.json() == {"has_next": False, "users": plain(wanted)}
