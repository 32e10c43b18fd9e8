"""The frame of the console: who sees which page, the keyboard, the language, the time zone, a server that is down."""

import re

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.console_person import dialog, fill, focus_is, focused, has_no_dialog, keys, pages_listed, press, title_is
from support.processes import free_port

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

PAGES = {
    "paul": ["My account"],
    "rita": ["My account"],
    "anna": ["Overview", "Users", "Roles", "Events", "My account"],
    "olga": ["Overview", "Users", "Roles", "Customers", "Events", "My account"],
}
ADDRESSES = {
    "Overview": "#/overview", "Users": "#/users", "Roles": "#/roles", "Customers": "#/customers", "Events": "#/events",
    "My account": "#/account",
}  # fmt: skip
FIRST = {"paul": "My account", "rita": "My account", "anna": "Overview", "olga": "Overview"}


def opened(console, address, person, title):
    console.open(address, person)
    title_is(console, title)


@pytest.mark.parametrize("name", PAGES)
def test_each_person_sees_the_pages_of_their_rights(console, name):
    console.expects(403, 404)
    opened(console, "", getattr(console.site, name), FIRST[name])
    assert pages_listed(console) == PAGES[name]
    for title in PAGES[name]:
        press(console, title, "header nav a")
        title_is(console, title)
        assert console.address == ADDRESSES[title]
        assert console.browser.title == f"{title} – {console.origin[len('http://'):]}"
        assert console.texts("header nav a[aria-current=page]") == [title]


@pytest.mark.parametrize("name", ["paul", "anna"])
def test_a_page_that_somebody_may_not_see_says_so(console, name):
    console.expects(403, 422)
    for title in set(ADDRESSES) - set(PAGES[name]):
        opened(console, ADDRESSES[title], getattr(console.site, name), "Not found")
        console.reads("Your account may not see this page.")
        assert pages_listed(console) == PAGES[name], "the way on is there"


@pytest.mark.parametrize("address", ["#/nothing", "#/users/../x/", "#/%3Cb%3E", "#nothing", "#/Users", "#/constructor"])
def test_an_address_of_no_page_says_so(console, address):
    console.expects(404, 422)
    opened(console, address, console.site.olga, "Not found")
    assert console.browser.title.startswith("Not found – ")
    press(console, "Roles")
    title_is(console, "Roles")


def test_a_thing_that_is_not_there_is_not_found_and_the_way_on_is_there(console):
    console.expects(404)
    opened(console, "#/users/2147483647", console.site.olga, "Not found")
    console.reads("It does not exist (any more).")
    assert console.browser.title.startswith("Not found – ")
    assert pages_listed(console) == PAGES["olga"]


def test_the_keyboard_alone_leads_past_the_navigation_to_the_page(console):
    opened(console, "#/roles", console.site.olga, "Roles")
    console.browser.execute_script("document.activeElement.blur()")
    console.browser.execute_script("document.querySelector('.skip').focus()")
    focus_is(console, "Skip to the page")
    assert focused(console).location["y"] >= 0, "it is seen while it has the focus"
    keys(console, Keys.ENTER)
    wait_until(lambda: focused(console).tag_name == "main", 20, "the page has the focus")
    assert console.address == "#/roles"
    keys(console, Keys.TAB)
    focus_is(console, "Add a role")


def test_the_way_past_the_navigation_is_the_first_that_the_keyboard_comes_to(console):
    opened(console, "#/roles", console.site.olga, "Roles")
    first = console.browser.execute_script("return document.querySelector('a, button, input, select').textContent")
    assert first == "Skip to the page"


def test_the_keyboard_alone_goes_to_another_page_and_works_there(console):
    opened(console, "#/roles", console.site.olga, "Roles")
    console.browser.execute_script("document.querySelector('header nav a[href=\"#/customers\"]').focus()")
    keys(console, Keys.ENTER)
    title_is(console, "Customers")
    keys(console, Keys.TAB, Keys.ENTER)
    dialog(console, "Add a customer")
    focus_is(console, "name")
    keys(console, Keys.ESCAPE)
    has_no_dialog(console)
    focus_is(console, "Add a customer")


def test_a_dialog_keeps_the_focus_inside(console):
    opened(console, "#/roles", console.site.olga, "Roles")
    press(console, "Add a role")
    dialog(console, "Add a role")
    for _ in range(8):
        keys(console, Keys.TAB)
        inside = "return document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert console.browser.execute_script(inside)


def test_going_back_with_a_half_filled_dialog_asks_first(console):
    opened(console, "#/customers", console.site.olga, "Customers")
    console.go("#/roles")
    title_is(console, "Roles")
    press(console, "Add a role")
    fill(console, "Name", "Half")
    console.browser.back()
    dialog(console, "Leave without saving?")
    press(console, "Cancel", "dialog button")
    dialog(console, "Add a role")
    assert console.address == "#/roles"
    console.browser.back()
    dialog(console, "Leave without saving?")
    press(console, "Leave", "dialog button")
    title_is(console, "Customers")
    has_no_dialog(console)


