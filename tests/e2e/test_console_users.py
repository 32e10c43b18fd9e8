"""The list of users: search while typing, filters, pages and their addresses, and actions on several users."""

import re

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import steadily, wait_until
from support.console import add_many_users
from support.console_steps import Shop, choose, dialog, fill, focused, labelled, lists, names, named, notice, press, value

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

# Types one letter after the other, without a pause.
TYPE = """const [field, text] = arguments;
for (const letter of text) { field.value += letter; field.dispatchEvent(new Event('input', {bubbles: true})); }"""


@pytest.fixture
def shop(console):
    return Shop(console.site)


@pytest.fixture(scope="module")
def crowd(console_site):
    made = Shop(console_site)
    add_many_users(console_site, customer=made.customer)
    return made


def searches(console):
    return [each for each in console.api_requests() if "name=" in each.target]


def lock(console):
    """A connection that keeps the service from reading users until it is closed."""
    connection = console.site.postgres.connect(console.site.database)
    connection.autocommit = False
    connection.cursor().execute("LOCK TABLE _user IN ACCESS EXCLUSIVE MODE")
    return connection


def column(console, name):
    return console.texts(f"td.{name}")


def tick(console, *users):
    for user in users:
        press(console, f"Choose {user}", "input")


def is_active(shop, user):
    return shop.site.seed.row(user)[2]


def test_a_pause_in_typing_sends_one_search(console, shop):
    shop.users("Marta", "Marion", "Olaf")
    console.open("#/users", shop.admin)
    lists(console, "Boss", "Marta", "Marion", "Olaf")
    labelled(console, "Search").use(lambda field: console.browser.execute_script(TYPE, field, "mari"))
    lists(console, "Marion")
    assert [re.search("name=([^&]*)", each.target).group(1) for each in searches(console)] == ["mari"]


def test_what_is_typed_next_cancels_the_search_before(console, shop):
    shop.users("Marta", "Marion")
    console.open("#/users", shop.admin)
    lists(console, "Boss", "Marta", "Marion")
    connection = lock(console)
    try:
        fill(console, "Search", "ma")
        wait_until(lambda: searches(console), 20, "the first search is sent")
        labelled(console, "Search").send_keys("rt")
        wait_until(lambda: len(searches(console)) == 2, 20, "the second search is sent")
        first = searches(console)[0]
        assert first.ended and first.status is None, "nobody waits for the first one any more"
    finally:
        connection.close()
    lists(console, "Marta")
    assert "1 user" in console.sees(".count").text


@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_signs_that_the_service_takes_for_wildcards_mean_themselves(console, shop, sign):
    shop.users("Plain", f"With {sign} inside")
    console.open("#/users", shop.admin)
    fill(console, "Search", sign)
    lists(console, f"With {sign} inside")
    console.open(console.address)
    lists(console, f"With {sign} inside")
    assert value(labelled(console, "Search")) == sign


def test_a_search_finds_names_and_emails_however_they_are_written(console, shop):
    shop.user("Élodie", email="somebody.else@example.org")
    shop.user("Bernard", email="elodie.b@example.org")
    console.open("#/users", shop.admin)
    fill(console, "Search", "  ELODIE.B ")
    lists(console, "Bernard")
    fill(console, "Search", "élod")
    lists(console, "Élodie")


def test_filters_and_the_search_are_in_the_address_which_shows_them_again(console, shop):
    shop.user("Rita R", roles=("reader",))
    shop.user("Rob R", roles=("reader",), active=False)
    shop.user("Robin", active=False)
    shop.user("Ruth R", roles=("reader",))
    console.open("#/users", shop.admin)
    lists(console, "Boss", "Rita R", "Rob R", "Robin", "Ruth R")
    choose(console, "Role", "Reader")
    lists(console, "Rita R", "Rob R", "Ruth R")
    choose(console, "State", "Inactive")
    lists(console, "Rob R")
    assert (column(console, "state"), console.sees(".count").text) == (["Inactive"], "1 user")
    choose(console, "State", "Active")
    fill(console, "Search", "ruth")
    lists(console, "Ruth R")
    console.is_at("#/users?role=reader&active=true&search=ruth")
    console.open(console.address)
    lists(console, "Ruth R")
    shown = [value(labelled(console, each)) for each in ("Search", "Role", "State")]
    assert shown == ["ruth", "reader", "true"]
    fill(console, "Search", "")
    choose(console, "Role", "All roles")
    choose(console, "State", "All states")
    lists(console, "Boss", "Rita R", "Rob R", "Robin", "Ruth R")
    console.is_at("#/users")


