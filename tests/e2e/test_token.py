"""GET /api/users/token."""

from support.client import assert_error, assert_invalid_token, assert_json, cookie_of, token_of


def test_it_is_the_login_body_again(site):
    user = site.seed.user(roles=("admin", "reader"))
    login = site.client.login(user.email, user.password)
    answer = site.client.bearer(token_of(login)).get("/api/users/token")
    assert (answer.status_code, answer.content) == (200, login.content)


def test_the_cookie_serves_as_well(site):
    user = site.seed.user()
    login = site.client.login(user.email, user.password)
    assert site.client.get("/api/users/token", headers=cookie_of(token_of(login))).content == login.content
    as_the_browser_sends_it = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
    assert site.client.get("/api/users/token", headers=as_the_browser_sends_it).content == login.content


def test_it_sets_no_cookie(site):
    assert "Set-Cookie" not in site.login(site.seed.alice).get("/api/users/token").headers


def test_without_credentials_it_is_refused(site):
    answer = site.client.get("/api/users/token")
    assert_error(answer, 401, "UNAUTHORIZED", "No credentials supplied.")


def test_everybody_who_is_connected_may_ask(site):
    assert site.login(site.seed.albert).get("/api/users/token").json()["roles"] == []


def test_a_token_of_the_original_is_shown_as_it_was_minted(site):
    user = site.seed.user(roles=("writer",))
    claims = site.claims(user)
    answer = site.client.bearer(site.mint(user, **claims)).get("/api/users/token")
    assert_json(answer, 200, claims)


def test_nothing_that_the_server_needs_for_itself_is_shown(site):
    answer = site.login(site.seed.alice).get("/api/users/token")
    assert set(answer.json()) == {"active", "customer", "email", "exp", "id", "name", "roles"}


def test_a_user_who_was_never_active_is_not_connected_by_a_token_that_says_otherwise(site):
    """Nothing has raised the user's epoch, so it equals that of the token."""
    user = site.seed.user(active=False)
    assert site.sql("SELECT epoch FROM _user WHERE id = %s", (user.id,)) == [(0,)]
    assert_invalid_token(site.client.bearer(site.mint(user, active=True)).get("/api/users/token"))


def test_a_token_from_the_future_of_a_restored_database_is_not_accepted(site):
    """The token's epoch is higher than the user's: the backup is older than the change that raised it."""
    user = site.seed.user()
    assert site.client.bearer(site.mint(user, epoch=0)).get("/api/users/token").status_code == 200
    assert_invalid_token(site.client.bearer(site.mint(user, epoch=1)).get("/api/users/token"))


def test_a_user_who_was_deleted_is_connected_no_more(site):
    user = site.seed.user()
    client = site.login(user)
    site.sql("DELETE FROM _user WHERE id = %s", (user.id,))
    assert_invalid_token(client.get("/api/users/token"))
