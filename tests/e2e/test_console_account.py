"""My account in the console: the user's own data, and a new password."""

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.client import COOKIE
from support.console import add_people
from support.console_person import control, dialog, error_of, fill, focused, keys, notices, press, title_is
from support.guard_fixtures import make_guarded_site
from support.seed import WITH_OPERATORS

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

NEW = "a quite new password"


@pytest.fixture(scope="module")
def console_site(postgres, new_folder):
    """A site that refuses passwords that an attacker would try first."""
    site = add_people(make_guarded_site(postgres, new_folder(), {**WITH_OPERATORS, "USER_API_PASSWORD_COMMON": "refuse"}))
    yield site
    site.stop()


def opened(console, person):
    console.open("#/account", person)
    title_is(console, "My account")


def facts(console):
    return dict(zip(console.texts(".facts dt"), [each.replace("\n", ", ") for each in console.texts(".facts dd")]))


def test_it_says_who_one_is_and_what_one_may_do(console):
    opened(console, console.site.rita)
    rita = facts(console)
    rita.pop("Added", None)
    assert rita == {
        "Name": "rita", "Email": "rita@example.org", "Roles": "Reader, Writer", "Customer": f"Customer {console.site.seed.a}",
        "What you may do": "You can sign in to the applications of this site.",
    }  # fmt: skip


RIGHTS = {
    "paul": ("No roles", "You can sign in to the applications of this site."),
    "anna": ("Admin", "You manage the users of your customer."),
    "olga": ("Admin, Operator", "You manage the users of your customer. You manage all customers, their users and the roles."),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_rights_are_said_in_words(console, name):
    opened(console, getattr(console.site, name))
    assert (facts(console)["Roles"], facts(console)["What you may do"]) == RIGHTS[name]


def test_a_new_password_keeps_this_session_and_ends_the_others(console):
    user = console.site.seed.user()
    elsewhere = console.site.login(user)
    opened(console, user)
    fill(console, "New password", NEW)
    press(console, "Change my password", "form button")
    notices(console, "Your password was changed. Your sessions in other places have ended.")
    assert control(console, "New password").get_attribute("value") == ""
    assert elsewhere.get("/api/account/").status_code == 401
    console.browser.refresh()
    title_is(console, "My account")
    assert console.site.client.login(user.email, user.password).status_code == 401
    assert console.site.client.login(user.email, NEW).status_code == 200


def test_a_password_that_is_suggested_is_shown_and_works(console):
    user = console.site.seed.user()
    opened(console, user)
    press(console, "Suggest")
    field = control(console, "New password")
    assert (field.get_attribute("type"), focused(console) == field) == ("text", True)
    password = field.get_attribute("value")
    assert len(password) == 16
    keys(console, Keys.ENTER)
    notices(console, "Your password was changed. Your sessions in other places have ended.")
    assert control(console, "New password").get_attribute("type") == "password"
    assert console.site.client.login(user.email, password).status_code == 200


REFUSED = {
    "": "At least 8 characters.",
    "short": "At least 8 characters.",
    "password1": "Too common, or too much like the name or the email. Choose another one.",
    "x" * 73: "At most 72 characters. Letters with accents count as two.",
}


@pytest.mark.parametrize("password", REFUSED)
def test_what_is_wrong_with_a_password_is_said_beside_the_field(console, password):
    console.expects(422)
    user = console.site.seed.user()
    opened(console, user)
    fill(console, "New password", password)
    press(console, "Change my password", "form button")
    assert error_of(console, "New password") == REFUSED[password]
    assert focused(console) == control(console, "New password")
    assert control(console, "New password").get_attribute("value") == password
    assert console.site.client.login(user.email, user.password).status_code == 200


def test_a_password_that_was_typed_is_not_lost_without_a_question(console):
    opened(console, console.site.paul)
    fill(console, "New password", NEW)
    console.go("#/nothing")
    dialog(console, "Leave without saving?")
    press(console, "Cancel", "dialog button")
    assert control(console, "New password").get_attribute("value") == NEW
    console.is_at("#/account")
    console.go("#/nothing")
    dialog(console, "Leave without saving?")
    press(console, "Leave", "dialog button")
    title_is(console, "Not found")


def test_no_password_and_no_session_is_in_the_address_or_stored(console):
    opened(console, console.site.olga)
    fill(console, "New password", "short")
    console.expects(422)
    press(console, "Change my password", "form button")
    error_of(console, "New password")
    assert "short" not in console.browser.current_url
    kept = console.browser.execute_script("return [localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]
    wait_until(lambda: [each["name"] for each in console.browser.get_cookies()] == [COOKIE], 20, "the cookie is there")
