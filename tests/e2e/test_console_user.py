"""One user in the console: adding, changing, and what happens to the account."""

import pytest
from support.chromium import wait_until
from support.console_steps import Shop, dialog, error_of, fill, focused, labelled, named, notice, press, value

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


@pytest.fixture
def shop(console):
    return Shop(console.site)


def opened(console, user, by):
    console.open(f"#/users/{user.id}", by)
    named(console, "Save")


def row(shop, user):
    """(email, name, active, roles) as stored."""
    found = shop.site.seed.row(user)
    return (*found[:3], found[5]) if found else None


def found_by_email(shop, email):
    return shop.site.sql("SELECT id FROM _user WHERE email = %s", (email,))


def logs_in(shop, email, password):
    return shop.site.client.login(email, password).status_code == 200


def new_user(console, shop, name, email, password="a long new password"):
    console.open("#/users/new", shop.admin)
    fill(console, "Name", name)
    fill(console, "Email", email)
    fill(console, "Password", password)


def test_a_new_user_without_roles_signs_in_with_what_was_typed(console, shop):
    new_user(console, shop, "Nina", "nina@example.org")
    press(console, "Add a user", "button")
    notice(console, "Nina was added, and can sign in with the email and the password.")
    [[number]] = found_by_email(shop, "nina@example.org")
    console.is_at(f"#/users/{number}")
    assert row(shop, number) == ("nina@example.org", "Nina", True, [])
    assert logs_in(shop, "nina@example.org", "a long new password")


def test_a_new_user_with_roles_and_not_yet_active(console, shop):
    new_user(console, shop, "Noah", "noah@example.org")
    press(console, "Reader", "input, label")
    press(console, "Writer", "input, label")
    press(console, "May sign in at once", "label")
    press(console, "Add a user", "button")
    notice(console, "Noah was added, and cannot sign in until you activate the account.")
    [[number]] = found_by_email(shop, "noah@example.org")
    assert row(shop, number) == ("noah@example.org", "Noah", False, ["reader", "writer"])
    console.sees("h1 .bad")


def test_a_suggested_password_is_shown_and_works(console, shop):
    console.open("#/users/new", shop.admin)
    fill(console, "Name", "Sue")
    fill(console, "Email", "sue@example.org")
    made = set()
    for _ in range(2):
        press(console, "Suggest")
        password = value(labelled(console, "Password"))
        made.add(password)
    assert len(made) == 2 and len(password) == 16
    assert labelled(console, "Password").get_attribute("type") == "text"
    press(console, "Add a user", "button")
    notice(console, "Sue was added, and can sign in with the email and the password.")
    assert logs_in(shop, "sue@example.org", password)


def test_an_operator_adds_a_user_to_the_customer_worked_in(console, shop):
    console.open(f"#/users/new?customer={shop.customer}", console.site.olga)
    console.reads(f"For the customer Customer {shop.customer}.")
    fill(console, "Name", "Otto")
    fill(console, "Email", "otto@example.org")
    press(console, "Suggest")
    press(console, "Add a user", "button")
    notice(console, "Otto was added, and can sign in with the email and the password.")
    assert shop.site.sql("SELECT customer_id FROM _user WHERE email = 'otto@example.org'") == [(shop.customer,)]


def test_each_wrong_field_says_what_is_wrong_and_the_first_has_the_focus(console, shop):
    console.expects(422)
    console.open("#/users/new", shop.admin)
    press(console, "Add a user", "button")
    wait_until(lambda: error_of(console, "Name"), 20, "an error is said")
    assert (error_of(console, "Name"), error_of(console, "Email")) == ("Fill this in.",) * 2
    assert error_of(console, "Password").startswith("At least ")
    assert focused(console).get_attribute("name") == "name"
    fill(console, "Name", "Nora")
    fill(console, "Password", "é" * 40)
    press(console, "Add a user", "button")
    too_long = "At most 72 characters. Letters with accents count as two."
    # The page removes all errors, and then waits for the answer.
    wait_until(lambda: error_of(console, "Password") == too_long, 20, "the new errors are shown")
    assert (error_of(console, "Name"), error_of(console, "Email")) == (None, "Fill this in.")
    assert focused(console).get_attribute("name") == "email"


def test_a_taken_email_is_said_beside_the_email_and_nothing_typed_is_lost(console, shop):
    shop.user("First", email="taken@example.org")
    console.expects(409)
    new_user(console, shop, "Second", "Taken@example.org")
    press(console, "Add a user", "button")
    wait_until(lambda: error_of(console, "Email"), 20, "it is said")
    assert error_of(console, "Email") == "Somebody already has this email."
    assert focused(console).get_attribute("name") == "email"
    fill(console, "Email", "free@example.org")
    press(console, "Add a user", "button")
    notice(console, "Second was added, and can sign in with the email and the password.")


def test_name_email_and_roles_are_changed_and_the_change_undone(console, shop):
    user = shop.user("Ursula", roles=("reader",))
    opened(console, user, shop.admin)
    fill(console, "Name", "Ursula K.")
    fill(console, "Email", "uk@example.org")
    press(console, "Reader", "label")
    press(console, "Writer", "label")
    press(console, "Save")
    notice(console, "Ursula K. was saved.")
    assert row(shop, user) == ("uk@example.org", "Ursula K.", True, ["writer"])
    press(console, "Undo")
    notice(console, "Undone.")
    assert row(shop, user) == (user.email, "Ursula", True, ["reader"])
    wait_until(lambda: value(labelled(console, "Name")) == "Ursula", 20, "the form shows it")


