"""Customers in an operator's console: their limits, and work inside one of them."""

import pytest
from support.chromium import wait_until
from support.console_person import (
    control, dialog, error_of, fill, focus_is, has_no_dialog, message, notices, pages_listed, press, title_is,
)  # fmt: skip

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

LIMIT = "Limit of users"


def opened(console, address="#/customers", person=None, title="Customers"):
    console.open(address, person or console.site.olga)
    title_is(console, title)


@pytest.fixture
def customer(console):
    """(id, name) of a customer of the test's own."""
    seed = console.site.seed
    number = seed.customer()
    name = f"Customer of test {number}"
    console.site.sql("UPDATE customer SET name = %s WHERE id = %s", (name, number))
    return number, name


def stored(console, number):
    found = console.site.sql("SELECT name, max_user_quota FROM customer WHERE id = %s", (number,))
    return found[0] if found else None


def added(console, name):
    """The quotas of the customers stored under this name."""
    return console.site.sql("SELECT max_user_quota FROM customer WHERE name = %s", (name,))


def row(console, name):
    """What the list shows about a customer's users; waits until the customer is listed."""

    def look():
        rows = [[cell.text for cell in each.find_elements("css selector", "td")] for each in console.all("tbody tr")]
        return next((cells[2] for cells in rows if cells[1].split("\n")[0] == name), None)

    return wait_until(look, 20, f"{name} is listed")


@pytest.mark.parametrize("limit, use", [("", "0"), ("5", "0 of 5"), ("0", "0 of 0"), (" 7 ", "0 of 7")])
def test_a_customer_is_added_with_a_limit_or_without(console, limit, use):
    name = f"Club {next(console.site.seed.numbers)}"
    opened(console)
    press(console, "Add a customer")
    dialog(console, "Add a customer")
    focus_is(console, "name")
    fill(console, "Name", name)
    fill(console, LIMIT, limit)
    press(console, "Add a customer", "dialog button")
    notices(console, f"{name} was added.")
    assert row(console, name) == use
    assert added(console, name) == [(int(limit) if limit else None,)]
    press(console, "Undo")
    notices(console, "Undone.")
    assert added(console, name) == []


WRONG_LIMITS = {
    "-1": "At least 0.",
    "many": "This must be a whole number.",
    "1.5": "This must be a whole number.",
    "9999999999": "At most 2,147,483,647.",
}


@pytest.mark.parametrize("limit", WRONG_LIMITS)
def test_what_is_wrong_with_a_limit_is_said_beside_it(console, limit):
    console.expects(422)
    opened(console)
    press(console, "Add a customer")
    name = f"Club {next(console.site.seed.numbers)}"
    fill(console, "Name", name)
    fill(console, LIMIT, limit)
    press(console, "Add a customer", "dialog button")
    assert error_of(console, LIMIT) == WRONG_LIMITS[limit]
    assert control(console, LIMIT).get_attribute("value") == limit
    assert added(console, name) == []


def test_a_customer_needs_a_name(console):
    console.expects(422)
    opened(console)
    press(console, "Add a customer")
    press(console, "Add a customer", "dialog button")
    assert error_of(console, "Name") == "Fill this in."


def test_a_customer_is_changed_and_that_is_undone(console, customer):
    number, name = customer
    opened(console)
    press(console, f"Change: {name}")
    dialog(console, f"Change: {name}")
    fill(console, "Name", f"{name} A")
    fill(console, LIMIT, "12")
    press(console, "Save", "dialog button")
    notices(console, f"{name} A was saved.")
    assert stored(console, number) == (f"{name} A", 12)
    assert row(console, f"{name} A") == "0 of 12"
    press(console, "Undo")
    notices(console, "Undone.")
    assert stored(console, number) == (name, None)
    assert row(console, name) == "0"


def test_a_customer_without_a_name_has_a_number_and_gets_a_name(console):
    number = console.site.seed.customer()
    opened(console)
    press(console, f"Change: Customer {number}")
    assert control(console, "Name").get_attribute("value") == ""
    fill(console, "Name", "Named now")
    press(console, "Save", "dialog button")
    notices(console, "Named now was saved.")
    assert stored(console, number) == ("Named now", None)
    press(console, "Undo")
    notices(console, "Undone.")
    console.reads(f"Customer {number}")


def test_a_customer_is_deleted_for_good(console, customer):
    number, name = customer
    opened(console)
    press(console, f"Delete {name}?")
    dialog(console, f"Delete {name}?")
    console.reads("Only a customer without users can be deleted.")
    console.reads("This cannot be undone.")
    press(console, "Delete", "dialog button")
    notices(console, f"{name} was deleted.")
    assert stored(console, number) is None
    assert console.texts(".notice button") == ["×"]


def test_a_customer_with_users_stays_and_the_dialog_says_why(console, customer):
    console.expects(409)
    number, name = customer
    console.site.seed.user(customer=number)
    opened(console)
    press(console, f"Delete {name}?")
    press(console, "Delete", "dialog button")
    assert message(console, "dialog .message") == "This customer still has users. Delete them first."
    assert stored(console, number) == (name, None)
    press(console, "Cancel", "dialog button")
    has_no_dialog(console)


