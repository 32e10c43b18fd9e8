"""The console of deploy/www/console/ in a real browser, on the whole service. Tests get it from support/console_fixtures.

    console.look(screen=PHONE, scheme="dark")    before it opens, or while it shows something
    console.open("#/users?page=2", site.olga)    from the beginning, signed in
    console.go("#/account")                      a step from there
    console.sees(".row", "the users are shown")  waits for an element that is displayed, and returns it (Found)

A test fails at its end if the browser logged an error (console.expects(409) allows answers with that status), or sent a
request to another site."""

import dataclasses
import os

from selenium.webdriver.common.by import By

from .accessibility import axe_violations
from .chromium import Found, steadily, wait_until
from .client import COOKIE, set_cookie
from .complaints import complaints
from .guarded import readable_deploy
from .seed import PASSWORD, bcrypt
from .traffic import Traffic, elsewhere, of_api
from .viewing import Person, look_as

# Waits until the page knows its new address. The page may still load.
FOLLOW = """
const [address, done] = arguments;
if (new URL(address).hash === location.hash) {
  done();
} else {
  addEventListener("hashchange", () => setTimeout(done), { once: true });
  location.href = address;
}"""


def add_people(site):
    """Adds users: `olga`, operator and admin; `anna`, an admin; `paul`, who has no role; `rita`, who has two roles without
    a meaning here; `ines`, who is not active. All belong to customer A, like alice and albert."""
    seed = site.seed
    site.olga = seed.operator("olga", roles=("admin",))
    site.anna = seed.user("anna", roles=("admin",))
    site.paul = seed.user("paul")
    site.rita = seed.user("rita", roles=("reader", "writer"))
    site.ines = seed.user("ines", active=False)
    return site


def add_many_users(site, count=10_000, customer=None):
    """Inserts users by one statement, with the names "Many 00001" and so on. Every tenth is inactive, and every third
    is a reader."""
    site.sql(
        "WITH made AS (INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'many' || n || '@example.org', 'Many ' || to_char(n, 'FM00000'), %s, %s, n %% 10 <> 0, %s"
        " FROM generate_series(1, %s) AS n RETURNING id)"
        " INSERT INTO user_has_role (user_id, role_id) SELECT id, 2 FROM made WHERE id %% 3 = 0",
        (*bcrypt(PASSWORD), site.seed.a if customer is None else customer, count),
    )
    site.sql("ANALYZE")


class Console:
    """`url` is the server's address in the browser, if that differs from the real one."""

    def __init__(self, browser, server, site, url=None):
        self.browser = browser
        self.server = server
        self.site = site
        self.origin = url or server.url
        self.url = self.origin + "/console/"
        self.traffic = Traffic(browser)
        self.person = Person()
        self.allowed = ()
        self.has_ended = False

    def begin(self):
        """Resets the browser: no user is signed in, nothing is stored, and the person has an English desktop in light
        mode."""
        self.browser.get("about:blank")
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        origin = {"origin": self.origin, "storageTypes": "all"}
        self.browser.execute_cdp_cmd("Storage.clearDataForOrigin", origin)
        self.person, self.allowed = Person(), ()
        self.look()
        self.traffic.forget()
        complaints(self.browser)

    def end(self):
        """Fails if the browser logged an unexpected error or sent a request to another site."""
        self.has_ended = True
        outside = elsewhere(self.traffic.read(), self.origin)
        said = complaints(self.browser, self.allowed)
        assert (said, outside) == ([], []), f"the browser complained of {said}, and asked other sites: {outside}"

    def look(self, **changes):
        """Changes how the person sees the page: `screen`, `scheme`, `languages`, `zone`, `wants_motion`."""
        self.person = dataclasses.replace(self.person, **changes)
        look_as(self.browser, self.person)

    def expects(self, *statuses):
        """In this test the browser may log errors about answers with these statuses."""
        self.allowed = statuses

    def sign_in(self, user):
        """Signs in without the login page; the browser then has the cookie."""
        answer = self.site.client.login(user.email, user.password)
        assert answer.status_code == 200, answer.text
        cookie = {"name": COOKIE, "value": set_cookie(answer).coded_value, "url": self.origin, "httpOnly": True}
        assert self.browser.execute_cdp_cmd("Network.setCookie", cookie)["success"]

    def open(self, address="", user=None):
        """Loads this address of the console. requests() returns the requests since then."""
        if user is not None:
            self.sign_in(user)
        self.load("/console/" + address)

    def load(self, path):
        """The same for any page of the site."""
        self.browser.get("about:blank")
        self.traffic.forget()
        self.browser.get(self.origin + path)

    def go(self, address):
        """Follows a link to this address. If only the fragment changes, the page stays."""
        self.browser.execute_async_script(FOLLOW, self.url + address)

    @property
    def address(self):
        """The part of the address after the console's own address."""
        assert self.browser.current_url.startswith(self.url), self.browser.current_url
        return self.browser.current_url[len(self.url) :]

    def sees(self, selector, what=None):
        """The first element of this CSS selector that is displayed, as soon as there is one."""
        shown = lambda: next(filter(lambda each: each.is_displayed(), self.all(selector)), None)  # noqa: E731
        return Found(shown, what or f"{selector} is shown")

    def all(self, selector):
        """Selenium's elements: the page may replace them at any time."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return steadily(lambda: [each.text for each in self.all(selector)])

    def reads(self, text):
        """Waits until the page contains the text."""
        wait_until(lambda: text in self.text, 20, f"the page says: {text}")

    @property
    def text(self):
        return steadily(lambda: self.browser.find_element(By.TAG_NAME, "body").text)

    def is_at(self, address):
        wait_until(lambda: self.address == address, 20, f"the console is at {address}, not {self.address}")

    def requests(self):
        """All requests since the console was opened, in their order."""
        return self.traffic.read()

    def api_requests(self):
        return of_api(self.requests())

    def axe_violations(self):
        return axe_violations(self.browser)

    def is_wider_than_the_screen(self):
        wide = self.browser.execute_script("return document.documentElement.scrollWidth")
        return wide > self.person.screen.width

    def plant(self, name, text):
        """Writes a file of the test into the folder of the console that only this server serves."""
        path = os.path.join(readable_deploy(self.server.around), "www", "console", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
