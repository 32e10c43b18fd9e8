"""The steps of a person in the console: read a list, fill in a form, answer a dialog."""

import itertools

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from .chromium import Found, is_in_reach, steadily, wait_until

NUMBERS = itertools.count(1)


class Shop:
    """A separate customer with one admin, who is signed in if a test opens the console with it."""

    def __init__(self, site):
        self.site = site
        self.customer = site.seed.customer()
        self.admin = self.user("Boss", roles=("admin",))

    def user(self, name, **properties):
        """Adds a user. Many tests may use the same name, but emails differ."""
        email = properties.pop("email", f"person{next(NUMBERS)}@example.org")
        return self.site.seed.user(name, self.customer, email, **properties)

    def users(self, *names):
        return [self.user(name) for name in names]


def text_of(element):
    return element.text.replace("\u2068", "").replace("\u2069", "")


def top(console):
    """The open dialog, else the page."""
    dialogs = console.all("dialog[open]")
    return dialogs[-1] if dialogs else console.browser.find_element(By.TAG_NAME, "body")


def found(console, text, selector):
    for each in top(console).find_elements(By.CSS_SELECTOR, selector):
        if text in (text_of(each), each.get_attribute("aria-label")) and is_in_reach(each):
            return each
    return None


def named(console, text, selector="button, a"):
    """Waits until the control with this text or label is displayed. Returns it."""
    return Found(lambda: found(console, text, selector), f"{text} is there")


def press(console, text, selector="button, a"):
    named(console, text, selector).click()


def labelled(console, label):
    """The field with this label."""

    def look():
        its_label = found(console, label, "label")
        return its_label and top(console).find_element(By.ID, its_label.get_attribute("for"))

    return Found(look, f"there is a field {label}")


def fill(console, label, text):
    """Replaces the text of the field."""

    def replace(field):
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text or Keys.BACKSPACE)

    field = labelled(console, label)
    field.use(replace)
    return field


def choose(console, label, option):
    """Selects an entry of a list of choices."""
    labelled(console, label).use(lambda field: Select(field).select_by_visible_text(option))


def error_of(console, label):
    """The error message of this field, as a screen reader finds it, or None."""

    def said(field):
        if field.get_attribute("aria-invalid") != "true":
            return None
        described = [top(console).find_element(By.ID, each) for each in field.get_attribute("aria-describedby").split()]
        return next(each.text for each in described if "error" in each.get_attribute("class") and each.is_displayed())

    return labelled(console, label).use(said)


def dialog(console, title):
    """Waits until the dialog with this title is open. Returns its text."""
    console.sees("dialog[open]", f"the dialog {title}")
    shown, text = steadily(lambda: (text_of(top(console).find_element(By.TAG_NAME, "h2")), text_of(top(console))))
    assert shown == title
    return text


def notice(console, text):
    """Waits until the page shows this notice."""
    wait_until(lambda: text_of(console.sees(".notices .notice span")) == text, 20, f"it is said: {text}")


def names(console):
    """The names in the list, in their order."""
    return console.browser.execute_script(
        "return [...document.querySelectorAll('td.name a')].map((each) => each.textContent)"
    )


def lists(console, *wanted):
    """Waits until the list shows exactly these names."""
    settled = lambda: not console.all("[aria-busy]") and names(console) == list(wanted)  # noqa: E731
    wait_until(settled, 20, f"the list shows {wanted}, not {names(console)}")


def value(field):
    return field.get_property("value")


def focused(console):
    return console.browser.switch_to.active_element