def test_nobody_found_is_said(console, shop):
    console.open("#/users", shop.admin)
    fill(console, "Search", "nobody has this")
    console.reads("Nobody matches.")
    assert (console.sees(".count").text, console.all("main table")) == ("0 users", [])
    assert named(console, "Export as CSV").get_attribute("disabled")


def test_ten_thousand_users_have_pages_and_a_last_one(console, crowd):
    console.open("#/users", crowd.admin)
    lists(console, "Boss", *(f"Many {n:05}" for n in range(1, 50)))
    assert console.sees(".count").text == "10,001 users"
    press(console, "Next")
    lists(console, *(f"Many {n:05}" for n in range(50, 100)))
    console.is_at("#/users?page=2")
    press(console, "Last page")
    lists(console, "Many 10000")
    console.is_at("#/users?page=201")
    console.browser.back()
    lists(console, *(f"Many {n:05}" for n in range(50, 100)))
    console.browser.back()
    lists(console, "Boss", *(f"Many {n:05}" for n in range(1, 50)))
    console.is_at("#/users")


def test_one_of_ten_thousand_is_found_and_the_page_is_the_first(console, crowd):
    console.open("#/users?page=201", crowd.admin)
    lists(console, "Many 10000")
    fill(console, "Search", "07777")
    lists(console, "Many 07777")
    console.is_at("#/users?search=07777")
    fill(console, "Search", "")
    choose(console, "State", "Inactive")
    lists(console, *(f"Many {n:05}" for n in range(10, 510, 10)))
    assert console.sees(".count").text == "1,000 users"


@pytest.mark.parametrize("page", ["202", "9999999"])
def test_a_page_beyond_the_end_says_so_and_leads_back(console, crowd, page):
    console.open(f"#/users?page={page}", crowd.admin)
    console.reads("There is nothing on this page.")
    press(console, "Last page")
    lists(console, "Many 10000")


@pytest.mark.parametrize("page", ["0", "-1", "two", "1e3", "99999999999999999999"])
def test_an_address_that_names_no_page_shows_the_first(console, crowd, page):
    console.open(f"#/users?page={page}", crowd.admin)
    lists(console, "Boss", *(f"Many {n:05}" for n in range(1, 50)))


def test_the_number_sorts_in_both_directions_on_all_pages(console, crowd):
    console.open("#/users", crowd.admin)
    assert console.sees("th.id").get_attribute("aria-sort") == "ascending"
    press(console, "No.: show the newest first")
    lists(console, *(f"Many {n:05}" for n in range(10000, 9950, -1)))
    assert console.sees("th.id").get_attribute("aria-sort") == "descending"
    assert focused(console).text.startswith("No."), "whoever uses the keyboard is where they were"
    press(console, "Next")
    lists(console, *(f"Many {n:05}" for n in range(9950, 9900, -1)))
    press(console, "Last page")
    lists(console, "Boss")
    press(console, "No.: show the oldest first")
    lists(console, "Boss", *(f"Many {n:05}" for n in range(1, 50)))
    console.is_at("#/users")


def test_another_page_begins_at_its_top(console, crowd):
    console.open("#/users", crowd.admin)
    press(console, "Next")
    lists(console, *(f"Many {n:05}" for n in range(50, 100)))
    wait_until(lambda: console.browser.execute_script("return scrollY") == 0, 20, "the top is shown")
    assert focused(console).tag_name == "h1"


def test_a_page_that_is_followed_while_one_types_is_shown(console, crowd):
    console.open("#/users", crowd.admin)
    following = "setTimeout(() => { document.body.dataset.later = 'yes'; }, 400); arguments[2].click();"
    script = lambda field: console.browser.execute_script(TYPE + following, field, "0777", named(console, "Next").element)  # noqa: E731
    labelled(console, "Search").use(script)
    console.sees("body[data-later]", "the pause of typing is over")
    lists(console, *(f"Many {n:05}" for n in range(50, 100)))
    console.is_at("#/users?page=2")


