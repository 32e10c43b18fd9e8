"""POST /api/roles/, and GET, PUT and DELETE of /api/roles/<id>."""

import itertools
import json

import pytest
from support.client import assert_error, assert_json, assert_wrong_args, assert_wrong_document, payload_of
from support.transactions import at_once, beside, transaction

NUMBERS = itertools.count(1)
OPERATORS_ONLY = [
    ("POST", "/api/roles/", {"code": "x", "name": "X"}),
    ("PUT", "/api/roles/2", {"name": "X"}),
    ("DELETE", "/api/roles/2", None),
]
LONG = "This would make the user's token too long."
# A payload of this many bytes makes a token of 6000 bytes. Base64 makes four bytes of three, and the rest has 81 bytes.
MOST = 4439


def new_code():
    return f"role{next(NUMBERS)}"


def shown(number, code, name, assignable=True, users=0):
    return {"assignable": assignable, "code": code, "id": number, "name": name, "users": users}


def operator(site):
    return site.login(site.seed.olga)


def admin(site):
    return site.login(site.seed.alice)


def stored(site, number):
    found = site.sql("SELECT code, name, assignable FROM role WHERE id = %s", (number,))
    return found[0] if found else None


# --- who may change roles ---


@pytest.mark.parametrize("method,path,document", OPERATORS_ONLY)
def test_what_is_for_operators_is_refused_to_all_others_before_anything_else_is_looked_at(
    operated, method, path, document
):
    for roles in ((), ("reader",), ("admin",), ("admin", "reader", "writer")):
        client = operated.login(operated.seed.user(roles=roles))
        for sent in (document, {"wrong": 1}):
            answer = client.request(method, path, sent)
            assert_error(answer, 403, "FORBIDDEN", "You don't have the operator role(s).")
    assert_error(operated.client.request(method, path, document), 401, "UNAUTHORIZED", "No credentials supplied.")
    assert stored(operated, 2) == ("reader", "Reader", True)


@pytest.mark.parametrize("method,path,document", OPERATORS_ONLY)
def test_where_operators_are_not_configured_there_are_none(site, method, path, document):
    would_be = site.seed.operator(roles=("admin",))
    for user in (site.seed.alice, site.seed.albert, would_be):
        answer = site.login(user).request(method, path, document)
        assert_error(answer, 403, "FORBIDDEN", "Operators are not configured.")


def test_a_role_is_shown_to_admins_and_operators(operated):
    for client in (admin(operated), operator(operated)):
        assert client.get("/api/roles/2").status_code == 200
    answer = operated.login(operated.seed.albert).get("/api/roles/2")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert_error(operated.client.get("/api/roles/2"), 401, "UNAUTHORIZED", "No credentials supplied.")


# --- GET /api/roles/?assignable= ---


@pytest.fixture
def kinds(fresh_operated):
    """A site with roles of every kind, and no others."""
    fresh_operated.sql("UPDATE role SET assignable = true WHERE code = 'operator'")
    fresh_operated.seed.role("trusted", assignable=False)
    return fresh_operated


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [role["code"] for role in answer.json()["roles"]]


def test_assignable_asks_for_what_the_caller_may_grant_whatever_the_column_says(kinds):
    everything = ["admin", "reader", "writer", "trusted", "operator"]
    for client, may, may_not in (
        (admin(kinds), everything[:3], everything[3:]),
        (operator(kinds), everything, []),
    ):
        assert codes(client.get("/api/roles/")) == everything
        assert codes(client.get("/api/roles/?assignable=true")) == may
        assert codes(client.get("/api/roles/?assignable=false")) == may_not


def test_without_operators_the_column_alone_says_what_may_be_granted(site):
    number = site.seed.role(new_code(), assignable=False)
    client = admin(site)
    assert number not in [role["id"] for role in client.get("/api/roles/?assignable=true").json()["roles"]]
    assert number in [role["id"] for role in client.get("/api/roles/?assignable=false").json()["roles"]]


def test_role_objects_of_a_list_have_three_keys(kinds):
    for client in (admin(kinds), operator(kinds)):
        for query in ("", "?assignable=true", "?after=1"):
            assert {tuple(role) for role in client.get("/api/roles/" + query).json()["roles"]} == {
                ("code", "id", "name")
            }


