"""Signing in and out of the console, and sessions that end during work."""

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.console_person import (
    come_back, control, dialog, end_session, error_of, fill, focused, has_no_dialog, message, named, notices, pages_listed,
    press, sign_in_by_form, title_is,
)  # fmt: skip

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

AGAIN = "Sign in to go on"
HINT = "The password was printed in the terminal"


def is_at_the_form(console):
    console.sees(".signin")
    wait_until(lambda: focused(console).get_attribute("name") == "email", 20, "the email has the focus")


def test_a_visitor_signs_in_and_sees_the_page_that_the_address_names(console):
    console.expects(401)
    console.open("#/roles")
    is_at_the_form(console)
    assert console.browser.title == f"Sign in – {console.origin[len('http://'):]}"
    assert console.all("header nav a") == [], "there is nothing to go to"
    assert HINT not in console.text
    sign_in_by_form(console, console.site.olga.email, console.site.olga.password)
    title_is(console, "Roles")
    assert console.address == "#/roles"


def test_a_visitor_signs_in_by_keyboard_alone(console):
    console.expects(401)
    console.open("")
    is_at_the_form(console)
    focused(console).send_keys(console.site.anna.email, Keys.TAB)
    focused(console).send_keys(console.site.anna.password, Keys.ENTER)
    title_is(console, "Overview")


def test_the_form_says_where_the_first_password_was_printed_if_the_site_wants_it(console):
    console.expects(401)
    page = console.server.around.folder + "/deploy/www/console/index.html"
    with open(page, encoding="utf-8") as file:
        text = file.read()
    console.plant("first.html", text.replace('data-hint=""', 'data-hint="terminal"').replace('data-site=""', 'data-site="Ours"'))
    console.open("first.html")
    is_at_the_form(console)
    assert HINT in console.text and "The email is admin." in console.text
    assert console.browser.title == "Sign in – Ours" and "Ours" in console.text


def test_a_wrong_password_is_said_beside_the_field_and_taken_away(console):
    console.expects(401)
    console.open("")
    sign_in_by_form(console, console.site.olga.email, "not this one")
    assert error_of(console, "Password") == "The email or the password is wrong."
    assert control(console, "Password").get_attribute("value") == ""
    assert control(console, "Email").get_attribute("value") == console.site.olga.email
    assert focused(console) == control(console, "Password")
    fill(console, "Password", console.site.olga.password)
    press(console, "Sign in", "button")
    title_is(console, "Overview")


def test_somebody_who_is_not_active_is_not_let_in(console):
    console.expects(401, 403)
    console.open("")
    sign_in_by_form(console, console.site.ines.email, console.site.ines.password)
    assert message(console) == "This account is not active. Ask the administrator of this site."


def test_too_many_attempts_are_said_with_the_seconds_to_wait(console):
    console.expects(401, 429)
    seed = console.site.seed
    user = seed.user()
    for _ in range(10):
        console.site.client.login(user.email, "not this one")
    console.open("")
    sign_in_by_form(console, user.email, user.password)
    said = message(console)
    assert said.startswith("Too many attempts. Try again in ") and said.endswith(" seconds."), said
    assert 600 < int(said.split()[-2]) <= 900, said


def test_an_empty_form_is_refused_as_a_wrong_one_is(console):
    console.expects(401, 422)
    console.open("")
    press(console, "Sign in", "button")
    assert error_of(console, "Password") == "The email or the password is wrong."


def test_signing_out_ends_the_session_and_shows_the_form(console):
    console.expects(401)
    console.open("#/users", console.site.anna)
    console.reads(console.site.seed.alice.email)
    press(console, "Sign out")
    is_at_the_form(console)
    assert console.address == ""
    assert console.site.seed.alice.email not in console.text
    console.browser.refresh()
    is_at_the_form(console)


def test_the_page_before_shows_nothing_once_somebody_has_signed_out(console):
    console.expects(401)
    console.open("#/users", console.site.anna)
    console.reads(console.site.seed.alice.email)
    console.go("#/account")
    title_is(console, "My account")
    press(console, "Sign out")
    is_at_the_form(console)
    console.browser.back()
    console.is_at("#/users")
    is_at_the_form(console)
    assert console.site.seed.alice.email not in console.text


def half_filled(console, person=None):
    """Fills half of the form for a new role, and then ends the session."""
    console.expects(401)
    console.open("#/roles", person or console.site.olga)
    title_is(console, "Roles")
    press(console, "Add a role")
    code = f"code{next(console.site.seed.numbers)}"
    fill(console, "Code", code)
    fill(console, "Name", "Half")
    end_session(console)
    press(console, "Add a role", "dialog button")
    dialog(console, AGAIN)
    console.reads("Your session has ended. What you typed is still here.")
    return code


def roles_with(console, code):
    return console.site.sql("SELECT name FROM role WHERE code = %s", (code,))