def test_saving_nothing_says_so_and_sends_nothing(console, shop):
    opened(console, shop.user("Ursula"), shop.admin)
    press(console, "Save")
    notice(console, "Nothing was changed.")
    assert {each.method for each in console.api_requests()} == {"GET"}


def test_a_refused_change_is_said_and_what_was_typed_stays(console, shop):
    user = shop.user("Ursula")
    console.expects(422, 409)
    opened(console, user, shop.admin)
    fill(console, "Name", " ")
    fill(console, "Email", shop.admin.email)
    press(console, "Save")
    wait_until(lambda: error_of(console, "Name"), 20, "it is said")
    fill(console, "Name", "Ulla")
    press(console, "Save")
    wait_until(lambda: error_of(console, "Email"), 20, "it is said")
    assert error_of(console, "Email") == "This is already taken."
    assert (value(labelled(console, "Name")), row(shop, user)[1]) == ("Ulla", "Ursula")


def test_the_last_admin_keeps_the_role_and_the_form_says_why(console, shop):
    console.expects(409)
    opened(console, shop.admin, shop.admin)
    press(console, "Admin", "label")
    press(console, "Save")
    dialog(console, "Change your own roles?")
    press(console, "Save")
    console.reads("This is the last active administrator of the customer.")
    assert row(shop, shop.admin)[3] == ["admin"]


@pytest.fixture
def guarded(shop):
    """A user who holds a role that only an operator may grant."""
    if not shop.site.sql("SELECT 1 FROM role WHERE code = 'auditor'"):
        shop.site.seed.role("auditor", "Auditor", assignable=False)
    return shop.user("Gerd", roles=("auditor", "reader"))


def test_what_only_an_operator_may_do_with_a_user_an_admin_sees_and_cannot_press(console, shop, guarded):
    opened(console, guarded, shop.admin)
    console.reads("Gerd holds a role that only an operator may give.")
    for each in ("Deactivate", "End sessions", "Set a password", "Delete"):
        assert named(console, each).get_attribute("disabled"), each
    assert labelled(console, "Email").get_attribute("readonly")
    fixed = labelled(console, "Auditor (only an operator may change this)")
    assert (fixed.is_selected(), fixed.is_enabled()) == (True, False)


def test_an_admin_changes_the_name_and_the_other_roles_of_such_a_user(console, shop, guarded):
    opened(console, guarded, shop.admin)
    fill(console, "Name", "Gerda")
    press(console, "Reader", "label")
    press(console, "Writer", "label")
    press(console, "Save")
    notice(console, "Gerda was saved.")
    assert row(shop, guarded) == (guarded.email, "Gerda", True, ["writer", "auditor"])


def test_an_operator_may_do_all_with_such_a_user(console, shop, guarded):
    opened(console, guarded, console.site.olga)
    assert labelled(console, "Auditor").is_enabled()
    press(console, "Auditor", "label")
    press(console, "Save")
    notice(console, "Gerd was saved.")
    assert row(shop, guarded)[3] == ["reader"]
    assert named(console, "Delete").is_enabled()


@pytest.mark.parametrize("number", ["2147483647", "0", "-1", "abc", "99999999999", ".", "..", "%2e%2e", "1e1"])
def test_a_number_that_is_no_user_is_not_found(console, shop, number):
    console.expects(404, 422)
    console.open(f"#/users/{number}", shop.admin)
    wait_until(lambda: [each.text for each in console.all("h1")] == ["Not found"], 20, "it is said")
    assert console.all("form") == []


def test_a_user_of_another_customer_is_not_found(console, shop):
    console.expects(404)
    console.open(f"#/users/{console.site.seed.bob.id}", shop.admin)
    console.reads("Not found")


def test_names_on_the_page_of_a_user_are_text(console, shop):
    name = "<img src=x onerror=alert(1)>"
    user = shop.user(name)
    opened(console, user, shop.admin)
    assert console.sees("h1").text.startswith(name) and value(labelled(console, "Name")) == name
    press(console, "Delete")
    assert name in dialog(console, f"Delete {name}?")
    assert console.all("img") == []
    press(console, "Cancel")
    fill(console, "Name", name * 2)
    press(console, "Save")
    notice(console, f"{name * 2} was saved.")
    assert console.all("img") == []


def test_a_name_that_runs_from_right_to_left_turns_no_sentence(console, shop):
    user = shop.user("\u202egnorw")
    opened(console, user, shop.admin)
    press(console, "Delete")
    console.sees("dialog[open]")
    heads = "const range = document.createRange(), text = arguments[0].firstChild, at = text.data.indexOf(arguments[1]);"
    place = heads + "range.setStart(text, at); range.setEnd(text, at + 1); return range.getBoundingClientRect().left;"
    title = console.sees("dialog h2")
    name, mark = title.use(lambda each: [console.browser.execute_script(place, each, letter) for letter in ("g", "?")])
    assert name < mark, "the question mark ends the sentence"
