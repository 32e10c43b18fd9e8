"""POST /api/users/reset-password."""

import pytest
from support import seed
from support.client import (
    assert_error,
    assert_invalid_token,
    assert_json,
    assert_wrong_document,
    assert_wrong_login,
    set_cookie,
    token_of,
    what_was_said,
)
from support.crypt import crypt

NEW = "a brand new password"


def reset(client, email, password=NEW):
    return client.post("/api/users/reset-password", {"email": email, "password": password})


def test_the_answer_is_the_user_without_roles(site):
    user = site.seed.user(roles=("reader",))
    assert_json(reset(site.login(site.seed.alice), user.email), 200, user.plain())


def test_the_new_password_counts_and_the_old_does_not(site):
    user = site.seed.user()
    reset(site.login(site.seed.alice), user.email)
    assert site.client.login(user.email, NEW).status_code == 200
    assert_wrong_login(site.client.login(user.email, user.password))
    _, _, _, stored, salt, _ = site.seed.row(user)
    assert salt.startswith("$2b$04$") and stored == crypt(NEW, salt)


def test_everybody_may_reset_their_own(site):
    user = site.seed.user()
    assert_json(reset(site.login(user), user.email), 200, user.plain())
    assert site.client.login(user.email, NEW).status_code == 200


def test_ones_own_email_is_known_in_any_case(site):
    user = site.seed.user()
    assert_json(reset(site.login(user), user.email.upper()), 200, user.plain())


def test_tokens_issued_before_no_longer_count(site):
    user = site.seed.user()
    first, second, minted = site.login(user), site.login(user), site.client.bearer(site.mint(user))
    reset(first, user.email)
    for client in (first, second, minted):
        assert_invalid_token(client.get("/api/users/token"))


def test_whoever_resets_their_own_gets_a_fresh_cookie(site):
    for roles in ((), ("admin",)):
        user = site.seed.user(roles=roles)
        answer = reset(site.login(user), user.email)
        cookie = set_cookie(answer)
        assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
        again = site.client.bearer(token_of(answer)).get("/api/users/token")
        assert {**again.json(), "exp": 0} == {**user.full(), "exp": 0}


def test_an_admin_who_resets_anothers_keeps_session_and_cookie(site):
    admin, user = site.login(site.seed.alice), site.seed.user()
    victim = site.login(user)
    assert set_cookie(reset(admin, user.email)) is None
    assert admin.get("/api/users/token").status_code == 200
    assert_invalid_token(victim.get("/api/users/token"))


def test_anothers_is_for_admins(site):
    user, other = site.seed.user(roles=("reader", "writer")), site.seed.user()
    before = site.seed.row(other)
    answer = reset(site.login(user), other.email)
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert site.seed.row(other) == before


def test_who_is_no_admin_learns_nothing_about_emails(site):
    client = site.login(site.seed.user())
    emails = (site.seed.albert.email, site.seed.bob.email, "nobody@example.org", str(site.seed.albert.id))
    said = [what_was_said(reset(client, email)) for email in emails]
    assert said[1:] == said[:-1]


@pytest.mark.parametrize("email", ["nobody@example.org", "%", "", 'O\'Hara "x" \\ ✓'])
def test_an_unknown_email_is_unprocessable(site, email):
    answer = reset(site.login(site.seed.alice), email)
    assert_error(answer, 422, "UNPROCESSABLE_ENTITY", f"User '{email}' doesn't exist.")


def test_a_foreign_users_email_is_answered_exactly_like_an_unknown_one(site):
    foreign = site.seed.user(customer=site.seed.b)
    before = site.seed.row(foreign)
    admin = site.login(site.seed.alice)
    there = what_was_said(reset(admin, foreign.email))
    assert site.seed.row(foreign) == before
    site.sql("DELETE FROM _user WHERE id = %s", (foreign.id,))
    assert there == what_was_said(reset(admin, foreign.email))
    assert there[0] == 422


def test_a_number_is_no_user_id(site):
    before = [site.seed.row(user) for user in (site.seed.albert, site.seed.bob)]
    for user in (site.seed.albert, site.seed.bob):
        answer = reset(site.login(site.seed.alice), str(user.id))
        assert_error(answer, 422, "UNPROCESSABLE_ENTITY", f"User '{user.id}' doesn't exist.")
    answer = reset(site.login(site.seed.albert), str(site.seed.albert.id))
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
    assert [site.seed.row(user) for user in (site.seed.albert, site.seed.bob)] == before


def test_both_fields_are_required_and_no_other_is_known(site):
    client = site.login(site.seed.alice)
    answer = client.post("/api/users/reset-password", {})
    assert_wrong_document(answer, {"email": ["required field"], "password": ["required field"]})
    answer = client.post("/api/users/reset-password", {"email": 1, "password": [], "id": 1})
    strings = ["must be of string type"]
    assert_wrong_document(answer, {"email": strings, "password": strings, "id": ["unknown field"]})


@pytest.mark.parametrize(
    "password,reason",
    [("1234567", "min length is 8"), ("x" * 73, "max length is 72"), ("ä" * 37, "max length is 72")],
)
def test_the_password_rules_hold(site, password, reason):
    user = site.seed.user()
    before = site.seed.row(user)
    assert_wrong_document(reset(site.login(site.seed.alice), user.email, password), {"password": [reason]})
    assert site.seed.row(user) == before


def test_a_users_legacy_hash_is_replaced(site):
    user = site.seed.user(password="old", stored=seed.pbkdf2("old"))
    assert reset(site.login(site.seed.alice), user.email).status_code == 200
    assert site.seed.row(user)[4].startswith("$2b$")
    assert_wrong_login(site.client.login(user.email, "old"))
