"""What a person without the role sees, in a real browser, behind each web server."""

import os

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.client import COOKIE
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.proxies import Caddy, HAProxy
from test_guard_login_page import (  # noqa: F401
    body_text, browser, by_id, can_be_read, colours, form, is_focused, long_user, nobody_is_signed_in, path_of, plain, screenshot,
    sign_in, small_telephone,
)  # fmt: skip

pytestmark = pytest.mark.unsanitized


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, HAProxy], ids=lambda server: server.kind)
def server(request, around, new_folder):  # noqa: F811
    started = request.param(os.path.join(new_folder(), "s"), around).start()
    yield started
    started.stop()


def status(browser):  # noqa: F811
    return browser.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")


def is_refused(browser, user):  # noqa: F811
    wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
    seen = {name: by_id(browser, name).text for name in ("title", "who", "address", "path", "logout")}
    assert seen == {
        "title": "No access", "who": user.name, "address": f"({user.email})", "path": "/app-admin/a/b/page", "logout": "Sign in as somebody else",
    }  # fmt: skip
    assert "This page asks for a role that your account does not have" in body_text(browser)
    shown = {name: by_id(browser, name).is_displayed() for name in ("login", "continue", "back", "message")}
    assert shown == {"login": False, "continue": False, "back": True, "message": False}


PATH = "/app-admin/a/b/page?x=%C3%BC&y=1"


def test_a_person_without_the_role_signs_in_as_somebody_who_has_it(browser, server, guarded_site):  # noqa: F811
    user, admin = guarded_site.seed.user(roles=("reader",)), guarded_site.seed.alice
    browser.get(server.url + PATH)
    sign_in(browser, user)
    wait_until(lambda: path_of(browser) == PATH, 20, "the browser is back")
    is_refused(browser, user)
    assert status(browser) == server.refusal
    assert is_focused(browser, "title")
    screenshot(browser, f"{server.kind}-forbidden")
    broken = [entry["message"] for entry in browser.get_log("browser") if "Content Security" in entry["message"] or "login/" in entry["message"]]
    assert broken == []

    first = browser.get_cookie(COOKIE)["value"]
    by_id(browser, "logout").click()
    form(browser)
    assert path_of(browser) == PATH and browser.get_cookie(COOKIE) is None
    assert guarded_site.client.get("/api/users/token", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401
    sign_in(browser, admin)
    wait_until(lambda: '"headers"' in body_text(browser), 20, "the application is shown")
    assert path_of(browser) == PATH


def test_a_person_goes_back_by_keyboard(browser, plain, guarded_site):  # noqa: F811
    browser.get(plain.url + "/login/")
    sign_in(browser, guarded_site.seed.user(roles=("reader",)))
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    browser.get(plain.url + "/login/?from=here")
    browser.get(plain.url + PATH)
    wait_until(lambda: by_id(browser, "back").is_displayed(), 20, "the way back is shown")
    assert by_id(browser, "back").text == "Go back"
    order = []
    for _ in range(2):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        order.append(browser.switch_to.active_element.get_attribute("id"))
    assert order == ["logout", "back"]
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_until(lambda: path_of(browser) == "/login/?from=here", 20, "the browser went back")


def test_a_new_tab_leads_to_the_start_page(browser, plain, guarded_site):  # noqa: F811
    browser.get(plain.url + "/login/")
    sign_in(browser, guarded_site.seed.user(roles=("reader",)))
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    first = browser.current_window_handle
    browser.switch_to.window(browser.execute_cdp_cmd("Target.createTarget", {"url": plain.url + PATH})["targetId"])
    try:
        wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
        assert by_id(browser, "back").text == "Go to the start page"
        assert by_id(browser, "back").get_attribute("href") == plain.url + "/"
    finally:
        browser.close()
        browser.switch_to.window(first)


def test_what_people_are_called_and_ask_for_is_shown_as_text(browser, plain, guarded_site):  # noqa: F811
    name = "<img src=x onerror='window.broken=1'>"
    user = guarded_site.seed.user(name, email="markup@refused.example")
    browser.get(plain.url + "/app-admin/page?<img%20src=x%20onerror='window.broken=1'>#<b>")
    sign_in(browser, user)
    wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
    assert (by_id(browser, "who").text, by_id(browser, "path").text) == (name, "/app-admin/page")
    assert browser.execute_script("return window.broken === undefined && document.querySelectorAll('main img, main b').length === 0")


def test_a_long_address_is_cut_short_and_fits_a_small_telephone(browser, plain, guarded_site):  # noqa: F811
    with small_telephone(browser):
        browser.get(plain.url + "/app-admin/" + "a" * 400)
        sign_in(browser, long_user(guarded_site, "@refused.example"))
        wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
        screenshot(browser, "small-refused")
        assert by_id(browser, "path").text == "/app-admin/" + "a" * 89 + "…"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_refusal_can_be_read_in_light_and_dark(browser, plain, guarded_site, scheme):  # noqa: F811
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.get(plain.url + PATH)
    sign_in(browser, guarded_site.seed.user("Jürgen Größe", email=f"{scheme}@refused.example"))
    wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
    screenshot(browser, f"{plain.kind}-{scheme}-refused")
    paper = colours(browser, "main")[1]
    pairs = [colours(browser, selector) for selector in ("main", ".path", "#logout")] + [(colours(browser, "#back")[0], paper)]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    can_be_read(*pairs)
