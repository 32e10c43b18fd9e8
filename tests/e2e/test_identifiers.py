"""Emails and names of users: what they must not contain, at every place where they are set."""

import itertools
import re

import pytest
from support.client import assert_error, assert_json, assert_wrong_document
from support.installation import assert_one_line
from support.operator import operator  # noqa: F401

NUMBERS = itertools.count(1)
CONTROL, INVISIBLE = "control character not allowed", "invisible character not allowed"
BLANK, EMPTY, NULL = "must not begin or end with a blank", "empty values not allowed", "null character not allowed"

# One example of each kind. tests/unit/test_identifier.c checks the exact limits.
WRONG = {
    "": [EMPTY],
    " ": [BLANK],
    "{} ": [BLANK],
    " {}": [BLANK],
    "{}\u00a0": [BLANK],
    "\u3000{}": [BLANK],
    "{}\n": [CONTROL],
    "a\u0085{}": [CONTROL],
    "\u200b{}": [INVISIBLE],
    "a\u2066{}": [INVISIBLE],
    "\ufeff{}": [INVISIBLE],
    " {}\u200b\r": [CONTROL, INVISIBLE, BLANK],
    "{}\0": [NULL],
    "{}\0\t ": [NULL, CONTROL, BLANK],
}
WITHOUT_NULL = {form: sentences for form, sentences in WRONG.items() if "\0" not in form}


def new_email():
    return f"identifier{next(NUMBERS)}@example.org"


def document(**changes):
    return {"active": True, "email": new_email(), "name": "n", "password": "12345678", "roles": [], **changes}


def register(site, **changes):
    return site.login(site.seed.alice).post("/api/users/", document(**changes))


def update(site, user, **changes):
    sent = {"active": user.active, "email": user.email, "name": user.name, **changes}
    return site.login(site.seed.alice).put(f"/api/users/{user.id}", sent)


@pytest.mark.parametrize("form", WRONG, ids=ascii)
@pytest.mark.parametrize("field", ["email", "name"])
def test_a_new_user_with_such_an_email_or_name_is_refused(site, field, form):
    assert_wrong_document(register(site, **{field: form.format(new_email())}), {field: WRONG[form]})


def test_all_that_is_wrong_with_a_new_user_is_said_at_once(site):
    answer = register(site, email="a\n", name=" ", password="short", more=1)
    assert_wrong_document(
        answer, {"email": [CONTROL], "more": ["unknown field"], "name": [BLANK], "password": ["min length is 8"]}
    )


@pytest.mark.parametrize("name", ["Ann Smith", "a\u3000b", "𝒰ser ✓", "e\u0301", "'; --", "\u00ad", "\u2065", "\u3164"])
def test_other_characters_are_allowed_and_kept(site, name):
    made = register(site, name=name)
    assert (made.status_code, made.json()["name"]) == (201, name)


@pytest.mark.parametrize("form", WITHOUT_NULL, ids=ascii)
@pytest.mark.parametrize("field", ["email", "name"])
def test_nobody_gets_such_an_email_or_name_later(site, field, form):
    user = site.seed.user(roles=("reader",))
    answer = update(site, user, **{field: form.format(new_email())})
    assert_wrong_document(answer, {field: WRONG[form]})
    assert_json(site.login(site.seed.alice).get(f"/api/users/{user.id}"), 200, user.full())


def test_an_update_says_all_that_is_wrong_at_once_the_roles_included(site):
    user = site.seed.user()
    answer = update(site, user, email="a\n", name="", roles=[{"id": 4711}])
    assert_wrong_document(answer, {"email": [CONTROL], "name": [EMPTY], "roles": [{"0": ["unknown role"]}]})


def test_an_update_of_such_an_email_makes_no_hash(site):
    """With or without a password, the update gets the same refusal, before the password is checked."""
    user = site.seed.user()
    answer = update(site, user, email="a\n", password="another password")
    assert_wrong_document(answer, {"email": [CONTROL]})
    assert site.client.login(user.email, "another password").status_code == 401


def test_a_missing_user_is_missing_whatever_the_document_says(site):
    for user_id in (4711, site.seed.bob.id):
        answer = site.login(site.seed.alice).put(
            f"/api/users/{user_id}", {"active": True, "email": " ", "name": " "}
        )
        assert_error(answer, 404, "NOT_FOUND", "User not found.")


