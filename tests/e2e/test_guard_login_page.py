"""The login page of deploy/www/ in a real browser, behind each web server."""

import contextlib
import os
import shutil
import urllib.parse

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support import chromium
from support.chromium import wait_until
from support.client import COOKIE
from support.guard_fixtures import around, guarded, guarded_site  # noqa: F401
from support.guarded import PAGES, Nginx, readable_deploy

SCREENSHOTS = os.environ.get("USER_API_SCREENSHOTS")

pytestmark = pytest.mark.unsanitized


@pytest.fixture(scope="module")
def browser(new_folder):
    driver = chromium.start(new_folder())
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def plain(around, new_folder):  # noqa: F811
    """One server, for tests that do not depend on the kind of server."""
    server = Nginx(os.path.join(new_folder(), "s"), around).start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def nobody_is_signed_in(browser, guarded_site):  # noqa: F811
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.get_log("browser")


def by_id(browser, name):
    return browser.find_element(By.ID, name)


def form(browser):
    wait_until(lambda: by_id(browser, "login").is_displayed(), 20, "the form is shown")


def is_focused(browser, name):
    return browser.switch_to.active_element.get_attribute("id") == name


def sign_in(browser, user, password=None):
    form(browser)
    wait_until(lambda: is_focused(browser, "email"), 20, "the email has the focus")
    by_id(browser, "email").send_keys(user.email)
    by_id(browser, "password").send_keys(password or user.password, Keys.ENTER)


def path_of(browser):
    parts = urllib.parse.urlsplit(browser.current_url)
    return parts.path + ("?" + parts.query if parts.query else "")


def body_text(browser):
    return browser.find_element(By.TAG_NAME, "body").text


def shows(browser, path, text):
    wait_until(lambda: path_of(browser) == path, 20, f"the browser is at {path}, not {path_of(browser)}")
    wait_until(lambda: body_text(browser) == text, 20, "the page is shown")


def message(browser):
    wait_until(lambda: by_id(browser, "message").is_displayed(), 20, "a message is shown")
    return by_id(browser, "message").text


def screenshot(browser, name):
    if SCREENSHOTS:
        browser.save_screenshot(os.path.join(SCREENSHOTS, name + ".png"))


def test_a_visitor_signs_in_comes_back_and_signs_out(browser, guarded, guarded_site):  # noqa: F811
    user = guarded_site.seed.user()
    browser.get(guarded.url + "/private/?q=%C3%BC&a=b%26c")
    sign_in(browser, user, "not the password")
    assert message(browser) == "The email or the password is wrong."
    wait_until(lambda: is_focused(browser, "password"), 10, "the password has the focus again")
    assert by_id(browser, "password").get_attribute("value") == ""
    assert [by_id(browser, name).get_attribute("aria-describedby") for name in ("email", "password")] == ["message"] * 2
    screenshot(browser, f"{guarded.kind}-wrong")
    by_id(browser, "password").send_keys(user.password, Keys.ENTER)
    shows(browser, "/private/?q=%C3%BC&a=b%26c", PAGES["private"])

    browser.get(guarded.url + "/login/")
    wait_until(lambda: by_id(browser, "session").is_displayed(), 20, "the session is shown")
    assert by_id(browser, "who").text == user.name
    screenshot(browser, f"{guarded.kind}-session")
    cookie = browser.get_cookie(COOKIE)["value"]
    by_id(browser, "logout").click()
    form(browser)
    assert browser.get_cookie(COOKIE) is None
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    assert guarded_site.client.get("/api/users/token", headers=headers).status_code == 401
    browser.get(guarded.url + "/private/")
    form(browser)


def test_nothing_on_the_page_breaks_its_own_policy(browser, guarded, guarded_site):  # noqa: F811
    browser.get(guarded.url + "/login/")
    form(browser)
    assert [entry for entry in browser.get_log("browser") if "Content Security" in entry["message"]] == []
    fill = "const s = document.createElement('script'); s.textContent = 'window.broken = true'; document.head.append(s)"
    for sink in (fill, "document.querySelector('main').insertAdjacentHTML('beforeend', '<p>more</p>')"):
        refused = browser.execute_script(f"try {{ {sink} }} catch (refusal) {{ return refusal instanceof TypeError }} return false")
        assert refused is True and browser.execute_script("return window.broken === true") is False, sink
    width = browser.execute_script("return getComputedStyle(document.querySelector('main')).maxWidth")
    assert width == "384px", "the style sheet counts"


