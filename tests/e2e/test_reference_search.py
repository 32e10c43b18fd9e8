"""The reference of the API in a real browser: its search, its links, and its layout on screens and on paper."""

import base64
import os
import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import chromium
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import Nginx
from test_reference_page import BY_NAME

pytestmark = pytest.mark.unsanitized


@pytest.fixture(scope="module")
def browser(new_folder):
    driver = chromium.start(new_folder())
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(around, new_folder):  # noqa: F811
    server = Nginx(os.path.join(new_folder(), "s"), around).start()
    yield f"{server.url}/api/docs/"
    server.stop()


@pytest.fixture
def page(browser, address):
    """The page, newly loaded. If its policy forbids something, the test fails."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(address)
    yield browser
    assert browser.get_log("browser") == []


def shown(page):
    """The ids of the parts that are displayed."""
    return page.execute_script("return [...document.querySelectorAll('.item')].filter(e => e.checkVisibility()).map(e => e.id)")


def listed(page):
    """The targets of the displayed entries in the table of contents."""
    return page.execute_script("return [...document.querySelectorAll('nav ul ul a')].filter(e => e.checkVisibility()).map(e => e.hash.slice(1))")


def focused(page):
    return page.switch_to.active_element


def search(page, words):
    focused(page).send_keys("/")
    assert focused(page).get_attribute("id") == "search"
    focused(page).send_keys(words)


def test_the_search_finds_requests_fields_and_messages(page):
    everything = shown(page)
    assert set(BY_NAME) < set(everything) and listed(page) == everything
    for words, wanted in (
        ("PUT /api/users/{id}", {"updateUser"}),
        ("max_user_quota null", {"listCustomers", "createCustomer", "getCustomer", "updateCustomer"}),
        ('"User already exists."', {"createUser"}),
        ("whether the change was made is not known", {"errors"}),
        ("deleteuser", set()),
    ):
        search(page, words)
        assert set(shown(page)) >= wanted and len(shown(page)) < 8 and listed(page) == shown(page), words
        assert page.find_element(By.ID, "found").text == f"{len(shown(page))} of {len(everything)}"
        assert page.find_element(By.ID, "nothing").is_displayed() == (shown(page) == [])
        focused(page).send_keys(Keys.ESCAPE)
        assert shown(page) == everything and page.find_element(By.ID, "found").text == ""
        assert focused(page).get_attribute("id") != "search"


def test_enter_leads_to_what_was_found_first(page):
    search(page, "last admin")
    first = shown(page)[0]
    focused(page).send_keys(Keys.ENTER)
    assert focused(page).get_attribute("href").endswith(f"#{first}")
    focused(page).send_keys(Keys.ENTER)
    assert page.current_url.endswith(f"#{first}")


def test_a_slash_that_is_typed_into_the_search_stays_there(page):
    search(page, "/healthz")
    assert page.find_element(By.ID, "search").get_attribute("value") == "/healthz"
    assert "getHealth" in shown(page)


def test_a_link_to_what_the_search_hides_shows_it(page):
    search(page, "PUT /api/users/{id}")
    assert "errors" not in shown(page)
    page.find_element(By.CSS_SELECTOR, '#updateUser a[href="#error-503"]').click()
    assert "errors" in shown(page) and page.find_element(By.ID, "search").get_attribute("value") == ""


def test_the_lines_are_for_the_site_that_serves_the_page(page, address):
    origin = address.removesuffix("/api/docs/")
    assert f"API=${{API:-{origin}}}" in page.find_element(By.CSS_SELECTOR, "pre.setup").text


def test_a_button_copies_the_line_alone(page, address):
    page.execute_cdp_cmd("Browser.grantPermissions", {"origin": address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.find_element(By.CSS_SELECTOR, "#getHealth pre.curl button").click()
    copied = page.execute_async_script("navigator.clipboard.readText().then(arguments[0], e => arguments[0](String(e)))")
    assert copied == "curl -s $API/healthz"


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_is_wider_than_the_screen(page, width):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        beyond = "return [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.outerHTML.slice(0, 80))"
        assert page.execute_script(beyond) == []
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_page_is_complete_without_scripts(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(address)
        words = browser.find_element(By.TAG_NAME, "main").text
        assert not browser.find_element(By.ID, "finder").is_displayed()
        assert [operation["summary"] for _, _, operation in BY_NAME.values() if operation["summary"] not in words] == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_page_can_be_printed(page):
    """Prints the whole page, on an acceptable number of sheets."""
    printed = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert 10 < len(re.findall(rb"/Type ?/Page\b", printed)) < 60


def test_the_colours_follow_the_wish_of_the_reader(page):
    for scheme, is_light in (("light", True), ("dark", False)):
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert (int(re.search(r"\d+", paper)[0]) > 127) == is_light
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
