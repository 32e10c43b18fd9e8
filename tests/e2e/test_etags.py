"""ETag, If-Match and If-None-Match of a user."""

import re

import pytest
from support import fastcgi
from support.client import assert_error, assert_json, assert_wrong_document
from support.grants import document, minted, state
from support.transactions import at_once, beside, transaction

PARALLEL = 50
CHANGED = "The user has been changed in the meantime."


@pytest.fixture(scope="module")
def alice(site):
    return minted(site, site.seed.alice)


def path(user):
    return f"/api/users/{user.id}"


def tag_of(client, user):
    answer = client.get(path(user))
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def put(client, user, tag, **changes):
    return client.put(path(user), document(user, **changes), headers={"If-Match": tag})


def assert_failed(answer):
    assert_error(answer, 412, "PRECONDITION_FAILED", CHANGED)


# --- the tag ---


def test_get_and_head_carry_the_same_strong_tag(site, alice):
    user = site.seed.user(roles=("reader",))
    tag = tag_of(alice, user)
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    head = alice.head(path(user))
    assert (head.status_code, head.headers["ETag"], head.content) == (200, tag, b"")


def test_the_tag_is_the_same_for_everybody_in_every_worker_after_whatever_time(site, alice):
    user = site.seed.user(roles=("writer", "reader"))
    other = minted(site, site.seed.user(roles=("admin",)))
    tags = {tag_of(client, user) for client in (alice, other) for _ in range(2 * site.pool.workers)}
    assert len(tags) == 1


SHOWN = {
    "name": "UPDATE _user SET name = reverse(name) WHERE id = %(user)s",
    "email": "UPDATE _user SET email = reverse(email) WHERE id = %(user)s",
    "case of the email": "UPDATE _user SET email = upper(email) WHERE id = %(user)s",
    "active": "UPDATE _user SET active = false WHERE id = %(user)s",
    "a role more": "INSERT INTO user_has_role VALUES (%(user)s, 3)",
    "a role less": "DELETE FROM user_has_role WHERE user_id = %(user)s AND role_id = 2",
    "another role": "UPDATE user_has_role SET role_id = 3 WHERE user_id = %(user)s AND role_id = 2",
    "the name of a role": "UPDATE role SET name = reverse(name) WHERE id = %(role)s",
    "the code of a role": "UPDATE role SET code = reverse(code) WHERE id = %(role)s",
}
HIDDEN = {
    "hash": "UPDATE _user SET hash = 'x' WHERE id = %(user)s",
    "salt": "UPDATE _user SET salt = 'x' WHERE id = %(user)s",
    "epoch": "UPDATE _user SET epoch = epoch + 1 WHERE id = %(user)s",
    "who may grant a role": "UPDATE role SET assignable = false WHERE id = %(role)s",
    "nothing": "UPDATE _user SET name = name WHERE id = %(user)s",
}


def before_and_after(site, alice, statement):
    role = site.seed.role(f"tagged{next(site.seed.numbers)}")
    user = site.seed.user(roles=("reader",))
    site.sql("INSERT INTO user_has_role VALUES (%s, %s)", (user.id, role))
    before = alice.get(path(user))
    site.sql(statement, {"user": user.id, "role": role})
    after = alice.get(path(user))
    return before, after


@pytest.mark.parametrize("what", SHOWN)
def test_the_tag_changes_with_what_the_answer_shows(site, alice, what):
    before, after = before_and_after(site, alice, SHOWN[what])
    assert before.content != after.content
    assert before.headers["ETag"] != after.headers["ETag"]


@pytest.mark.parametrize("what", HIDDEN)
def test_the_tag_does_not_change_with_what_the_answer_does_not_show(site, alice, what):
    before, after = before_and_after(site, alice, HIDDEN[what])
    assert before.content == after.content
    assert before.headers["ETag"] == after.headers["ETag"]


