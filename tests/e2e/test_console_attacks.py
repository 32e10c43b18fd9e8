"""What a slow network, two windows, or another person at the same time must not cause."""

import contextlib

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from support.chromium import wait_until
from support.console_steps import Shop, dialog, fill, labelled, lists, named, notice, press, value

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


@pytest.fixture
def shop(console):
    return Shop(console.site)


def slowly(console, milliseconds):
    network = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    console.browser.execute_cdp_cmd("Network.enable", {})
    console.browser.execute_cdp_cmd("Network.emulateNetworkConditions", network)


@pytest.fixture
def slow(console):
    yield lambda: slowly(console, 1500)
    slowly(console, 0)


def customer_of(site, email):
    return site.sql("SELECT customer_id FROM _user WHERE email = %s", (email,))


def fill_in(console, name, email):
    fill(console, "Name", name)
    fill(console, "Email", email)
    fill(console, "Password", "a long enough one")


def test_a_form_that_still_stands_while_the_next_page_loads_cannot_be_sent(console, shop, slow):
    console.open(f"#/users/new?customer={shop.customer}", console.site.olga)
    fill_in(console, "Late", "late@example.org")
    slow()
    console.go("#/overview")
    dialog(console, "Leave without saving?")
    press(console, "Leave")
    with contextlib.suppress(WebDriverException):
        console.browser.find_element(By.CSS_SELECTOR, "main form button[type=submit]").click()
    wait_until(lambda: console.all(".cards"), 30, "the overview is shown")
    slowly(console, 0)
    console.go("#/users/new")
    named(console, "Add a user", "form button")
    assert customer_of(console.site, "late@example.org") == []


def test_a_page_that_is_not_there_can_be_left_while_the_one_before_is_still_loading(console, shop, slow):
    console.open("#/account", shop.admin)
    console.sees(".facts")
    slow()
    console.go("#/users")
    wait_until(lambda: console.browser.execute_script("return document.querySelector('main').inert"), 20, "it is loading")
    console.go("#/nowhere")
    console.reads("There is no such page.")
    assert console.browser.execute_script("return document.querySelector('main').inert") is False
    assert console.all("main[aria-busy=true]") == []


def test_what_is_typed_for_one_user_never_stands_in_the_form_of_another(console, shop, slow):
    one, other = shop.users("Ann", "Bob")
    console.open(f"#/users/{one.id}", shop.admin)
    fill(console, "Name", "Typed for Ann")
    slow()
    press(console, "Deactivate")
    press(console, "Deactivate")
    console.go(f"#/users/{other.id}")
    press(console, "Leave")
    wait_until(lambda: console.all(f"a[href*='user={other.id}']"), 30, "the other user is shown")
    # The action begun on the first page ends now, and the page is drawn again.
    notice(console, "Ann can no longer sign in.")
    wait_until(lambda: not console.all("main[aria-busy]"), 30, "the page is drawn again")
    assert value(labelled(console, "Name")) == "Bob"


def test_undo_leaves_alone_what_is_typed_on_another_page_by_then(console, shop):
    user = shop.user("Ann")
    console.open(f"#/users/{user.id}", shop.admin)
    press(console, "Deactivate")
    press(console, "Deactivate", "dialog button")
    notice(console, "Ann can no longer sign in.")
    console.go("#/users/new")
    fill_in(console, "Newly typed", "typed@example.org")
    press(console, "Undo")
    notice(console, "Undone.")
    assert value(labelled(console, "Name")) == "Newly typed"
    assert console.site.sql("SELECT active FROM _user WHERE id = %s", (user.id,)) == [(True,)]


def test_several_are_not_asked_for_one_by_one_when_the_session_has_ended(console, shop):
    console.expects(401)
    shop.users("Ann", "Bob", "Chloé")
    console.open("#/users", shop.admin)
    press(console, "Choose everybody on this page", "input")
    press(console, "Deactivate 3 users")
    console.browser.delete_all_cookies()
    press(console, "Deactivate", "dialog button")
    dialog(console, "Sign in to go on")
    press(console, "Cancel", "dialog button")
    notice(console, "0 users can no longer sign in. Ann: Your session has ended. Sign in to go on.")


def test_somebody_who_has_signed_in_beside_it_does_not_do_what_was_begun(console, shop):
    bella = console.site.seed.bella
    console.open("#/users/new", shop.admin)
    fill_in(console, "Begun", "begun@example.org")
    console.sign_in(bella)
    press(console, "Add a user")
    wait_until(lambda: console.sees(".me bdi").text == bella.name, 20, "the page is that of the other person")
    assert customer_of(console.site, "begun@example.org") == []
    assert "Begun" not in console.text