def test_what_is_wrong_comes_before_whom_one_may_manage(operated):
    operator = operated.seed.operator(customer=operated.seed.a)
    assert_wrong_document(update(operated, operator, email=" "), {"email": [BLANK]})


OLD = ["{} ", "\u200b{}", "{}\n"]


@pytest.mark.parametrize("form", OLD, ids=ascii)
def test_a_user_from_before_the_rule_can_be_changed_otherwise_and_sent_back(site, form):
    user = site.seed.user(email=form.format(new_email()), name=form.format("Old"), roles=("reader",))
    assert_json(update(site, user), 200, user.full())
    assert_json(update(site, user, active=False), 200, user.full(active=False))
    assert update(site, user, password="another password").status_code == 200
    assert_json(update(site, user, name="New"), 200, user.full(name="New"))
    answer = update(site, user, name=form.format("Another"))
    assert_wrong_document(answer, {"name": WRONG.get(form, [INVISIBLE])})


def test_an_empty_name_from_before_the_rule_is_sent_back_and_given_to_nobody_else(site):
    user = site.seed.user()
    site.sql("UPDATE _user SET name = '' WHERE id = %s", (user.id,))
    assert_json(update(site, user, name="", active=False), 200, user.full(name="", active=False))
    assert_wrong_document(update(site, site.seed.user(), name=""), {"name": [EMPTY]})


# --- the command line ---


@pytest.mark.parametrize("form", ["", "{} ", "{}\n", "{}\u200b"], ids=ascii)
def test_the_command_line_adds_nobody_with_such_an_email_or_name(site, operator, form):
    said = "1 to 255 characters" if form == "" else WRONG[form][0] if form in WRONG else INVISIBLE
    for email, name, what in ((form.format(new_email()), "N", "EMAIL"), (new_email(), form.format("N"), "--name")):
        arguments = ("add", email, "--name", name, "--customer", site.seed.a)
        result = operator.user(*arguments, check=False, USER_API_PASSWORD="x" * 8)
        assert result.returncode == 2 and what in result.stderr and said in result.stderr


def test_the_command_line_gives_nobody_such_an_email_or_name(site, operator):
    user = site.seed.user()
    for option, what in (("--email", "the email: "), ("--name", "the name: ")):
        result = operator.user("update", user.email, option, f"{new_email()} ", check=False)
        assert_one_line(result, "nothing was changed", what + BLANK)
    assert site.seed.row(user.id)[:2] == (user.email, user.name)


def test_the_command_line_changes_a_user_from_before_the_rule_otherwise(site, operator):
    user = site.seed.user(email=f" {new_email()}", name="Old ")
    operator.user("update", "--id", user.id, "--email", user.email, "--name", "New")
    assert site.seed.row(user.id)[:2] == (user.email, "New")


# --- where an email is entered ---


def logs_in(site, email, user, password=None):
    answer = site.client.login(email, password or user.password)
    return answer.status_code == 200 and answer.json()["id"] == user.id


def test_one_address_written_in_many_ways_is_one_account_or_refused(site):
    local = f"zo\u00eb{next(NUMBERS)}"
    made = register(site, email=f"{local}@example.org")
    assert made.status_code == 201
    decomposed = local.replace("\u00eb", "e\u0308")
    for same in (local, local.upper(), decomposed, decomposed.upper()):
        answer = register(site, email=f"{same}@example.org")
        assert_error(answer, 409, "CONFLICT", "User already exists.")
        assert site.client.login(f"{same}@example.org", "12345678").json()["id"] == made.json()["id"]
    for other in (f"{local}@example.org ", f"{local}@example.org\n", f"{local}\u200b@example.org", f"\u00a0{local}@example.org"):
        assert register(site, email=other).status_code == 422
    assert made.json()["email"] == f"{local}@example.org", "an email is kept as it was written"


def test_an_email_that_is_stored_in_two_characters_is_found_by_one(site):
    user = site.seed.user(email=f"re\u0301ne\u0301{next(NUMBERS)}@example.org")
    assert logs_in(site, user.email.replace("e\u0301", "\u00e9").upper(), user)
    assert_json(update(site, user), 200, user.full())


