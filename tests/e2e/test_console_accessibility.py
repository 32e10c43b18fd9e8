"""No rule of accessibility is broken on any screen of the console, nor in its dialogs, whatever they show."""

import pytest
from support.viewing import SCHEMES, SCREENS

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

# The address, and what is there once all of it is shown.
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
# The address, the button that opens the dialog, and what is there then.
DIALOGS = {
    "a new role": ("#/roles", ".top .primary", "dialog form"),
    "the change of a role": ("#/roles", "td.actions button", "dialog form"),
    "a role to delete": ("#/roles", "td.actions .danger", "dialog .danger"),
    "a new customer": ("#/customers", ".top .primary", "dialog form"),
    "a user to deactivate": ("#/users/{paul}", ".actions .danger", "dialog .danger"),
    "a password to set": ("#/users/{paul}", ".actions li:nth-child(3) button", "dialog form"),
    "a user to delete": ("#/users/{paul}", ".actions li:last-child button", "dialog .danger"),
}


@pytest.fixture(params=SCHEMES)
def scheme(request):
    return request.param


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def page(request, console, scheme):
    console.look(screen=request.param, scheme=scheme)
    return console


def address(console, pattern):
    site = console.site
    return pattern.format(olga=site.olga.id, paul=site.paul.id, b=site.seed.b)


def test_the_sign_in_form_breaks_no_rule_before_and_after_a_wrong_password(page):
    page.expects(401)
    page.open()
    page.sees(".signin form")
    assert page.axe_violations() == []
    page.sees("input[name=email]").send_keys("nobody@example.org")
    page.sees("input[name=password]").send_keys("wrong")
    page.sees("button[type=submit]").click()
    page.sees(".error")
    assert page.axe_violations() == []
    assert not page.is_wider_than_the_screen()


@pytest.mark.parametrize("name", PLACES)
def test_a_screen_breaks_no_rule_and_fits_its_width(page, name):
    pattern, wanted = PLACES[name]
    page.open(address(page, pattern), page.site.olga)
    page.sees(wanted)
    assert page.axe_violations() == []
    assert not page.is_wider_than_the_screen()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_breaks_no_rule(page, name):
    pattern, button, wanted = DIALOGS[name]
    page.open(address(page, pattern), page.site.olga)
    page.sees(button).click()
    page.sees(wanted)
    assert page.axe_violations() == []
    assert not page.is_wider_than_the_screen()


def test_errors_beside_fields_and_a_notice_break_no_rule(page):
    page.expects(422)
    page.open("#/users/new", page.site.olga)
    page.sees("form button[type=submit]").click()
    page.sees(".error")
    assert page.axe_violations() == []
    page.go("#/roles")
    page.sees(".top .primary").click()
    code = f"axe-{page.person.screen.name}-{page.person.scheme}"
    for name, text in (("code", code), ("name", "Tested")):
        page.sees(f"dialog input[name={name}]").send_keys(text)
    page.sees("dialog button[type=submit]").click()
    page.sees(".notice")
    page.sees("main:not([aria-busy])", "the roles are drawn anew")
    assert page.axe_violations() == []


def test_several_who_are_chosen_break_no_rule(page):
    page.open("#/users", page.site.olga)
    page.sees("thead input").click()
    page.sees(".top .danger").click()
    page.sees("dialog .danger")
    assert page.axe_violations() == []


def test_a_session_that_has_ended_breaks_no_rule(page):
    page.expects(401)
    page.open("#/users", page.site.anna)
    page.sees("tbody tr")
    page.browser.delete_all_cookies()
    page.go("#/roles")
    page.sees("dialog input[name=password]")
    assert page.axe_violations() == []