def test_after_goes_on_behind_an_id(kinds):
    client = operator(kinds)
    numbers = [role["id"] for role in client.get("/api/roles/").json()["roles"]]
    for number in [0, *numbers, 2147483647]:
        answer = client.get(f"/api/roles/?after={number}&limit=2")
        following = [each for each in numbers if each > number]
        assert [role["id"] for role in answer.json()["roles"]] == following[:2]
        assert answer.json()["has_next"] is (len(following) > 2)
    assert codes(admin(kinds).get("/api/roles/?after=1&assignable=true&limit=1")) == ["reader"]
    assert codes(admin(kinds).get("/api/roles/?offset=1&assignable=false")) == ["operator"]


@pytest.mark.parametrize(
    "query,payload",
    [
        ("assignable=yes", {"assignable": ["must be of boolean type"]}),
        ("after=-1", {"after": ["min value is 0"]}),
        ("after=1&offset=1", {"after": ["'offset' must not be present with 'after'"]}),
        ("customer=1", {"customer": ["unknown field"]}),
    ],
)
def test_wrong_arguments_are_named(operated, query, payload):
    assert_wrong_args(operator(operated).get("/api/roles/?" + query), payload)


# --- GET /api/roles/<id> ---


def test_an_admin_sees_how_many_of_their_own_customer_hold_a_role_and_an_operator_sees_all(operated):
    code = new_code()
    number = operated.seed.role(code, "Counted", assignable=False)
    for customer, count in ((operated.seed.a, 2), (operated.seed.b, 3)):
        for index in range(count):
            operated.seed.user(customer=customer, roles=(code,), active=index > 0)
    for client, users in (
        (admin(operated), 2),
        (operated.login(operated.seed.bella), 3),
        (operator(operated), 5),
        (operated.login(operated.seed.operator(customer=operated.seed.b, roles=("admin",))), 5),
    ):
        answer = client.get(f"/api/roles/{number}")
        assert_json(answer, 200, shown(number, code, "Counted", False, users))
        assert client.head(f"/api/roles/{number}").status_code == 200


def test_the_operator_role_is_shown_as_not_assignable_whatever_its_column_says(kinds):
    number = kinds.sql("SELECT id FROM role WHERE code = 'operator'")[0][0]
    for client in (admin(kinds), operator(kinds)):
        assert client.get(f"/api/roles/{number}").json()["assignable"] is False
    answer = operator(kinds).put(f"/api/roles/{number}", {"name": "Operator", "assignable": True})
    assert (answer.status_code, answer.json()["assignable"]) == (200, False)


@pytest.mark.parametrize("number", ["99", "2147483647"])
def test_a_role_that_is_not_there_is_not_found(operated, number):
    client = operator(operated)
    for answer in (
        client.get(f"/api/roles/{number}"),
        admin(operated).get(f"/api/roles/{number}"),
        client.put(f"/api/roles/{number}", {"name": "X"}),
        client.delete(f"/api/roles/{number}"),
    ):
        assert_error(answer, 404, "NOT_FOUND", "Role not found.")


@pytest.mark.parametrize("number", ["0", "-1", "x", "01", "2147483648"])
def test_what_can_be_no_id_is_no_path(operated, number):
    for method in ("GET", "PUT", "DELETE"):
        answer = operator(operated).request(method, f"/api/roles/{number}", {"name": "X"})
        assert_error(answer, 404, "NOT_FOUND", "Not found.")


def test_other_methods_are_named(operated):
    answer = operator(operated).post("/api/roles/2", {"name": "X"})
    assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert answer.headers["Allow"] == "GET, HEAD, PUT, DELETE, OPTIONS"
    assert operator(operated).delete("/api/roles/").headers["Allow"] == "GET, HEAD, POST, OPTIONS"


# --- POST /api/roles/ ---


def test_a_role_is_made_and_shown_as_it_will_be_found(operated):
    client = operator(operated)
    for extra, assignable in (({}, True), ({"assignable": True}, True), ({"assignable": False}, False)):
        code = new_code()
        answer = client.post("/api/roles/", {"code": code, "name": "Ein Rang ✓", **extra})
        number = answer.json()["id"]
        expected = shown(number, code, "Ein Rang ✓", assignable)
        assert_json(answer, 201, expected)
        assert answer.headers["Location"].removeprefix(operated.nginx.url) == f"/api/roles/{number}"
        assert_json(client.get(f"/api/roles/{number}"), 200, expected)
        assert stored(operated, number) == (code, "Ein Rang ✓", assignable)


