"""The console's screens and dialogs break no accessibility rule, whatever they show."""

import pytest

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

# The address, and an element that exists once the whole screen is shown.
PLACES = {
    "overview": ("#/overview", ".cards"),
    "users": ("#/users", "tbody tr"),
    "nobody who matches": ("#/users?search=nobody-of-this-name", ".empty"),
    "a new user": ("#/users/new", "form"),
    "a user": ("#/users/{olga}", ".actions"),
    "roles": ("#/roles", "tbody tr"),
    "customers": ("#/customers", "tbody tr"),
    "another customer's users": ("#/users?customer={b}", ".banner"),
    "events": ("#/events", ".events li"),
    "events of a person": ("#/events?user={olga}&kind=session.opened", ".chip"),
    "my account": ("#/account", ".facts"),
    "a page that is not there": ("#/nowhere", "h1"),
}
# The address, the button that opens the dialog, and an element that exists then.
DIALOGS = {
    "a new role": ("#/roles", ".top .primary", "dialog form"),
    "the change of a role": ("#/roles", "td.actions button", "dialog form"),
    "a role to delete": ("#/roles", "td.actions .danger", "dialog .danger"),
    "a new customer": ("#/customers", ".top .primary", "dialog form"),
    "a user to deactivate": ("#/users/{paul}", ".actions .danger", "dialog .danger"),
    "a password to set": ("#/users/{paul}", ".actions li:nth-child(3) button", "dialog form"),
    "a user to delete": ("#/users/{paul}", ".actions li:last-child button", "dialog .danger"),
}


def address(console, pattern):
    site = console.site
    return pattern.format(olga=site.olga.id, paul=site.paul.id, b=site.seed.b)


def test_the_sign_in_form_breaks_no_rule_before_and_after_a_wrong_password(console_page):
    console_page.expects(401)
    console_page.open()
    console_page.sees(".signin form")
    assert console_page.axe_violations() == []
    console_page.sees("input[name=email]").send_keys("nobody@example.org")
    console_page.sees("input[name=password]").send_keys("wrong")
    console_page.sees("button[type=submit]").click()
    console_page.sees(".error")
    assert console_page.axe_violations() == []
    assert not console_page.is_wider_than_the_screen()


@pytest.mark.parametrize("name", PLACES)
def test_a_screen_breaks_no_rule_and_fits_its_width(console_page, name):
    pattern, wanted = PLACES[name]
    console_page.open(address(console_page, pattern), console_page.site.olga)
    console_page.sees(wanted)
    assert console_page.axe_violations() == []
    assert not console_page.is_wider_than_the_screen()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_breaks_no_rule(console_page, name):
    pattern, button, wanted = DIALOGS[name]
    console_page.open(address(console_page, pattern), console_page.site.olga)
    console_page.sees(button).click()
    console_page.sees(wanted)
    assert console_page.axe_violations() == []
    assert not console_page.is_wider_than_the_screen()


def test_errors_beside_fields_and_a_notice_break_no_rule(console_page):
    console_page.expects(422)
    console_page.open("#/users/new", console_page.site.olga)
    console_page.sees("form button[type=submit]").click()
    console_page.sees(".error")
    assert console_page.axe_violations() == []
    console_page.go("#/roles")
    console_page.sees(".top .primary").click()
    code = f"axe-{console_page.person.screen.name}-{console_page.person.scheme}"
    for name, text in (("code", code), ("name", "Tested")):
        console_page.sees(f"dialog input[name={name}]").send_keys(text)
    console_page.sees("dialog button[type=submit]").click()
    console_page.sees(".notice")
    console_page.sees("main:not([aria-busy])", "the roles are drawn anew")
    assert console_page.axe_violations() == []


def test_several_who_are_chosen_break_no_rule(console_page):
    console_page.open("#/users", console_page.site.olga)
    console_page.sees("thead input").click()
    console_page.sees(".top .danger").click()
    console_page.sees("dialog .danger")
    assert console_page.axe_violations() == []


def test_a_session_that_has_ended_breaks_no_rule(console_page):
    console_page.expects(401)
    console_page.open("#/users", console_page.site.anna)
    console_page.sees("tbody tr")
    console_page.browser.delete_all_cookies()
    console_page.go("#/roles")
    console_page.sees("dialog input[name=password]")
    assert console_page.axe_violations() == []