def test_going_back_from_a_question_closes_it(console):
    opened(console, "#/customers", console.site.olga, "Customers")
    console.go("#/roles")
    title_is(console, "Roles")
    press(console, "Delete Reader?")
    dialog(console, "Delete Reader?")
    console.browser.back()
    title_is(console, "Customers")
    has_no_dialog(console)


LANGUAGES = [
    (("fr",), "fr", "Rôles"),
    (("fr-CA", "en"), "fr", "Rôles"),
    (("de-DE", "fr-FR", "en"), "fr", "Rôles"),
    (("de-DE", "de"), "en", "Roles"),
    (("en-US", "fr"), "en", "Roles"),
]


@pytest.mark.parametrize("languages, language, title", LANGUAGES)
def test_the_page_speaks_the_first_language_of_the_reader_that_it_knows(console, languages, language, title):
    console.look(languages=languages)
    opened(console, "#/roles", console.site.olga, title)
    assert console.browser.find_element("tag name", "html").get_attribute("lang") == language
    assert console.browser.title.startswith(f"{title} – ")


def test_the_sign_in_form_speaks_french_too(console):
    console.expects(401)
    console.look(languages=("fr-CA",))
    console.open("")
    console.reads("Se connecter")
    assert console.browser.find_element("tag name", "html").get_attribute("lang") == "fr"


ZONES = {"UTC": "23:30", "Asia/Tokyo": "08:30", "America/New_York": "18:30"}


@pytest.mark.parametrize("zone", ZONES)
def test_times_are_those_of_the_readers_zone(console, zone):
    site = console.site
    site.sql("SELECT user_api_event_write('app.timed', %s, NULL, '{}')", (site.seed.a,))
    # The service never changes rows of this table. The month has no partition of its own.
    site.sql("UPDATE event SET at = '2026-01-15 23:30:00+00' WHERE kind = 'app.timed'")
    console.look(zone=zone)
    opened(console, "#/events?kind=app.timed", site.olga, "Events")
    shown = console.sees(".events time")
    day = 16 if zone == "Asia/Tokyo" else 15
    assert shown.text == f"{day} Jan 2026, {ZONES[zone]}"
    assert shown.get_attribute("datetime") == "2026-01-15T23:30:00Z"
    title = shown.get_attribute("title")
    assert ZONES[zone] in title and re.search(r"UTC|GMT", title), title


def away(console, is_away):
    """Takes the browser offline, or online again."""
    console.browser.execute_cdp_cmd("Network.enable", {})
    nowhere = {"offline": is_away, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    console.browser.execute_cdp_cmd("Network.emulateNetworkConditions", nowhere)


@pytest.fixture
def reachable_again(console):
    yield
    away(console, False)
    console.browser.get("about:blank")
    console.browser.get_log("browser")


def test_a_server_that_cannot_be_reached_is_said_and_can_be_tried_again(console, reachable_again):
    opened(console, "#/account", console.site.olga, "My account")
    away(console, True)
    press(console, "Roles")
    title_is(console, "That did not work")
    console.reads("The server cannot be reached. Check your connection and try again.")
    assert pages_listed(console) == PAGES["olga"]
    press(console, "Try again")
    title_is(console, "That did not work")
    away(console, False)
    press(console, "Try again")
    title_is(console, "Roles")


def test_a_write_that_does_not_reach_the_server_is_said_in_its_form(console, reachable_again):
    opened(console, "#/roles", console.site.olga, "Roles")
    press(console, "Add a role")
    code = f"code{next(console.site.seed.numbers)}"
    fill(console, "Code", code)
    fill(console, "Name", "Later")
    away(console, True)
    press(console, "Add a role", "dialog button")
    console.reads("The server cannot be reached.")
    away(console, False)
    press(console, "Add a role", "dialog button")
    console.reads("Later was added.")


def test_a_server_that_is_away_at_the_beginning_is_said(console, reachable_again):
    """The web server delivers the page's files, but the service cannot be reached."""
    page = console.server.around.folder + "/deploy/www/console/index.html"
    with open(page, encoding="utf-8") as file:
        text = file.read()
    nowhere = f"//127.0.0.1:{free_port()}/api/account"
    console.plant("away.html", text.replace('data-account="/api/account"', f'data-account="{nowhere}"'))
    console.browser.get(console.url + "away.html#/account")
    console.reads("The server cannot be reached.")
    assert console.sees("h1").text == "That did not work"
    console.sees("main button.primary")
