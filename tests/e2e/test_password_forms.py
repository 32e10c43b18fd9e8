"""Passwords with accents, which keyboards send as one character (NFC) or as a letter and its accent (decomposed)."""

import itertools
import unicodedata

import pytest
from support import seed
from support.client import assert_wrong_document, assert_wrong_login
from support.crypt import crypt
from support.operator import operator  # noqa: F401
from support.queueing import failures_of

COMPOSED = "lösch mir das Geheimnis"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
FORMS = {"composed": COMPOSED, "decomposed": DECOMPOSED}
NUMBERS = itertools.count(1)


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


def logs_in(site, user):
    email = user if isinstance(user, str) else user.email
    return [site.client.login(email, password).status_code for password in FORMS.values()] == [200, 200]


def stored(site, user):
    return site.seed.row(user)[3:5]


def assert_stored_in_nfc(site, user):
    hashed, salt = stored(site, user)
    assert hashed == crypt(COMPOSED, salt)


def document(password, **changes):
    email = f"form{next(NUMBERS)}@example.org"
    return {"email": email, "name": "F", "active": True, "roles": [], "password": password, **changes}


def test_a_registered_user_logs_in_with_either_form(site, form):
    made = site.login(site.seed.alice).post("/api/users/", document(form)).json()
    assert_stored_in_nfc(site, made["id"])
    assert logs_in(site, made["email"])


def test_an_updated_password_is_stored_in_nfc(site, form):
    user = site.seed.user()
    changed = document(form, email=user.email, name=user.name)
    assert site.login(site.seed.alice).put(f"/api/users/{user.id}", changed).status_code == 200
    assert_stored_in_nfc(site, user)
    assert logs_in(site, user)


def test_a_password_that_was_reset_is_stored_in_nfc(site, form):
    user = site.seed.user()
    answer = site.login(user).post("/api/users/reset-password", {"email": user.email, "password": form})
    assert answer.status_code == 200
    assert_stored_in_nfc(site, user)
    assert logs_in(site, user)


def test_the_command_line_sets_nfc(site, operator, form):
    user = site.seed.user()
    operator.user("set-password", user.email, USER_API_PASSWORD=form)
    assert_stored_in_nfc(site, user)
    email = operator.add(f"form{next(NUMBERS)}@example.org", password=form)["email"]
    assert logs_in(site, email)


def test_a_hash_of_the_decomposed_form_is_of_nfc_after_the_next_login(site):
    user = site.seed.user(password=DECOMPOSED)
    before = stored(site, user)
    assert_wrong_login(site.client.login(user.email, COMPOSED))
    assert stored(site, user) == before
    assert site.client.login(user.email, DECOMPOSED).status_code == 200
    assert_stored_in_nfc(site, user)
    assert logs_in(site, user)


def test_old_hashes_stay_where_they_are_not_upgraded(make_site):
    site = make_site({"USER_API_UPGRADE_HASHES": "off"})
    user = site.seed.user(password=DECOMPOSED)
    before = stored(site, user)
    assert site.client.login(user.email, DECOMPOSED).status_code == 200
    assert stored(site, user) == before


def test_the_originals_hash_matches_either_form_and_its_upgrade_is_of_nfc(site, form):
    user = site.seed.user(password=COMPOSED, stored=seed.pbkdf2(COMPOSED))
    assert site.client.login(user.email, form).status_code == 200
    assert_stored_in_nfc(site, user)


def test_a_password_that_is_tried_in_two_forms_is_one_failed_login(fresh_site):
    user = fresh_site.seed.user()
    assert_wrong_login(fresh_site.client.login(user.email, "wrong pa\u0308ssword"))
    assert failures_of(fresh_site, user) == 1


@pytest.mark.parametrize("password, complaint", [("o\u0308" * 3 + "x", "min length is 8"), ("o\u0308" * 37, "max length is 72")])
def test_the_bounds_count_on_nfc(site, password, complaint):
    alice = site.login(site.seed.alice)
    assert_wrong_document(alice.post("/api/users/", document(password)), {"password": [complaint]})


def test_a_password_that_is_short_enough_in_nfc_is_taken(site):
    sent = document("o\u0308" * 36)
    assert site.login(site.seed.alice).post("/api/users/", sent).status_code == 201
    assert site.client.login(sent["email"], "ö" * 36).status_code == 200


def test_a_password_beyond_what_is_tried_is_too_long_in_every_form(site):
    answer = site.login(site.seed.alice).post("/api/users/", document("o\u0308" * 1400))
    assert_wrong_document(answer, {"password": ["max length is 72"]})