@pytest.mark.parametrize("blanks", [" ", "\u00a0", "\u3000 \u2003", " " * 200], ids=ascii)
def test_blanks_at_the_end_of_an_email_do_not_matter_at_a_login(site, blanks):
    user = site.seed.user(email=new_email())
    assert logs_in(site, user.email + blanks, user)


@pytest.mark.parametrize("form", [" {}", "{}\n", "{}\t", "{}\u200b", "{} \u200b"], ids=ascii)
def test_nothing_else_is_left_out(site, form):
    user = site.seed.user(email=new_email())
    assert not logs_in(site, form.format(user.email), user)


def test_a_user_whose_email_ends_with_a_blank_comes_before_one_without(site):
    bare = site.seed.user(email=new_email(), password="password of one")
    blank = site.seed.user(email=bare.email + " ", password="password of the other")
    assert logs_in(site, bare.email, bare)
    assert logs_in(site, blank.email, blank)
    assert not logs_in(site, blank.email, bare)
    assert logs_in(site, blank.email + " ", bare)


def test_a_login_sends_the_same_statements_whoever_has_the_email(make_site, postgres):
    own = make_site({"USER_API_SESSION_TABLE_MIB": 0}, workers=1)
    own.sql(f'ALTER DATABASE "{own.database}" SET log_statement = \'all\'')
    known, other = own.seed.user(email=f"kn\u00f6wn{next(NUMBERS)}@example.org"), own.seed.user()
    decomposed = known.email.replace("\u00f6", "o\u0308")
    sent = {}
    own.client.login("first@example.org", "of the connection")
    for email in (known.email, f"{other.email} ", decomposed, "nobody@example.org", "n\u00f6body@example.org ", "\u3000"):
        start = postgres.process.log_size()
        assert own.client.login(email, "wrong password").status_code == 401
        sent[email] = re.findall(r"execute (\w+):", postgres.process.log_text(start))
    assert len({tuple(names) for names in sent.values()}) == 1, sent
    assert sent[known.email].count("user_by_email") >= 2, "before its turn to be hashed, and after"


def test_blanks_at_the_end_do_not_matter_where_a_password_is_reset(site):
    user = site.seed.user()
    for email in (f"{user.email} ", user.email.upper() + "\u3000"):
        answer = site.login(site.seed.alice).post(
            "/api/users/reset-password", {"email": email, "password": f"new one {email}"}
        )
        assert_json(answer, 200, user.plain())
        assert logs_in(site, user.email, user, f"new one {email}")
    bob = f"{site.seed.bob.email} "
    answer = site.login(site.seed.alice).post("/api/users/reset-password", {"email": bob, "password": "12345678"})
    assert_error(answer, 422, "UNPROCESSABLE_ENTITY", f"User '{bob}' doesn't exist.")


def test_an_operator_resets_a_password_of_another_customer_by_an_email_with_a_blank(operated):
    user = operated.seed.user(customer=operated.seed.b)
    answer = operated.login(operated.seed.operator()).post(
        "/api/users/reset-password", {"email": f"{user.email} ", "password": "another one"}
    )
    assert_json(answer, 200, user.plain())


def test_ones_own_email_with_a_blank_is_ones_own(site):
    user = site.seed.user()
    answer = site.login(user).post(
        "/api/users/reset-password", {"email": f"{user.email} ", "password": "another one"}
    )
    assert_json(answer, 200, user.plain())


def test_the_command_line_finds_users_as_logins_do(site, operator):
    user = site.seed.user(email=f"n\u00e4me{next(NUMBERS)}@example.org")
    for email in (user.email, f"{user.email} \u3000", user.email.replace("\u00e4", "a\u0308").upper()):
        assert operator.document("show", email)["id"] == user.id
    assert_one_line(operator.user("show", f" {user.email}", check=False), "there is no user")
    blank = site.seed.user(email=f"{user.email} ")
    assert operator.document("show", blank.email)["id"] == blank.id
    arguments = ("add", user.email.replace("\u00e4", "a\u0308"), "--name", "N", "--customer", site.seed.a)
    assert_one_line(operator.user(*arguments, check=False, USER_API_PASSWORD="x" * 8), "already")
