"""A real Chromium without a window, by Debian's chromedriver."""

import os
import shutil

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException, ElementNotInteractableException, NoSuchElementException, StaleElementReferenceException,
    WebDriverException,
)  # fmt: skip
from selenium.webdriver.chrome.service import Service
from support import processes

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --window-size=900,700 --no-proxy-server
    --disable-extensions --password-store=basic"""


def start(folder, dark=False, watched=False, flags=()):
    """Starts a driver; call its `quit()` at the end. It writes only into `folder`. With `watched`, support/traffic knows its
    requests. `flags` are further flags of Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in [*FLAGS.split(), *flags]:
        options.add_argument(flag)
    if dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.add_argument(f"--user-data-dir={os.path.join(folder, 'profile')}")
    logs = {"browser": "ALL", **({"performance": "ALL"} if watched else {})}
    options.set_capability("goog:loggingPrefs", logs)
    # By default, Crashpad and others write into the profile of the user who runs this.
    environment = {**os.environ, "HOME": folder, "TMPDIR": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
    service = Service(shutil.which("chromedriver"), env=environment, log_path=os.path.join(folder, "chromedriver.log"))
    driver = webdriver.Chrome(service=service, options=options)
    driver.set_page_load_timeout(30)
    return driver


NOT_YET = (
    ElementClickInterceptedException, ElementNotInteractableException, NoSuchElementException, StaleElementReferenceException,
)  # fmt: skip


def is_in_reach(element):
    """Whether a person can use the element: while a new page loads, the old one is still displayed."""
    return element.is_displayed() and element.parent.execute_script("return !arguments[0].closest('[inert]')", element)


def wait_until(probe, timeout, what):
    """Like processes.wait_until. An element that is missing or not usable, while a page loads, counts as not yet."""

    def look():
        try:
            return probe()
        except NOT_YET:
            return None
        except WebDriverException as error:
            if "does not belong to the document" in str(error):
                return None
            raise

    return processes.wait_until(look, timeout, what)


def steadily(read, what="the page is drawn"):
    """What `read` returns. It is called again if the page replaces an element while it reads."""
    return wait_until(lambda: (read(),), 20, what)[0]


class Found:
    """The element that `look` returns. Each use calls `look` again, because the page may have replaced the element since.
    `look` returns None as long as there is no such element; `what` says so in the error of a test that waited in vain."""

    def __init__(self, look, what):
        self.look = look
        self.what = what
        self.use(lambda element: None)

    def use(self, action):
        """The result of `action` with the element."""

        def used():
            element = self.look()
            return element and (action(element),)

        return wait_until(used, 20, self.what)[0]

    @property
    def element(self):
        """Selenium's element, for its other functions."""
        return self.use(lambda element: element)

    @property
    def id(self):
        """Selenium's number, by which it compares elements."""
        return self.element.id

    @property
    def text(self):
        return self.use(lambda element: element.text)

    def get_attribute(self, name):
        return self.use(lambda element: element.get_attribute(name))

    def get_property(self, name):
        return self.use(lambda element: element.get_property(name))

    def is_enabled(self):
        return self.use(lambda element: element.is_enabled())

    def is_selected(self):
        return self.use(lambda element: element.is_selected())

    def click(self):
        self.use(lambda element: element.click())

    def send_keys(self, *keys):
        self.use(lambda element: element.send_keys(*keys))