def test_a_new_role_can_be_granted_and_asked_for(operated):
    code = new_code()
    number = operator(operated).post("/api/roles/", {"code": code, "name": "N"}).json()["id"]
    user = operated.seed.user()
    document = {"active": True, "email": user.email, "name": user.name, "roles": [{"id": number}]}
    assert admin(operated).put(f"/api/users/{user.id}", document).status_code == 200
    assert operated.login(user).get(f"/api/guard?roles={code}").status_code == 200


def test_a_code_that_is_taken_is_a_conflict_and_case_counts(operated):
    code = new_code()
    client = operator(operated)
    assert client.post("/api/roles/", {"code": code, "name": "N"}).status_code == 201
    for _ in range(2):
        answer = client.post("/api/roles/", {"code": code, "name": "Another"})
        assert_error(answer, 409, "CONFLICT", "Role already exists.")
    assert client.post("/api/roles/", {"code": code.upper(), "name": "N"}).status_code == 201


def test_of_many_who_make_one_role_at_once_one_does(operated):
    code = new_code()
    clients = [operator(operated) for _ in range(6)]
    answers = at_once(
        *(lambda client=client: client.post("/api/roles/", {"code": code, "name": "N"}) for client in clients)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert operated.sql("SELECT count(*) FROM role WHERE code = %s", (code,)) == [(1,)]


@pytest.mark.parametrize("code", ["a b", "Ä✓𝒰", "a/b?c&d=e%20", '"\\', "x" * 255, "𝒰" * 255])
def test_a_code_may_be_anything_that_a_list_of_roles_can_name(operated, code):
    answer = operator(operated).post("/api/roles/", {"code": code, "name": ""})
    assert_json(answer, 201, shown(answer.json()["id"], code, ""))


@pytest.mark.parametrize(
    "code,sentences",
    [
        ("", ["empty values not allowed"]),
        ("a,b", ["comma not allowed"]),
        (",", ["comma not allowed"]),
        (" a", ["must not begin or end with a blank"]),
        ("a ", ["must not begin or end with a blank"]),
        (" ", ["must not begin or end with a blank"]),
        ("a\tb", ["control character not allowed"]),
        ("a\u007f", ["control character not allowed"]),
        ("\ta", ["control character not allowed", "must not begin or end with a blank"]),
        ("a\n,", ["control character not allowed", "comma not allowed"]),
        ("a\u0000b", ["null character not allowed"]),
        ("x" * 256, ["max length is 255"]),
        (None, ["null value not allowed"]),
        (5, ["must be of string type"]),
    ],
)
def test_a_code_that_no_list_of_roles_can_name_is_refused(operated, code, sentences):
    before = operated.sql("SELECT count(*) FROM role")
    assert_wrong_document(operator(operated).post("/api/roles/", {"code": code, "name": "N"}), {"code": sentences})
    assert operated.sql("SELECT count(*) FROM role") == before


@pytest.mark.parametrize(
    "document,payload",
    [
        ({}, {"code": ["required field"], "name": ["required field"]}),
        ({"code": "c", "name": "x" * 256}, {"name": ["max length is 255"]}),
        ({"code": "c", "name": "a\u0000"}, {"name": ["null character not allowed"]}),
        ({"code": "c", "name": "n", "assignable": 1}, {"assignable": ["must be of boolean type"]}),
        ({"code": "c", "name": "n", "assignable": None}, {"assignable": ["null value not allowed"]}),
        ({"code": "c", "name": "n", "id": 1}, {"id": ["unknown field"]}),
        ({"code": "c", "name": "n", "users": 1}, {"users": ["unknown field"]}),
    ],
)
def test_all_that_is_wrong_with_a_new_role_is_named(operated, document, payload):
    assert_wrong_document(operator(operated).post("/api/roles/", document), payload)


# --- PUT /api/roles/<id> ---


def test_name_and_assignable_are_changed_and_the_code_never(operated):
    code = new_code()
    number = operated.seed.role(code, "Before")
    operated.seed.user(roles=(code,))
    client = operator(operated)
    for document, name, assignable in (
        ({"name": "After"}, "After", True),
        ({"name": "After", "assignable": False}, "After", False),
        ({"name": "Again"}, "Again", False),
        ({"name": "Again", "code": "other", "id": 4711, "users": 0, "assignable": True}, "Again", True),
        ({"name": "", "code": None, "id": "x", "users": {}}, "", True),
    ):
        answer = client.put(f"/api/roles/{number}", document)
        assert_json(answer, 200, shown(number, code, name, assignable, 1))
        assert stored(operated, number) == (code, name, assignable)


def test_what_get_shows_can_be_sent_back(operated):
    client = operator(operated)
    number = operated.seed.role(new_code(), assignable=False)
    document = client.get(f"/api/roles/{number}").json()
    assert_json(client.put(f"/api/roles/{number}", document), 200, document)


@pytest.mark.parametrize(
    "document,payload",
    [
        ({}, {"name": ["required field"]}),
        ({"name": None, "assignable": None}, {"assignable": ["null value not allowed"], "name": ["null value not allowed"]}),
        ({"name": "x" * 256}, {"name": ["max length is 255"]}),
        ({"name": "n", "assignable": "true"}, {"assignable": ["must be of boolean type"]}),
        ({"name": "n", "customer": {"id": 1}}, {"customer": ["unknown field"]}),
    ],
)
def test_all_that_is_wrong_with_a_change_is_named(operated, document, payload):
    assert_wrong_document(operator(operated).put("/api/roles/2", document), payload)
    assert stored(operated, 2) == ("reader", "Reader", True)


def test_a_new_name_ends_no_session_and_is_in_the_next_token(operated):
    code = new_code()
    number = operated.seed.role(code, "Before")
    user = operated.seed.user(roles=(code,))
    client = operated.login(user)
    assert operator(operated).put(f"/api/roles/{number}", {"name": "After"}).status_code == 200
    assert client.get("/api/users/token").json()["roles"][0]["name"] == "Before"
    assert operated.login(user).get("/api/users/token").json()["roles"][0]["name"] == "After"


def test_whoever_stops_being_allowed_to_grant_a_role_is_refused_at_once(operated):
    code = new_code()
    number = operated.seed.role(code)
    user = operated.seed.user()
    document = {"active": True, "email": user.email, "name": user.name, "roles": [{"id": number}]}
    assert operator(operated).put(f"/api/roles/{number}", {"name": "N", "assignable": False}).status_code == 200
    answer = admin(operated).put(f"/api/users/{user.id}", document)
    assert_error(answer, 403, "FORBIDDEN", f"You may not grant or remove the {code} role(s).")


# --- a name that makes tokens too long ---


def payload_bytes(user, roles):
    """The size of the largest payload of a user's token, which has the highest epoch and expiry."""
    claims = {
        "active": True,
        "customer": {"id": user.customer_id},
        "email": user.email,
        "epoch": 2**31 - 1,
        "exp": 9999999999,
        "id": user.id,
        "jti": "0" * 32,
        "name": user.name,
        "roles": [{"code": code, "id": number, "name": name} for number, code, name in roles],
    }
    return len(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode())


class Holder:
    """A user whose token has room for `room` more bytes. The user holds the role `last`, whose name is empty."""

    def __init__(self, site, room, number_of_last=1, customer=None):
        self.site = site
        self.user = site.seed.user(name='Ann "Ä" \\ /𝒰', email=f"{new_code()}@example.org", customer=customer)
        self.roles = []
        for name in ('"' * 150, "\\" * 150, "\u0001" * 100, "ä\n" * 50, "𝒰" * 100):
            self.hold(name)
        last = [self.hold("") for _ in range(number_of_last)]
        while self.left() > room:
            filler = self.hold("")
            # The next filler role needs some room, too.
            name = "f" * min(255, self.left() - room if self.left() - room < 255 else 100)
            site.sql("UPDATE role SET name = %s WHERE id = %s", (name, filler))
            self.roles[-1] = (filler, self.roles[-1][1], name)
        assert self.left() == room
        self.last = last[0] if number_of_last == 1 else last
        site.sql("UPDATE _user SET epoch = 2147483000 WHERE id = %s", (self.user.id,))

    def hold(self, name):
        code = new_code()
        number = self.site.seed.role(code, name)
        self.site.sql("INSERT INTO user_has_role VALUES (%s, %s)", (self.user.id, number))
        self.roles.append((number, code, name))
        return number

    def left(self):
        return MOST - payload_bytes(self.user, self.roles)

    def rename(self, name):
        return operator(self.site).put(f"/api/roles/{self.last}", {"name": name})

    def change(self, **changes):
        """Changes the user through the service, which measures the token."""
        document = {"active": True, "email": self.user.email, "name": self.user.name, **changes}
        return operator(self.site).put(f"/api/users/{self.user.id}", document)


NAMES = {
    "plain": ("a" * 120, 120),
    "quotes": ('"' * 60, 120),
    "backslashes": ("\\" * 60, 120),
    "control_characters": ("\u0001" * 20, 120),
    "line_ends": ("\b\f\n\r\t" * 12, 120),
    "two_bytes": ("ä" * 60, 120),
    "three_bytes": ("✓" * 40, 120),
    "four_bytes": ("𝒰" * 30, 120),
    "delete_and_slashes": ("\u007f/" * 60, 120),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_just_fits_into_a_token_is_taken_and_one_byte_more_is_not(operated, name):
    text, size = NAMES[name]
    holder = Holder(operated, size)
    assert_error(holder.rename(text + "b"), 409, "CONFLICT", LONG)
    assert stored(operated, holder.last)[1:] == ("", True)
    answer = holder.rename(text)
    assert (answer.status_code, answer.json()["name"]) == (200, text)
    token = operated.token(holder.user)
    assert len(token) == 6000, "the epoch has as many digits as the greatest one"
    assert [role["name"] for role in payload_of(token)["roles"] if role["id"] == holder.last] == [text]
    assert_error(holder.change(name=holder.user.name + "b"), 409, "CONFLICT", LONG)
    assert holder.change(name=holder.user.name[:-1] + "abcd").status_code == 200, "four bytes for one of four"


def test_a_token_that_is_too_long_already_forbids_no_shorter_name(operated):
    holder = Holder(operated, 120)
    operated.sql("UPDATE role SET name = %s WHERE id = %s", ("a" * 200, holder.last))
    assert holder.rename("a" * 200).status_code == 200
    assert holder.rename("b" * 199).status_code == 200
    assert_error(holder.rename("b" * 200), 409, "CONFLICT", LONG)
    assert holder.rename("ä" * 99 + "b").status_code == 200


def test_holders_of_every_customer_count_active_or_not(operated):
    holder = Holder(operated, 120, customer=operated.seed.b)
    assert_error(holder.rename("a" * 121), 409, "CONFLICT", LONG)
    operated.sql("UPDATE _user SET active = false WHERE id = %s", (holder.user.id,))
    assert_error(holder.rename("a" * 121), 409, "CONFLICT", LONG)
    assert holder.rename("a" * 120).status_code == 200, "nobody who is inactive has a token"
    operated.sql("UPDATE role SET name = '' WHERE id = %s", (holder.last,))
    operated.sql("DELETE FROM user_has_role WHERE user_id = %s AND role_id = %s", (holder.user.id, holder.last))
    assert holder.rename("a" * 121).status_code == 200


def test_a_rename_waits_for_grants_in_flight_and_counts_them(operated):
    holder = Holder(operated, 120)
    operated.sql("DELETE FROM user_has_role WHERE user_id = %s AND role_id = %s", (holder.user.id, holder.last))
    client = operator(operated)
    rename = lambda: client.put(f"/api/roles/{holder.last}", {"name": "a" * 121})  # noqa: E731
    with transaction(operated) as grant:
        grant.sql("SELECT 1 FROM role WHERE id = %s FOR SHARE", (holder.last,))
        grant.sql("INSERT INTO user_has_role VALUES (%s, %s)", (holder.user.id, holder.last))
        with beside(operated, rename) as (answer,):
            grant.commit()
    assert_error(answer.result(), 409, "CONFLICT", LONG)


def test_a_grant_waits_for_a_rename_in_flight_and_counts_it(operated):
    holder = Holder(operated, 120)
    operated.sql("DELETE FROM user_has_role WHERE user_id = %s AND role_id = %s", (holder.user.id, holder.last))
    roles = [{"id": number} for number, _, _ in holder.roles]
    client = operator(operated)
    document = {"active": True, "email": holder.user.email, "name": holder.user.name, "roles": roles}
    grant = lambda: client.put(f"/api/users/{holder.user.id}", document)  # noqa: E731
    with transaction(operated) as rename:
        rename.sql("UPDATE role SET name = %s WHERE id = %s", ("a" * 121, holder.last))
        with beside(operated, grant) as (answer,):
            rename.commit()
    assert_error(answer.result(), 409, "CONFLICT", LONG)


def test_of_two_renames_at_once_that_do_not_fit_together_one_is_made(operated):
    holder = Holder(operated, 120, number_of_last=2)
    clients = [operator(operated) for _ in holder.last]
    renames = [
        lambda client=client, number=number: client.put(f"/api/roles/{number}", {"name": "a" * 61})
        for client, number in zip(clients, holder.last)
    ]
    with transaction(operated) as reader:
        # Both write their names before either reads the holders.
        reader.sql("LOCK TABLE user_has_role IN ACCESS EXCLUSIVE MODE")
        with beside(operated, *renames) as answers:
            reader.commit()
    assert sorted(answer.result().status_code for answer in answers) == [200, 409]
    assert sorted(stored(operated, number)[1] for number in holder.last) == ["", "a" * 61]


# --- DELETE /api/roles/<id> ---


def test_a_role_that_nobody_holds_is_deleted(operated):
    code = new_code()
    number = operated.seed.role(code)
    client = operator(operated)
    answer = client.delete(f"/api/roles/{number}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers and "Content-Length" not in answer.headers
    assert stored(operated, number) is None
    for again in (client.delete(f"/api/roles/{number}"), client.get(f"/api/roles/{number}")):
        assert_error(again, 404, "NOT_FOUND", "Role not found.")


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("customer", ["a", "b"])
def test_a_role_that_anybody_of_any_customer_holds_is_in_use(operated, customer, active):
    code = new_code()
    number = operated.seed.role(code)
    user = operated.seed.user(customer=getattr(operated.seed, customer), roles=(code,), active=active)
    answer = operator(operated).delete(f"/api/roles/{number}")
    assert_error(answer, 409, "CONFLICT", "The role is in use.")
    assert operated.seed.row(user)[5] == [code]
    operated.sql("DELETE FROM user_has_role WHERE user_id = %s", (user.id,))
    assert operator(operated).delete(f"/api/roles/{number}").status_code == 204


def test_admin_and_the_operator_role_stay_held_or_not(fresh_operated):
    site = fresh_operated
    number = site.sql("SELECT id FROM role WHERE code = 'operator'")[0][0]
    client = operator(site)
    for each in (1, number):
        assert_error(client.delete(f"/api/roles/{each}"), 409, "CONFLICT", "This role can't be deleted.")
    site.sql("DELETE FROM user_has_role WHERE role_id = 1")
    assert_error(client.delete("/api/roles/1"), 409, "CONFLICT", "This role can't be deleted.")


@pytest.mark.parametrize("how", ["", "ON DELETE RESTRICT", "DEFERRABLE INITIALLY DEFERRED"])
def test_what_else_refers_to_a_role_keeps_it(fresh_operated, how):
    site = fresh_operated
    site.sql(f"CREATE TABLE of_mine (role_id integer REFERENCES role (id) {how})")
    site.sql("INSERT INTO of_mine VALUES (2)")
    assert_error(operator(site).delete("/api/roles/2"), 409, "CONFLICT", "Other data refers to the role.")
    assert stored(site, 2) == ("reader", "Reader", True)


def test_a_deletion_waits_for_a_grant_in_flight_and_fails(operated):
    number = operated.seed.role(new_code())
    client = operator(operated)
    user = operated.seed.user()
    with transaction(operated) as grant:
        grant.sql("INSERT INTO user_has_role VALUES (%s, %s)", (user.id, number))
        with beside(operated, lambda: client.delete(f"/api/roles/{number}")) as (answer,):
            grant.commit()
    assert_error(answer.result(), 409, "CONFLICT", "The role is in use.")
    assert stored(operated, number) is not None


def test_a_grant_waits_for_a_deletion_in_flight_and_fails(operated):
    number = operated.seed.role(new_code())
    client = admin(operated)
    user = operated.seed.user()
    document = {"active": True, "email": user.email, "name": user.name, "roles": [{"id": 2}, {"id": number}]}
    with transaction(operated) as deletion:
        deletion.sql("DELETE FROM role WHERE id = %s", (number,))
        with beside(operated, lambda: client.put(f"/api/users/{user.id}", document)) as (answer,):
            deletion.commit()
    assert_wrong_document(answer.result(), {"roles": [{"1": ["unknown role"]}]})
    assert operated.seed.row(user)[5] == []


def test_grant_and_deletion_at_once_leave_either_the_role_or_nobody_who_holds_it(operated):
    client, other = operator(operated), admin(operated)
    outcomes = set()
    for _ in range(10):
        number = operated.seed.role(new_code())
        user = operated.seed.user()
        document = {"active": True, "email": user.email, "name": user.name, "roles": [{"id": number}]}
        deleted, granted = at_once(
            lambda: client.delete(f"/api/roles/{number}"),  # noqa: B023
            lambda: other.put(f"/api/users/{user.id}", document),  # noqa: B023
        )
        outcomes.add((deleted.status_code, granted.status_code))
        assert (stored(operated, number) is None) == (deleted.status_code == 204)
    assert outcomes <= {(204, 422), (409, 200)}