def test_a_login_that_stores_a_better_hash_and_a_logout_leave_the_tag_alone(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    assert site.login(user).post("/api/users/logout").status_code == 200
    assert alice.post(f"{path(user)}/logout").status_code == 204
    assert tag_of(alice, user) == tag


def test_users_who_are_alike_have_different_tags(site, alice):
    assert tag_of(alice, site.seed.user("twin", email="twin1@example.org")) != tag_of(
        alice, site.seed.user("twin", email="twin2@example.org")
    )


def test_what_is_undone_has_the_old_tag_again(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    assert put(alice, user, tag, name="Changed").status_code == 200
    assert put(alice, user, tag_of(alice, user)).status_code == 200
    assert tag_of(alice, user) == tag


# --- If-Match ---


def test_the_right_tag_lets_a_change_through_once(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    assert_json(put(alice, user, tag, name="First"), 200, user.full(name="First"))
    before = state(site, user)
    assert_failed(put(alice, user, tag, name="Second", password="brand new one", active=False, roles=[{"id": 1}]))
    assert state(site, user) == before
    assert put(alice, user, tag_of(alice, user), name="Second").status_code == 200


def test_a_change_of_a_role_in_between_fails_the_precondition(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    site.sql("INSERT INTO user_has_role VALUES (%s, 2)", (user.id,))
    assert_failed(put(alice, user, tag, name="Changed"))


def test_a_new_password_in_between_does_not(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    reset = {"email": user.email, "password": "brand new one"}
    assert alice.post("/api/users/reset-password", reset).status_code == 200
    assert put(alice, user, tag, name="Changed").status_code == 200


def test_without_the_header_nothing_is_asked(site, alice):
    user = site.seed.user()
    assert alice.put(path(user), document(user, name="Changed")).status_code == 200


# Values of If-Match; {} is the right tag.
MATCHING = ["{}", "*", '"x", {}', '{}, "x"', '"x",{},"y"', ', {},', '"a,b", {}', 'W/"x", {}', "W/{}, {}"]
FAILING = [
    '"x"',
    "W/{}",
    '"x", "y"',
    '""',
    "x",
    ",",
    "{} {}",
    '{}, "open',
    "{}, x",
    "*, {}",
    "{}, *",
    "**",
    'w/"x"',
    "w/{}",
    "W/ {}",
    "'{}'",
    '"x" {}',
    "{};q=1",
    '"*"',
]


def bare(tag):
    return tag.strip('"')


@pytest.mark.parametrize("header", MATCHING)
def test_a_header_that_names_the_tag_matches(site, alice, header):
    user = site.seed.user()
    answer = put(alice, user, header.format(*[tag_of(alice, user)] * 2), name="Changed")
    assert answer.status_code == 200
    assert alice.delete(path(user), headers={"If-Match": header.format(*[tag_of(alice, user)] * 2)}).status_code == 204


@pytest.mark.parametrize("header", FAILING)
def test_a_header_that_does_not_name_it_or_cannot_be_read_fails(site, alice, header):
    user = site.seed.user()
    tag = tag_of(alice, user)
    before = state(site, user)
    assert_failed(put(alice, user, header.format(tag, tag), name="Changed"))
    assert_failed(alice.delete(path(user), headers={"If-Match": header.format(tag, tag)}))
    assert state(site, user) == before


def test_parts_of_the_tag_and_other_cases_of_it_are_not_the_tag(site, alice):
    user = site.seed.user()
    digest = bare(tag_of(alice, user))
    for other in (digest, f'"{digest[:-1]}"', f'"{digest}0"', f'"{digest.upper()}x"', f'" {digest}"', f"'{digest}'"):
        assert_failed(put(alice, user, other, name="Changed"))


def past_the_server(site, client, method, user, name, lines):
    """The status of a request with several lines of one header, sent past the web server. nginx refuses such requests,
    and other servers may join the lines."""
    parameters = fastcgi.environ(method, path(user), HTTP_AUTHORIZATION=f"Bearer {client.token}")
    return fastcgi.request(site.pool.address, [*parameters.items(), *((name, line) for line in lines)])[0]


@pytest.mark.parametrize(
    "lines,status",
    [
        (["{}"], 204),
        ([" {}\t"], 204),
        (['"x"', "{}", '"y"'], 204),
        (["", "{}"], 204),
        (["{}", "{}"], 204),
        (["{}", "open"], 412),
        (["*", "{}"], 412),
        (['"x"', "W/{}"], 412),
        ([" "], 412),
        ([""], 412),
    ],
)
def test_several_lines_are_one_list(site, alice, lines, status):
    user = site.seed.user()
    tag = tag_of(alice, user)
    sent = [line.format(tag) for line in lines]
    assert past_the_server(site, alice, "DELETE", user, "HTTP_IF_MATCH", sent) == status
    assert (state(site, user) is None) == (status == 204)


def test_a_deletion_with_an_old_tag_deletes_nobody(site, alice):
    user = site.seed.user()
    old = tag_of(alice, user)
    assert put(alice, user, old, name="Changed").status_code == 200
    assert_failed(alice.delete(path(user), headers={"If-Match": old}))
    assert alice.delete(path(user), headers={"If-Match": tag_of(alice, user)}).status_code == 204
    answer = alice.delete(path(user), headers={"If-Match": "*"})
    assert_error(answer, 404, "NOT_FOUND", "User not found.")


# --- the order of the checks ---


@pytest.mark.parametrize("header", ['"old"', "nonsense", "*"])
def test_credentials_rights_and_existence_come_before_the_precondition(site, alice, header):
    user = site.seed.user()
    headers = {"If-Match": header}
    change = document(user, name="Changed")
    nobody = minted(site, site.seed.albert)
    for method, body in (("PUT", change), ("DELETE", None)):
        assert site.client.request(method, path(user), body, headers=headers).status_code == 401
        assert site.client.bearer("x").request(method, path(user), body, headers=headers).status_code == 401
        assert nobody.request(method, path(user), body, headers=headers).status_code == 403
        for number in (site.seed.bob.id, 2147483647):
            answer = alice.request(method, f"/api/users/{number}", body, headers=headers)
            assert_error(answer, 404, "NOT_FOUND", "User not found.")


@pytest.mark.parametrize("header", ['"old"', "nonsense", "*"])
def test_a_user_who_may_not_be_managed_and_a_wrong_document_come_before_the_precondition(site, alice, header):
    if not site.sql("SELECT 1 FROM role WHERE code = 'auditor'"):
        site.seed.role("auditor", "Auditor", assignable=False)
    held = site.seed.user(roles=("auditor",))
    for answer in (put(alice, held, header, roles=[]), put(alice, held, header, password="brand new one")):
        assert answer.status_code == 403
    assert alice.delete(path(held), headers={"If-Match": header}).status_code == 403
    user = site.seed.user()
    assert_wrong_document(put(alice, user, header, roles=[{"id": 9999}]), {"roles": [{"0": ["unknown role"]}]})
    assert_wrong_document(put(alice, user, header, x=1), {"x": ["unknown field"]})
    assert_wrong_document(put(alice, user, header, password="short"), {"password": ["min length is 8"]})


def test_the_precondition_comes_before_conflicts(site, alice):
    user = site.seed.user()
    taken = {"email": site.seed.albert.email}
    assert_failed(put(alice, user, '"old"', **taken))
    assert put(alice, user, tag_of(alice, user), **taken).status_code == 409
    assert_failed(alice.delete(path(site.seed.alice), headers={"If-Match": '"old"'}))
    assert alice.delete(path(site.seed.alice), headers={"If-Match": "*"}).status_code == 409


def test_the_tag_of_one_user_does_not_fit_another(site, alice):
    one, other = site.seed.user(), site.seed.user()
    assert_failed(put(alice, other, tag_of(alice, one), name="Changed"))


def test_where_users_are_not_changed_the_header_does_not_count(site, alice):
    headers = {"If-Match": '"old"'}
    user = site.seed.user()
    assert alice.get(path(user), headers=headers).status_code == 200
    assert alice.get("/api/users/", headers=headers).status_code == 200
    assert alice.post(f"{path(user)}/logout", headers=headers).status_code == 204


# --- at the same time ---


def codes_of(site, count, send):
    clients = [minted(site, site.seed.alice) for _ in range(count)]
    requests = [lambda pair=pair: send(*pair) for pair in enumerate(clients)]
    return sorted(answer.status_code for answer in at_once(*requests))


def test_of_fifty_changes_at_once_with_the_same_tag_one_is_made(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)
    codes = codes_of(site, PARALLEL, lambda number, client: put(client, user, tag, name=f"n{number}"))
    assert codes == [200] + [412] * (PARALLEL - 1)


def test_of_many_deletions_and_changes_at_once_with_the_same_tag_one_is_made(site, alice):
    user = site.seed.user()
    tag = tag_of(alice, user)

    def send(number, client):
        if number % 2:
            return client.delete(path(user), headers={"If-Match": tag})
        return put(client, user, tag, name=f"n{number}")

    codes = codes_of(site, 20, send)
    assert codes[0] in (200, 204) and set(codes[1:]) == {412 if codes[0] == 200 else 404}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_that_is_committed_while_a_request_waits_fails_its_precondition(site, alice, method):
    user = site.seed.user()
    headers = {"If-Match": tag_of(alice, user)}
    change = document(user, name="Second") if method == "PUT" else None
    with transaction(site) as first:
        first.sql("UPDATE _user SET name = 'First' WHERE id = %s", (user.id,))
        with beside(site, lambda: alice.request(method, path(user), change, headers)) as (answer,):
            first.commit()
    assert_failed(answer.result())
    assert state(site, user)[0]["name"] == "First"


# --- If-None-Match ---


@pytest.mark.parametrize("header", ["{}", "W/{}", "*", '"x", {}', 'W/"x",W/{}', ", {}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_knows_the_state_gets_304_with_the_tag_and_without_body_and_type(site, alice, header, method):
    user = site.seed.user()
    tag = tag_of(alice, user)
    headers = {"Authorization": f"Bearer {alice.token}", "If-None-Match": header.format(tag)}
    status, headers, body = site.client.raw(method, path(user), headers)
    assert (status, body) == (304, b"")
    assert headers["ETag"] == tag
    assert headers.get("Content-Type") is None
    assert headers.get("Content-Length") is None


@pytest.mark.parametrize("header", ['"x"', "", "x", '{}, "open', "{} x", 'W/"x"'])
def test_a_client_that_knows_another_state_or_none_gets_the_user(site, alice, header):
    user = site.seed.user(roles=("reader",))
    tag = tag_of(alice, user)
    answer = alice.get(path(user), headers={"If-None-Match": header.format(tag)})
    assert_json(answer, 200, user.full())
    assert answer.headers["ETag"] == tag


def test_after_a_change_the_old_tag_gets_the_user(site, alice):
    user = site.seed.user()
    headers = {"If-None-Match": tag_of(alice, user)}
    assert alice.get(path(user), headers=headers).status_code == 304
    assert alice.put(path(user), document(user, name="Changed")).status_code == 200
    assert_json(alice.get(path(user), headers=headers), 200, user.full(name="Changed"))


def test_several_lines_of_if_none_match_are_one_list(site, alice):
    user = site.seed.user()
    lines = ['"x"', tag_of(alice, user)]
    assert past_the_server(site, alice, "GET", user, "HTTP_IF_NONE_MATCH", lines) == 304
    assert past_the_server(site, alice, "GET", user, "HTTP_IF_NONE_MATCH", ["open", lines[1]]) == 200


def test_who_may_not_see_the_user_learns_nothing_by_a_tag(site, alice):
    user = site.seed.user(customer=site.seed.b)
    tag = tag_of(minted(site, site.seed.bella), user)
    for header in (tag, "*"):
        headers = {"If-None-Match": header}
        assert alice.get(path(user), headers=headers).status_code == 404
        assert minted(site, site.seed.albert).get(path(user), headers=headers).status_code == 403
        assert site.client.get(path(user), headers=headers).status_code == 401


def test_an_answer_that_is_no_user_carries_no_tag(site, alice):
    for answer in (alice.get("/api/users/"), alice.get("/api/users/2147483647"), alice.get("/api/roles/")):
        assert "ETag" not in answer.headers
