"""The actions of a person on a page of the console (press, type, move the focus), and the messages next to a field."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from .chromium import Found, is_in_reach, wait_until
from .client import COOKIE

PRESSED = "button, a"


def named(console, name, selector=PRESSED):
    """The displayed button or link with this accessible name. If there are several, the last one, which is in the dialog."""

    def look():
        of_that_name = (each for each in reversed(console.all(selector)) if name in (each.text, each.get_attribute("aria-label")))
        return next(filter(is_in_reach, of_that_name), None)

    return Found(look, f"there is {name}")


def press(console, name, selector=PRESSED):
    named(console, name, selector).click()


def control(console, label):
    """The field with this label, in the top dialog if one is open."""

    def look():
        dialogs = console.all("dialog[open]")
        place = dialogs[-1] if dialogs else console.browser
        for each in place.find_elements(By.CSS_SELECTOR, "label"):
            if each.text == label and is_in_reach(each):
                return console.browser.find_element(By.ID, each.get_attribute("for"))
        return None

    return Found(look, f"there is a field {label}")


def fill(console, label, text):
    def fill_in(field):
        field.clear()
        field.send_keys(text)

    control(console, label).use(fill_in)


def choose(console, label, option):
    control(console, label).use(lambda field: Select(field).select_by_visible_text(option))


def chosen(console, label):
    """The chosen option of a field."""
    return control(console, label).use(lambda field: Select(field).first_selected_option.text)


def error_of(console, label):
    """The error message of a field, as screen readers find it: the field is invalid, and the message describes it."""

    def look():
        field = control(console, label)
        if field.get_attribute("aria-invalid") != "true":
            return None
        described = (field.get_attribute("aria-describedby") or "").split()
        said = [console.browser.find_element(By.ID, each) for each in described if each.endswith("-error")]
        return said[0].text if said and said[0].is_displayed() else None

    return wait_until(look, 20, f"an error beside {label}")


def message(console, selector=".message"):
    """The message of a form or a dialog above or below its fields."""
    return console.sees(selector, "a message").text


def dialog(console, title):
    """Waits until the dialog with this title is open. Returns it."""

    def look():
        titles = console.all("dialog[open] h2")
        return console.all("dialog[open]")[-1] if titles and titles[-1].text == title else None

    return wait_until(look, 20, f"the dialog {title} is open")


def has_no_dialog(console):
    wait_until(lambda: not console.all("dialog"), 20, "no dialog is open")


def title_is(console, title):
    """Waits until this is the page's heading, and it has the focus."""
    wait_until(lambda: console.sees("h1").text == title, 20, f"the page is {title}")
    wait_until(lambda: focused(console).tag_name == "h1", 20, "the heading has the focus")


def focused(console):
    return console.browser.switch_to.active_element


def focus_is(console, name):
    def look():
        element = focused(console)
        return name in (element.text, element.get_attribute("aria-label"), element.get_attribute("name"))

    wait_until(look, 20, f"the focus is on {name}")


def keys(console, *pressed):
    """Sends keys to the element that has the focus."""
    ActionChains(console.browser).send_keys(*pressed).perform()


def notice(console):
    return console.sees(".notice span").text


def notices(console, text):
    wait_until(lambda: notice(console) == text, 20, f"it is said: {text}")


def sign_in_by_form(console, email, password):
    fill(console, "Email", email)
    fill(console, "Password", password)
    press(console, "Sign in", "button")


def pages_listed(console):
    console.sees("header nav a")
    return console.texts("header nav a")


def end_session(console):
    """Removes the cookie, as if it had expired."""
    console.browser.execute_cdp_cmd("Network.deleteCookies", {"name": COOKIE, "url": console.origin})


def come_back(console):
    """Comes back from another tab."""
    console.browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