HOSTILE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "https:evil.example",
    "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example",
    "@evil.example", "evil.example", "/%2f/evil.example", "/%2Fevil.example", "/%5cevil.example", "/%255cevil.example",
    "/.//evil.example", "/..//evil.example", "/%2e%2e//evil.example", "/x/..//evil.example", "/\r\nLocation: //evil.example", "",
]  # fmt: skip


LOCAL = ["/", "/private/", "/a?next=//evil.example&x=%0d%0a", "/@user", "/%C3%BC?x#y", "/a//b"]


def test_the_way_back_never_leaves_the_site(browser, plain):
    browser.get(plain.url + "/login/")
    form(browser)
    for target in HOSTILE:
        assert browser.execute_script("return isLocal(arguments[0])", target) is False, target
    for target in LOCAL:
        assert browser.execute_script("return isLocal(arguments[0])", target) is True, target
    for target, back in (("//evil.example", "/"), ("/\\evil.example", "/"), ("/private/?a=b", "/private/?a=b")):
        browser.get(plain.url + "/login/?next=" + urllib.parse.quote(target, safe=""))
        form(browser)
        assert by_id(browser, "continue").get_attribute("href") == plain.url + back


@pytest.mark.parametrize("target", ["javascript:window.broken=1", "//evil.example/", "/\\evil.example", "/%09/evil.example", "/%2f%2fevil.example", "https:evil.example", "data:text/html,x"])
def test_whoever_signs_in_is_never_led_to_another_site(browser, plain, guarded_site, target):  # noqa: F811
    browser.get(plain.url + "/login/?next=" + urllib.parse.quote(target, safe=""))
    sign_in(browser, guarded_site.seed.albert)
    wait_until(lambda: browser.current_url == plain.url + "/", 20, "the browser is at the site's root")
    assert browser.execute_script("return window.broken === undefined")


LOGOUTS = ["/api/users/logout", "/api/users/logout?x=y", "/api/users/%6cogout", "/api/users/%256C%256fgout", "/api/users/logout#x", "/app/LOGOUT/",
           "/app/logout//", "/app/logout;x=y", "/logout"]  # fmt: skip


def test_whoever_signs_in_is_never_led_back_to_a_logout(browser, plain, guarded_site):  # noqa: F811
    for target in LOGOUTS:
        browser.get(plain.url + "/login/?next=" + urllib.parse.quote(target, safe=""))
        form(browser)
        assert by_id(browser, "continue").get_attribute("href") == plain.url + "/", target
    for target in ("/logouts", "/app/logout/confirm", "/private/?next=/logout", "/private/#/logout"):
        assert browser.execute_script("return isLogout(arguments[0])", target) is False, target
    browser.get(plain.url + "/login/?next=/api/users/%6cogout")
    sign_in(browser, guarded_site.seed.albert)
    wait_until(lambda: browser.current_url == plain.url + "/", 20, "the browser is at the site's root")
    browser.get(plain.url + "/private/")
    shows(browser, "/private/", PAGES["private"])


def test_a_link_on_another_site_signs_nobody_out(browser, plain, guarded_site):  # noqa: F811
    browser.get(plain.url + "/login/?next=/private/")
    sign_in(browser, guarded_site.seed.albert)
    shows(browser, "/private/", PAGES["private"])
    page = f"<a id=link href='{plain.url}/api/users/logout'>Win a prize</a>"
    browser.get("data:text/html," + urllib.parse.quote(page))
    by_id(browser, "link").click()
    wait_until(lambda: "This request comes from a page of another site." in body_text(browser), 20, "the logout is refused")
    browser.get(plain.url + "/private/")
    shows(browser, "/private/", PAGES["private"])
    browser.get(plain.url + "/api/users/logout")
    wait_until(lambda: "User disconnected." in body_text(browser), 20, "the person leaves")
    assert browser.get_cookie(COOKIE) is None


@pytest.mark.parametrize("fragment", ["#part", "#/a/../b?c=d", "#\\\\evil.example"])
def test_the_fragment_survives_the_login(browser, guarded, guarded_site, fragment):  # noqa: F811
    browser.get(guarded.url + "/private/?a=b" + fragment)
    sign_in(browser, guarded_site.seed.albert)
    shows(browser, "/private/?a=b", PAGES["private"])
    assert browser.current_url == guarded.url + "/private/?a=b" + fragment


