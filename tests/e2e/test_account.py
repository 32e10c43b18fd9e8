"""GET /api/account/: the user's own account."""

import pytest
from support.client import assert_error, assert_invalid_token, assert_json
from support.site import end_sessions


def created_at(site, user):
    """The time in the database, in the format of the API."""
    ((moment,),) = site.sql("SELECT date_trunc('second', created_at) AT TIME ZONE 'UTC' FROM _user WHERE id = %s", (user.id,))
    return f"{moment.isoformat()}Z"


def account(site, user, rights, **changes):
    client = site.login(user)
    expected = {**user.full(**changes), "created_at": created_at(site, user), "rights": rights}
    assert_json(client.get("/api/account/"), 200, expected)
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
    expected = {**user.full(name="After", roles=[role]), "created_at": created_at(site, user), "rights": []}
    assert_json(client.get("/api/account/"), 200, expected)
    assert client.get("/api/users/token").json()["name"] == "Before"


def test_a_token_of_the_original_shows_the_account_too(site):
    user = site.seed.user(roles=("admin",))
    answer = site.client.bearer(site.mint(user)).get("/api/account/")
    assert_json(answer, 200, {**user.full(), "created_at": created_at(site, user), "rights": ["admin"]})


@pytest.mark.parametrize("moment", ["2026-03-29 01:59:59.999999+00", "1999-12-31 23:59:59+00", "2026-07-01 01:00:00+02"])
def test_when_a_user_was_made_is_told_in_whole_seconds_of_utc(site, moment):
    user = site.seed.user()
    site.sql("UPDATE _user SET created_at = %s WHERE id = %s", (moment, user.id))
    site.sql(f"ALTER DATABASE {site.database} SET timezone = 'Asia/Kolkata'; ALTER DATABASE {site.database} SET datestyle = 'SQL'")
    end_sessions(site)
    told = {"2026-07": "2026-06-30T23:00:00Z"}.get(moment[:7], f"{moment[:10]}T{moment[11:19]}Z")
    assert site.login(user).get("/api/account/").json()["created_at"] == told == created_at(site, user)


@pytest.mark.parametrize("moment", [None, "infinity"])
def test_when_a_user_was_made_is_left_out_where_it_is_not_known(site, moment):
    user = site.seed.user()
    site.sql("UPDATE _user SET created_at = %s WHERE id = %s", (moment, user.id))
    assert_json(site.login(user).get("/api/account/"), 200, {**user.full(), "rights": []})


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
