"""Roles in the console: who holds each, and how operators add, rename and delete them."""

import pytest
from selenium.webdriver.common.by import By
from support.chromium import Found, steadily, wait_until
from support.console_person import (
    control, dialog, error_of, fill, focus_is, focused, has_no_dialog, message, notice, notices, press, title_is,
)  # fmt: skip

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

ADMINISTRATORS = "Administrators may give and take this role"


@pytest.fixture
def role(console):
    """(id, code, name) of a role of the test's own."""
    code = f"code{next(console.site.seed.numbers)}"
    return console.site.seed.role(code, f"Role {code}"), code, f"Role {code}"


def opened(console, person=None):
    console.open("#/roles", person or console.site.olga)
    title_is(console, "Roles")


def rows(console):
    """The rows of the list: {code: (name, given by, users)}."""
    read = lambda row: [each.text for each in row.find_elements("css selector", "td")[:4]]  # noqa: E731
    cells = steadily(lambda: [read(row) for row in console.all("tbody tr")])
    return {code: (name, given, users) for name, code, given, users in cells}


def listed(console, code):
    """Waits until the list has the role; returns its row."""
    return wait_until(lambda: rows(console).get(code), 20, f"{code} is listed")


def is_gone(console, code):
    wait_until(lambda: rows(console) and code not in rows(console), 20, f"{code} is not listed")


def stored(console, code):
    return console.site.sql("SELECT name, assignable FROM role WHERE code = %s", (code,))


def test_it_says_who_holds_each_role_and_leads_to_them(console):
    seed = console.site.seed
    code = f"code{next(seed.numbers)}"
    seed.role(code, "Held", assignable=False)
    mine, foreign = seed.user(roles=(code,)), seed.user(customer=seed.b, roles=(code,))
    opened(console)
    assert rows(console)[code] == ("Held", "operators only", "1 user (2 in all customers)")
    opened(console, console.site.anna)
    assert rows(console)[code] == ("Held", "operators only", "1 user"), "an admin counts their own customer's"
    Found(lambda: console.browser.find_element(By.XPATH, f"//tr[contains(., '{code}')]//a"), "its holders").click()
    title_is(console, "Users")
    assert console.address == f"#/users?role={code}"
    console.reads(mine.email)
    assert foreign.email not in console.text


def test_an_admin_sees_roles_and_changes_none(console, role):
    opened(console, console.site.anna)
    assert rows(console)[role[1]] == (role[2], "administrators", "0 users")
    assert console.texts("main button") == []


def test_a_role_is_added_and_that_is_undone(console):
    code = f"code{next(console.site.seed.numbers)}"
    opened(console)
    press(console, "Add a role")
    dialog(console, "Add a role")
    focus_is(console, "code")
    assert control(console, ADMINISTRATORS).is_selected()
    fill(console, "Code", code)
    fill(console, "Name", "Pilots")
    control(console, ADMINISTRATORS).click()
    press(console, "Add a role", "dialog button")
    notices(console, "Pilots was added.")
    assert listed(console, code) == ("Pilots", "operators only", "0 users")
    title_is(console, "Roles")
    assert stored(console, code) == [("Pilots", False)]
    press(console, "Undo")
    notices(console, "Undone.")
    is_gone(console, code)
    assert stored(console, code) == []


def test_a_role_is_renamed_and_that_is_undone(console, role):
    number, code, name = role
    opened(console)
    press(console, f"Change: {name}")
    dialog(console, f"Change: {name}")
    focus_is(console, "name")
    assert console.texts("dialog label") == ["Name", ADMINISTRATORS], "a code never changes"
    fill(console, "Name", "Drivers")
    control(console, ADMINISTRATORS).click()
    press(console, "Save", "dialog button")
    notices(console, "Drivers was saved.")
    wait_until(lambda: rows(console)[code] == ("Drivers", "operators only", "0 users"), 20, "the list shows it")
    press(console, "Undo")
    notices(console, "Undone.")
    wait_until(lambda: rows(console)[code] == (name, "administrators", "0 users"), 20, "the list shows it")
    assert console.site.sql("SELECT id FROM role WHERE code = %s", (code,)) == [(number,)]


def test_a_change_that_is_cancelled_changes_nothing_and_gives_the_focus_back(console, role):
    opened(console)
    press(console, f"Change: {role[2]}")
    fill(console, "Name", "Drivers")
    press(console, "Cancel", "dialog button")
    has_no_dialog(console)
    focus_is(console, f"Change: {role[2]}")
    assert stored(console, role[1]) == [(role[2], True)]


def test_a_role_is_deleted_and_that_is_undone(console, role):
    _, code, name = role
    console.site.sql("UPDATE role SET assignable = false WHERE code = %s", (code,))
    opened(console)
    press(console, f"Delete {name}?")
    dialog(console, f"Delete {name}?")
    focus_is(console, "Cancel")
    console.reads(f"Pages and applications that ask for the role “{code}” will let nobody in.")
    press(console, "Delete", "dialog button")
    notices(console, f"{name} was deleted.")
    is_gone(console, code)
    press(console, "Undo")
    notices(console, "Undone.")
    assert listed(console, code) == (name, "operators only", "0 users")