def test_what_people_are_called_is_shown_as_text(browser, plain, guarded_site):  # noqa: F811
    name = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>"
    user = guarded_site.seed.user(name, email="markup@page.example")
    browser.get(plain.url + "/login/")
    sign_in(browser, user)
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    browser.get(plain.url + "/login/")
    wait_until(lambda: by_id(browser, "session").is_displayed(), 20, "the session is shown")
    assert by_id(browser, "who").text == name
    assert browser.execute_script("return window.broken === undefined && document.querySelector('#who').children.length === 0")


def test_an_inactive_user_is_told(browser, plain, guarded_site):  # noqa: F811
    user = guarded_site.seed.user(active=False)
    browser.get(plain.url + "/login/")
    sign_in(browser, user)
    assert message(browser) == "This account is not active. Ask the administrator of this site."


def test_the_page_works_by_keyboard_and_has_names_for_a_screen_reader(browser, plain, guarded_site):  # noqa: F811
    user = guarded_site.seed.user()
    browser.get(plain.url + "/login/")
    form(browser)
    wait_until(lambda: is_focused(browser, "email"), 20, "the email has the focus")
    names = {name: by_id(browser, name).accessible_name for name in ("email", "password", "reveal", "submit")}
    assert names == {"email": "Email", "password": "Password", "reveal": "Show password", "submit": "Sign in"}
    assert by_id(browser, "message").get_attribute("role") == "alert"
    order = []
    for _ in range(4):
        order.append(browser.switch_to.active_element.get_attribute("id"))
        browser.switch_to.active_element.send_keys(Keys.TAB)
    assert order == ["email", "password", "reveal", "submit"]
    by_id(browser, "email").send_keys(user.email, Keys.TAB)
    browser.switch_to.active_element.send_keys(user.password, Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.SPACE)
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    assert browser.get_cookie(COOKIE)["httpOnly"] is True


def caret(browser):
    return browser.execute_script("const p = document.querySelector('#password'); return [p.type, p.value, p.selectionStart, p.selectionEnd]")


