"""GET /api/account/: one's own account."""

import pytest
from support.client import assert_error, assert_invalid_token, assert_json


def account(site, user, rights, **changes):
    client = site.login(user)
    assert_json(client.get("/api/account/"), 200, {**user.full(**changes), "rights": rights})
    assert client.head("/api/account/").status_code == 200


def test_everybody_who_is_connected_sees_themselves_with_roles_and_rights(operated):
    account(operated, operated.seed.albert, [])
    account(operated, operated.seed.bob, [])
    account(operated, operated.seed.user(roles=("reader", "writer")), [])
    account(operated, operated.seed.alice, ["admin"])
    account(operated, operated.seed.bella, ["admin"])
    account(operated, operated.seed.olga, ["admin", "operator"])


def test_an_operator_with_the_role_admin_has_the_same_rights(operated):
    user = operated.seed.operator(customer=operated.seed.b, roles=("admin",))
    assert operated.login(user).get("/api/account/").json()["rights"] == ["admin", "operator"]


def test_where_operators_are_not_configured_the_role_gives_no_right(site):
    user = site.seed.operator()
    assert site.login(user).get("/api/account/").json()["rights"] == []


def test_the_answer_comes_from_the_database_and_not_from_the_token(fresh_site):
    site = fresh_site
    user = site.seed.user("Before", roles=("reader",))
    client = site.login(user)
    site.sql("UPDATE _user SET name = 'After' WHERE id = %s", (user.id,))
    site.sql("UPDATE role SET name = 'Renamed' WHERE code = 'reader'")
    role = {"code": "reader", "id": 2, "name": "Renamed"}
    expected = {**user.full(name="After", roles=[role]), "rights": []}
    assert_json(client.get("/api/account/"), 200, expected)
    assert client.get("/api/users/token").json()["name"] == "Before"


def test_a_token_of_the_original_shows_the_account_too(site):
    user = site.seed.user(roles=("admin",))
    answer = site.client.bearer(site.mint(user)).get("/api/account/")
    assert_json(answer, 200, {**user.full(), "rights": ["admin"]})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_strangers_have_no_account(site, method):
    assert site.client.request(method, "/api/account/").status_code == 401
    assert_error(site.client.get("/api/account/"), 401, "UNAUTHORIZED", "No credentials supplied.")
    assert_invalid_token(site.client.bearer("forged").get("/api/account/"))


def test_a_user_who_is_gone_has_no_account_any_more(site):
    user = site.seed.user()
    client = site.login(user)
    site.sql("DELETE FROM _user WHERE id = %s", (user.id,))
    assert_invalid_token(client.get("/api/account/"))


def test_the_collection_lives_at_its_slash_and_knows_no_other_method(site):
    client = site.login(site.seed.albert)
    assert client.get("/api/account").status_code == 308
    answer = client.request("DELETE", "/api/account/")
    assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_account_can_be_moved(make_site):
    site = make_site({"USER_API_ACCOUNT_PREFIX": "/me"})
    client = site.login(site.seed.alice)
    assert client.get("/me/").json()["rights"] == ["admin"]
    assert client.get("/api/account/").status_code == 404