def test_several_users_are_deactivated_at_once_and_that_is_undone(console, shop):
    ann, ben, cid = shop.users("Ann", "Ben", "Cid")
    token = shop.site.login(ann)
    console.expects(401)
    console.open("#/users", shop.admin)
    tick(console, "Ann", "Cid")
    press(console, "Deactivate 2 users")
    text = dialog(console, "Deactivate 2 users?")
    assert "Ann, Cid" in text and "ends all of their sessions" in text
    press(console, "Cancel")
    assert is_active(shop, ann)
    press(console, "Deactivate 2 users")
    press(console, "Deactivate")
    notice(console, "2 users can no longer sign in.")
    lists(console, "Boss", "Ann", "Ben", "Cid")
    wait_until(lambda: column(console, "state") == ["Active", "Inactive", "Active", "Inactive"], 20, "the list shows it")
    assert [is_active(shop, each) for each in (ann, ben, cid)] == [False, True, False]
    assert token.get("/api/users/token").status_code == 401
    press(console, "Undo")
    notice(console, "2 users can sign in again.")
    wait_until(lambda: column(console, "state") == ["Active"] * 4, 20, "the list shows it")


def test_undo_activates_nobody_who_was_inactive_before(console, shop):
    ann, ben = shop.user("Ann"), shop.user("Ben", active=False)
    console.open("#/users", shop.admin)
    tick(console, "Ann", "Ben")
    press(console, "Deactivate 2 users")
    press(console, "Deactivate")
    notice(console, "1 user can no longer sign in.")
    press(console, "Undo")
    notice(console, "1 user can sign in again.")
    assert [is_active(shop, each) for each in (ann, ben)] == [True, False]


def test_whoever_cannot_be_deactivated_is_named_and_the_others_are(console, shop):
    ann, _ = shop.users("Ann", "Ben")
    console.expects(409)
    console.open(f"#/users?customer={shop.customer}", console.site.olga)
    lists(console, "Boss", "Ann", "Ben")
    tick(console, "Boss", "Ann")
    press(console, "Deactivate 2 users")
    press(console, "Deactivate")
    last = "This is the last active administrator of the customer. Give somebody else the role first."
    notice(console, f"1 user can no longer sign in. Boss: {last}")
    assert [is_active(shop, each) for each in (shop.admin, ann)] == [True, False]


def test_ones_own_row_has_no_box_and_is_not_chosen_with_all(console, shop):
    shop.users("Ann", "Ben")
    console.open("#/users", shop.admin)
    lists(console, "Boss", "Ann", "Ben")
    boxes = lambda: [len(row.find_elements("css selector", "input")) for row in console.all("tbody tr")]  # noqa: E731
    assert steadily(boxes) == [0, 1, 1]
    assert "you" in console.texts("tbody tr")[0].split()
    press(console, "Choose everybody on this page", "input")
    assert named(console, "Deactivate 2 users")
    tick(console, "Ann")
    every = named(console, "Choose everybody on this page", "input")
    assert (every.get_property("checked"), every.get_property("indeterminate")) == (False, True)
    tick(console, "Ben")
    wait_until(lambda: not console.all("button.danger"), 20, "there is nobody to deactivate")


def test_six_names_are_five_and_one_more(console, shop):
    shop.users(*"ABCDEF")
    console.open("#/users", shop.admin)
    press(console, "Choose everybody on this page", "input")
    press(console, "Deactivate 6 users")
    assert "A, B, C, D, E and 1 more" in dialog(console, "Deactivate 6 users?")
    console.sees("dialog[open]").send_keys(Keys.ESCAPE)
    wait_until(lambda: not console.all("dialog"), 20, "the dialog is closed")


def test_names_in_the_list_are_text(console, shop):
    shop.users("<img src=x onerror=alert(1)>", "<b>bold</b>", "\u202egnorw")
    console.open("#/users", shop.admin)
    lists(console, "Boss", "<img src=x onerror=alert(1)>", "<b>bold</b>", "\u202egnorw")
    assert console.all("main img, main b") == []
    assert len(console.all("td.name bdi")) == 4 == len(names(console)), "each turns no text around it"