def test_what_was_sent_when_the_session_had_ended_is_sent_after_the_sign_in(console):
    code = half_filled(console)
    assert control(console, "Email").get_attribute("value") == console.site.olga.email
    assert focused(console) == control(console, "Password")
    fill(console, "Password", "not this one")
    press(console, "Sign in", "dialog button")
    assert error_of(console, "Password") == "The email or the password is wrong."
    assert roles_with(console, code) == []
    fill(console, "Password", console.site.olga.password)
    press(console, "Sign in", "dialog button")
    notices(console, "Half was added.")
    has_no_dialog(console)
    assert roles_with(console, code) == [("Half",)]


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_whoever_does_not_sign_in_again_keeps_what_was_typed(console, how):
    code = half_filled(console)
    if how == "button":
        press(console, "Cancel", "dialog button")
    else:
        focused(console).send_keys(Keys.ESCAPE)
    dialog(console, "Add a role")
    assert message(console, "dialog .message") == "Your session has ended. Sign in to go on."
    assert control(console, "Code").get_attribute("value") == code
    assert control(console, "Name").get_attribute("value") == "Half"
    press(console, "Add a role", "dialog button")
    dialog(console, AGAIN)
    fill(console, "Password", console.site.olga.password)
    press(console, "Sign in", "dialog button")
    notices(console, "Half was added.")


def test_another_person_who_signs_in_sees_nothing_of_the_one_before(console):
    code = half_filled(console)
    sign_in_by_form(console, console.site.anna.email, console.site.anna.password)
    wait_until(lambda: not console.all("dialog"), 20, "the dialogs are gone")
    title_is(console, "Roles")
    assert "Customers" not in pages_listed(console)
    assert console.site.anna.name in console.sees(".me").text
    assert roles_with(console, code) == [], "what the one before typed is not sent"


def test_what_was_typed_does_not_keep_another_person_from_a_page_of_their_own(console):
    """If the page asked the browser to confirm leaving, a person who stays would see another person's data."""
    console.expects(401)
    console.open("#/account", console.site.olga)
    fill(console, "New password", "half a password")
    console.browser.execute_script(
        "window.asked = []; addEventListener('beforeunload', (event) => sessionStorage.setItem('asked', event.defaultPrevented))"
    )
    console.sign_in(console.site.paul)
    come_back(console)
    wait_until(lambda: console.all(".me") and console.site.paul.name in console.sees(".me").text, 20, "it is paul's page")
    assert console.browser.execute_script("return sessionStorage.getItem('asked')") == "false"
    assert control(console, "New password").get_attribute("value") == ""


def test_somebody_else_who_signed_in_in_another_tab_gets_a_page_of_their_own(console):
    console.expects(403)
    console.open("#/users", console.site.olga)
    console.reads(console.site.seed.alice.email)
    console.sign_in(console.site.paul)
    come_back(console)
    console.reads("Your account may not see this page.")
    assert pages_listed(console) == ["My account"]
    assert console.site.seed.alice.email not in console.text


def test_the_same_person_who_comes_back_keeps_the_page(console):
    console.open("#/account", console.site.olga)
    fill(console, "New password", "half a password")
    console.requests()
    come_back(console)
    wait_until(lambda: len(console.api_requests()) >= 2, 20, "the page asks who is there")
    assert control(console, "New password").get_attribute("value") == "half a password"


def test_requests_that_fail_at_once_share_one_dialog(console):
    console.expects(401)
    console.open("#/account", console.site.olga)
    title_is(console, "My account")
    end_session(console)
    console.go("#/overview")
    dialog(console, AGAIN)
    wait_until(lambda: sum(each.status == 401 for each in console.api_requests()) >= 3, 20, "several have failed")
    assert len(console.all("dialog")) == 1
    fill(console, "Password", console.site.olga.password)
    press(console, "Sign in", "dialog button")
    title_is(console, "Overview")
    has_no_dialog(console)


def test_a_page_that_was_asked_for_without_a_session_can_be_tried_again(console):
    console.expects(401)
    console.open("#/account", console.site.olga)
    title_is(console, "My account")
    end_session(console)
    console.go("#/roles")
    dialog(console, AGAIN)
    press(console, "Cancel", "dialog button")
    title_is(console, "That did not work")
    console.reads("Your session has ended. Sign in to go on.")
    press(console, "Try again")
    dialog(console, AGAIN)
    fill(console, "Password", console.site.olga.password)
    press(console, "Sign in", "dialog button")
    title_is(console, "Roles")


def test_the_name_of_whoever_is_signed_in_stands_beside_the_way_out(console):
    console.open("#/account", console.site.paul)
    assert console.sees(".me").text.splitlines() == [console.site.paul.name, "Sign out"]
    assert named(console, "Sign out").is_enabled()