def test_ones_own_customer_is_marked(console):
    opened(console)
    own = [each for each in console.texts("tbody tr") if "yours" in each]
    assert len(own) == 1 and f"Customer {console.site.seed.a}" in own[0]


BANNER = ".banner strong"


def work_in(console, name):
    opened(console)
    press(console, f"Work in this customer: {name}")
    title_is(console, "Users")
    assert console.sees(BANNER).text == name


def test_working_in_a_customer_shows_its_users_events_and_overview(console, customer):
    console.expects(404)
    number, name = customer
    theirs = console.site.seed.user(customer=number)
    console.site.sql("SELECT user_api_event_write('app.theirs', %s, NULL, '{}')", (number,))
    console.site.sql("SELECT user_api_event_write('app.ours', %s, NULL, '{}')", (console.site.seed.a,))
    work_in(console, name)
    console.reads(theirs.email)
    assert console.site.seed.alice.email not in console.text
    assert console.address == f"#/users?customer={number}"
    for title, says, address in (
        ("Overview", theirs.name, "overview"), ("Events", "app.theirs", "events"), ("Roles", "Admin", "roles"),
    ):  # fmt: skip
        press(console, title, "header nav a")
        title_is(console, title)
        assert console.address == f"#/{address}?customer={number}"
        assert console.sees(BANNER).text == name
        console.reads(says)
        assert "app.ours" not in console.text
    console.browser.refresh()
    title_is(console, "Roles")
    assert console.sees(BANNER).text == name, "the address alone says so"
    press(console, "Leave this customer")
    title_is(console, "Customers")
    assert console.all(".banner") == []
    press(console, "Users", "header nav a")
    title_is(console, "Users")
    assert console.address == "#/users"
    console.reads(console.site.seed.alice.email)


def test_the_overview_of_a_customer_counts_its_users(console, customer):
    console.expects(404)
    number, name = customer
    for active in (True, True, False):
        console.site.seed.user(customer=number, active=active)
    opened(console, f"#/overview?customer={number}", title="Overview")
    card = next(each for each in console.texts(".card") if each.startswith("Users"))
    assert card.splitlines() == ["Users", "3", "1 of them is inactive.", "Users"]
    press(console, "Users", ".card a")
    title_is(console, "Users")
    assert console.address == f"#/users?customer={number}"
    console.reads("3 users")


def test_a_user_who_is_added_while_working_in_a_customer_is_of_that_customer(console, customer):
    number, name = customer
    work_in(console, name)
    press(console, "Add a user")
    title_is(console, "Add a user")
    console.reads(f"For the customer {name}.")
    email = f"new{next(console.site.seed.numbers)}@example.org"
    fill(console, "Name", "New one")
    fill(console, "Email", email)
    fill(console, "New password" if "New password" in console.text else "Password", "correct horse battery")
    press(console, "Add a user", "form button")
    console.reads("New one was added")
    assert console.site.sql("SELECT customer_id FROM _user WHERE email = %s", (email,)) == [(number,)]
    assert console.sees(BANNER).text == name


@pytest.mark.parametrize("page", ["users", "overview", "events", "roles", "customers", "account"])
def test_a_customer_that_does_not_exist_is_not_found(console, page):
    console.expects(404, 422)
    opened(console, f"#/{page}?customer=2147483647", title="Not found")
    assert console.all(".banner") == []
    press(console, "Users", "header nav a")
    title_is(console, "Users")
    assert console.address == "#/users"


@pytest.mark.parametrize("customer_id", ["9999999999", "0", "-1", "x", "1e3"])
def test_an_address_with_a_customer_that_is_none_breaks_nothing(console, customer_id):
    console.expects(404, 422)
    console.open(f"#/users?customer={customer_id}", console.site.olga)
    assert console.sees("h1").text in ("Not found", "Users")
    assert console.all(".banner") == []


@pytest.mark.parametrize("page, title", [("users", "Users"), ("overview", "Overview"), ("events", "Events")])
def test_an_admin_with_a_customer_in_the_address_sees_their_own_and_no_error(console, page, title):
    console.expects(403, 404, 422)
    opened(console, f"#/{page}?customer={console.site.seed.b}", console.site.anna, title)
    assert console.all(".banner") == [] and console.all(".message") == []
    assert "Customers" not in pages_listed(console)
    assert console.site.seed.bob.name not in console.text


def test_leaving_a_customer_that_is_deleted_meanwhile_works(console, customer):
    console.expects(404, 422)
    number, name = customer
    work_in(console, name)
    console.site.sql("DELETE FROM customer WHERE id = %s", (number,))
    press(console, "Roles", "header nav a")
    title_is(console, "Not found")
    console.browser.refresh()
    title_is(console, "Not found")
    press(console, "Customers", "header nav a")
    title_is(console, "Customers")