def test_back_from_another_page_where_somebody_has_signed_out_shows_nothing_of_theirs(console, shop):
    console.expects(401)
    shop.user("Nobody else's business")
    console.open("#/users", shop.admin)
    lists(console, "Boss", "Nobody else's business")
    console.browser.get(console.origin + "/login/")
    console.sees("#logout").click()
    console.sees("#login")
    console.browser.back()
    console.sees(".signin", "the sign-in form of the console")
    assert "business" not in console.browser.page_source


def test_a_role_that_somebody_else_has_changed_is_not_overwritten(console):
    seed = console.site.seed
    code = f"attacked{next(seed.numbers)}"
    seed.role(code, "Before")
    console.open("#/roles", console.site.olga)
    press(console, "Change: Before")
    fill(console, "Name", "Mine")
    console.site.sql("UPDATE role SET name = 'Theirs', assignable = false WHERE code = %s", (code,))
    press(console, "Save")
    console.reads("Somebody else has changed this in the meantime.")
    assert console.site.sql("SELECT name, assignable FROM role WHERE code = %s", (code,)) == [("Theirs", False)]


def test_undo_does_not_overwrite_what_somebody_else_has_changed_since(console):
    seed = console.site.seed
    code = f"attacked{next(seed.numbers)}"
    seed.role(code, "Before")
    console.open("#/roles", console.site.olga)
    press(console, "Change: Before")
    fill(console, "Name", "Mine")
    press(console, "Save")
    notice(console, "Mine was saved.")
    console.site.sql("UPDATE role SET name = 'Theirs' WHERE code = %s", (code,))
    press(console, "Undo")
    console.reads("Somebody else has changed this in the meantime.")
    assert console.site.sql("SELECT name FROM role WHERE code = %s", (code,)) == [("Theirs",)]


def test_ones_own_roles_are_not_changed_by_mistake_and_the_page_begins_again_without_them(console, shop):
    shop.user("Second", roles=("admin",))
    console.open(f"#/users/{shop.admin.id}", shop.admin)
    press(console, "Admin", "label")
    press(console, "Save")
    dialog(console, "Change your own roles?")
    press(console, "Cancel")
    roles = "SELECT count(*) FROM user_has_role WHERE user_id = %s"
    assert console.site.sql(roles, (shop.admin.id,)) == [(1,)]
    press(console, "Save")
    dialog(console, "Change your own roles?")
    press(console, "Save")
    console.expects(403)
    console.reads("Your account may not see this page.")
    assert console.site.sql(roles, (shop.admin.id,)) == [(0,)]
    assert console.texts("header nav a") == ["My account"]


def test_a_user_of_another_customer_is_shown_as_work_in_that_customer(console, shop):
    user = shop.user("Theirs")
    console.open(f"#/users/{user.id}", console.site.olga)
    console.is_at(f"#/users/{user.id}?customer={shop.customer}")
    console.sees(".banner")
    console.open(f"#/users/{console.site.paul.id}?customer={shop.customer}")
    console.is_at(f"#/users/{console.site.paul.id}")
    named(console, "Save")
    assert console.all(".banner") == []


def test_the_way_back_from_a_user_leads_to_the_list_as_it_was(console, shop):
    shop.users("Ann", "Bob")
    console.open("#/users?search=ann", shop.admin)
    lists(console, "Ann")
    press(console, "Ann")
    press(console, "‹ Users")
    console.is_at("#/users?search=ann")
    lists(console, "Ann")


@pytest.mark.parametrize("around", ["{} ", " {}", "\t{}", "{}\u00a0", "\u3000{}\t"])
def test_blanks_around_a_copied_email_do_not_matter(console, shop, around):
    console.open("#/account")
    console.expects(401)
    email = around.format(shop.admin.email)
    console.sees("input[name=email]")
    console.browser.execute_script("document.querySelector('input[name=email]').value = arguments[0]", email)
    fill(console, "Password", shop.admin.password)
    press(console, "Sign in")
    console.reads(shop.admin.email)


def test_a_browser_that_keeps_no_cookie_is_told_so(console, shop):
    console.expects(401)
    console.open("#/account")
    console.sees("input[name=email]")
    fill(console, "Email", shop.admin.email)
    fill(console, "Password", shop.admin.password)
    # The page sends no cookie after the login, as if the browser had refused it.
    console.browser.execute_script(
        "const { fetch } = window; window.fetch = (address, options) =>"
        " fetch(address, address.endsWith('/account/') ? { ...options, credentials: 'omit' } : options)"
    )
    press(console, "Sign in")
    console.reads("The browser does not keep the cookie of this site.")