def test_a_role_that_somebody_holds_stays_and_the_dialog_says_why(console, role):
    console.expects(409)
    console.site.seed.user(roles=(role[1],))
    opened(console)
    press(console, f"Delete {role[2]}?")
    press(console, "Delete", "dialog button")
    assert message(console, "dialog .message") == "Somebody still holds this role. Take it from them first."
    press(console, "Cancel", "dialog button")
    has_no_dialog(console)
    assert stored(console, role[1]) == [(role[2], True)]


@pytest.mark.parametrize("name", ["Admin", "Operator"])
def test_a_role_that_the_service_needs_stays(console, name):
    console.expects(409)
    opened(console)
    press(console, f"Delete {name}?")
    press(console, "Delete", "dialog button")
    said = ("The service needs this role.", "Somebody still holds this role. Take it from them first.")
    assert message(console, "dialog .message") in said


WRONG_CODES = {
    "a,b": "A comma is not possible here.",
    "admin": "There is already a role with this code.",
    "": "Fill this in.",
    " blank": "Remove the blanks at the beginning and the end.",
}


@pytest.mark.parametrize("code", WRONG_CODES)
def test_what_is_wrong_with_a_code_is_said_beside_it(console, code):
    console.expects(409, 422)
    opened(console)
    press(console, "Add a role")
    fill(console, "Code", code)
    fill(console, "Name", "Wrong")
    press(console, "Add a role", "dialog button")
    assert error_of(console, "Code") == WRONG_CODES[code]
    assert focused(console) == control(console, "Code")
    assert control(console, "Name").get_attribute("value") == "Wrong"
    good = f"code{next(console.site.seed.numbers)}"
    fill(console, "Code", good)
    press(console, "Add a role", "dialog button")
    notices(console, "Wrong was added.")


def test_a_role_needs_a_name(console, role):
    console.expects(422)
    opened(console)
    press(console, f"Change: {role[2]}")
    fill(console, "Name", "")
    press(console, "Save", "dialog button")
    assert error_of(console, "Name") == "Fill this in."


def test_names_with_markup_are_text(console):
    seed = console.site.seed
    code, name = f"<i>{next(seed.numbers)}</i>", "<img src=x onerror=alert(1)> & \u202e"
    seed.role(code, name)
    opened(console)
    assert code in rows(console) and rows(console)[code][0].startswith("<img src=x onerror=alert(1)> &")
    assert console.all("main img, main i") == []


def test_an_undo_that_is_refused_says_so(console):
    console.expects(409)
    code = f"code{next(console.site.seed.numbers)}"
    opened(console)
    press(console, "Add a role")
    fill(console, "Code", code)
    fill(console, "Name", "Held at once")
    press(console, "Add a role", "dialog button")
    notices(console, "Held at once was added.")
    console.site.seed.user(roles=(code,))
    press(console, "Undo")
    notices(console, "Somebody still holds this role. Take it from them first.")
    assert stored(console, code) == [("Held at once", True)]


def test_more_roles_than_a_page_has_are_on_the_next_ones(console):
    seed = console.site.seed
    codes = [f"many{next(seed.numbers)}" for _ in range(60)]
    for code in codes:
        seed.role(code, f"Many {code}")
    try:
        opened(console)
        assert len(rows(console)) == 25
        assert codes[-1] not in rows(console)
        last = console.sees(".pages [aria-current]").text.split()[-1]
        pages = f"{last} of {last}"
        while codes[-1] not in rows(console):
            before = console.address
            press(console, "Next")
            wait_until(lambda before=before: console.address != before, 20, "the next page")
            title_is(console, "Roles")
            wait_until(lambda: console.all("main")[0].get_attribute("aria-busy") is None, 20, "it is there")
        assert console.sees(".pages [aria-current]").text == pages, "how many there are was known from the beginning"
        console.browser.refresh()
        title_is(console, "Roles")
        assert codes[-1] in rows(console), "the address alone shows the page"
    finally:
        console.site.sql("DELETE FROM role WHERE code = ANY (%s)", (codes,))


def test_a_notice_is_closed_by_hand_and_after_two_pages(console, role):
    opened(console)
    press(console, f"Change: {role[2]}")
    press(console, "Save", "dialog button")
    assert notice(console) == f"{role[2]} was saved."
    press(console, "Close this message")
    wait_until(lambda: not console.all(".notice"), 20, "it is gone")
    press(console, f"Change: {role[2]}")
    press(console, "Save", "dialog button")
    console.sees(".notice")
    press(console, "Events", "header nav a")
    title_is(console, "Events")
    wait_until(lambda: not console.all(".notice"), 20, "it is gone")