def test_a_password_can_be_shown_and_hidden_by_keyboard_and_by_mouse(browser, plain):
    browser.get(plain.url + "/login/")
    form(browser)
    password, reveal = by_id(browser, "password"), by_id(browser, "reveal")
    password.send_keys("correct horse", Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert (caret(browser), reveal.get_attribute("aria-pressed")) == (["password", "correct horse", 11, 11], "false")
    password.send_keys(Keys.TAB)
    assert is_focused(browser, "reveal")
    reveal.send_keys(Keys.SPACE)
    assert (caret(browser), reveal.get_attribute("aria-pressed")) == (["text", "correct horse", 11, 11], "true")
    assert is_focused(browser, "reveal") and reveal.accessible_name == "Show password"
    reveal.send_keys(Keys.SPACE)
    assert (caret(browser), reveal.get_attribute("aria-pressed")) == (["password", "correct horse", 11, 11], "false")
    password.click()
    password.send_keys(Keys.HOME, Keys.SHIFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    reveal.click()
    assert is_focused(browser, "password") and caret(browser) == ["text", "correct horse", 0, 2]
    browser.switch_to.active_element.send_keys("in")
    assert caret(browser) == ["text", "inrrect horse", 2, 2]


def test_a_password_that_is_shown_is_hidden_again_before_it_is_sent(browser, plain, guarded_site):  # noqa: F811
    browser.get(plain.url + "/login/")
    form(browser)
    by_id(browser, "email").send_keys(guarded_site.seed.albert.email)
    by_id(browser, "password").send_keys("wrong")
    by_id(browser, "reveal").click()
    # Records the field's type at the moment when the request is sent.
    browser.execute_script("const send = window.fetch; window.fetch = (...all) => { window.sentFrom = caretType(); return send(...all); };"
                           "window.caretType = () => document.querySelector('#password').type")  # fmt: skip
    by_id(browser, "password").send_keys(Keys.ENTER)
    assert message(browser) == "The email or the password is wrong."
    assert browser.execute_script("return window.sentFrom") == "password"
    field = by_id(browser, "password")
    assert (field.get_attribute("type"), field.get_attribute("value")) == ("password", "")
    assert by_id(browser, "reveal").get_attribute("aria-pressed") == "false"
    attributes = [field.get_attribute(name) for name in ("name", "autocomplete")]
    assert attributes == ["password", "current-password"]


def test_the_sites_name_is_a_line_of_the_page(browser, around, guarded_site, new_folder):  # noqa: F811
    user = guarded_site.seed.user(roles=("reader",))
    folder = os.path.join(new_folder(), "named")
    shutil.copytree(os.path.join(readable_deploy(around), "www"), folder)
    with open(os.path.join(folder, "index.html"), encoding="utf-8") as page:
        text = page.read()
    assert text.count('data-site=""') == 1
    with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as page:
        page.write(text.replace('data-site=""', 'data-site="Bücher &amp; <b>Co</b>"'))

    class Named(Nginx):
        def exchanges(self):
            return [("/usr/share/user-api/www/", folder + "/"), *super().exchanges()]

    server = Named(os.path.join(new_folder(), "s"), around).start()
    try:
        name = "Bücher & <b>Co</b>"
        browser.get(server.url + "/login/")
        form(browser)
        assert (by_id(browser, "site").text, browser.title) == (name, f"Sign in – {name}")
        sign_in(browser, user)
        wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
        browser.get(server.url + "/login/")
        wait_until(lambda: by_id(browser, "session").is_displayed(), 20, "the session is shown")
        assert (by_id(browser, "site").text, browser.title) == (name, f"Signed in – {name}")
    finally:
        server.stop()


def test_a_page_without_a_name_shows_the_sites_address(browser, plain):
    browser.get(plain.url + "/login/")
    form(browser)
    address = plain.url.partition("//")[2]
    assert (by_id(browser, "site").text, browser.title) == (address, f"Sign in – {address}")


def test_the_browser_loads_the_icon(browser, plain):
    browser.get(plain.url + "/login/")
    form(browser)
    icon = browser.execute_script("return document.querySelector('link[rel=icon]').href")
    load = "const i = new Image(); i.onload = () => arguments[1](i.naturalWidth); i.onerror = () => arguments[1](0); i.src = arguments[0]"
    assert icon == plain.url + "/login/icon.svg" and browser.execute_async_script(load, icon) > 0


@contextlib.contextmanager
def small_telephone(browser):
    """Emulates a screen 320 px wide, and checks that nothing is wider."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True})
    try:
        yield
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 320
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def long_user(site, email):
    return site.seed.user("Wolfeschlegelsteinhausenbergerdorff" * 3, email="w" * 60 + email, roles=("reader",))


def test_nothing_is_cut_off_on_a_small_telephone(browser, plain, guarded_site):  # noqa: F811
    with small_telephone(browser):
        browser.get(plain.url + "/login/")
        form(browser)
        screenshot(browser, "small-form")
    with small_telephone(browser):
        sign_in(browser, long_user(guarded_site, "@page.example"))
        wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
        browser.get(plain.url + "/login/")
        wait_until(lambda: by_id(browser, "session").is_displayed(), 20, "the session is shown")
        screenshot(browser, "small-session")


def luminance(colour):
    channels = [int(part) / 255 for part in colour.strip("rgba()").split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colours(browser, selector):
    """The colour of the text, and the colour of its background."""
    style = "const s = getComputedStyle(document.querySelector(arguments[0])); return [s.color, s.backgroundColor]"
    return browser.execute_script(style, selector)


def can_be_read(*pairs):
    for one, other in pairs:
        dark, light = sorted((luminance(one), luminance(other)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (one, other)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser, plain, scheme):  # noqa: F811
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    browser.get(plain.url + "/login/")
    form(browser)
    screenshot(browser, f"{plain.kind}-{scheme}")
    browser.execute_script("say('The email or the password is wrong.'); show(null)")
    screenshot(browser, f"{plain.kind}-{scheme}-wrong")
    ink, paper = colours(browser, "main")
    button_ink, button = colours(browser, "#submit")
    alarm_ink, alarm = colours(browser, "#message")
    toggle_ink = colours(browser, "#reveal")[0]
    by_id(browser, "reveal").click()
    pressed_ink, pressed = colours(browser, "#reveal")
    by_id(browser, "password").send_keys("correct horse")
    screenshot(browser, f"{plain.kind}-{scheme}-shown")
    browser.execute_script("say(''); show({name: 'Jürgen Größe', email: 'j@page.example'})")
    screenshot(browser, f"{plain.kind}-{scheme}-session")
    quiet_ink = colours(browser, "#logout")[0]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    can_be_read((ink, paper), (button_ink, button), (alarm_ink, alarm), (quiet_ink, paper), (toggle_ink, paper), (pressed_ink, pressed))
    assert (luminance(paper) > 0.5) == (scheme == "light")


def test_a_server_that_is_away_is_told_in_words(browser, plain, guarded_site):  # noqa: F811
    user = guarded_site.seed.user()
    browser.get(plain.url + "/login/")
    form(browser)
    plain.stop()
    try:
        sign_in(browser, user)
        assert message(browser) == "The server cannot be reached. Check your connection and try again."
    finally:
        plain.start()
