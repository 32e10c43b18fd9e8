"""The first steps of a visitor in the console of scripts/run. In the browser alone, the visitor adds a customer, a role and
two users, and deactivates one of them."""

import time

import pytest
import requests
from selenium.webdriver.common.by import By
from support import chromium
from support.chromium import wait_until


class Visitor:
    """Finds elements, clicks and types. `clicks` is the number of clicks."""

    def __init__(self, browser):
        self.browser = browser
        self.clicks = 0

    def shown(self, path):
        return next((each for each in self.browser.find_elements(By.XPATH, path) if each.is_displayed()), None)

    def find(self, path):
        return wait_until(lambda: self.shown(path), 60, f"{path} is shown")

    def does(self, path, action):
        """Does the action with the shown element, and retries if the page was redrawn in between."""

        def done():
            element = self.shown(path)
            if element is not None:
                action(element)
            return element is not None

        wait_until(done, 60, f"{path} is there")

    def click(self, text, within="//*"):
        self.does(f"{within}[self::a or self::button or self::label][normalize-space()='{text}']", lambda each: each.click())
        self.clicks += 1

    def type(self, label, text):
        def typed(field):
            field.clear()
            field.send_keys(text)

        self.does(f"//*[@id=//label[normalize-space()='{label}']/@for]", typed)

    def is_at(self, title):
        self.find(f"//h1[contains(normalize-space(), '{title}')]")


@pytest.fixture
def visitor(new_folder):
    browser = chromium.start(new_folder)
    yield Visitor(browser)
    browser.quit()


def test_a_visitor_makes_a_second_customer_with_a_role_and_two_users_one_of_them_deactivated(running, visitor):
    began = time.monotonic()
    visitor.browser.get(running.url)
    assert "terminal" in visitor.find("//*[contains(@class, 'signin')]").text
    visitor.type("Email", "admin")
    visitor.type("Password", running.password())
    visitor.click("Sign in")
    visitor.is_at("Overview")
    assert visitor.find("//*[contains(@class, 'pill')]").text == "Healthy"
    visitor.click("Customers")
    visitor.click("Add a customer")
    visitor.type("Name", "Chess club")
    visitor.click("Add a customer", within="//dialog//*")
    visitor.click("Roles")
    visitor.click("Add a role")
    visitor.type("Code", "player")
    visitor.type("Name", "Player")
    visitor.click("Add a role", within="//dialog//*")
    visitor.find("//td[normalize-space()='Player']")
    visitor.click("Customers")
    visitor.click("Work in this customer", within="//tr[contains(., 'Chess club')]//*")
    for name, role in (("Ann", "Player"), ("Bob", None)):
        visitor.is_at("Users")
        visitor.click("Add a user")
        visitor.is_at("Add a user")
        visitor.type("Name", name)
        visitor.type("Email", f"{name.lower()}@chess.example")
        visitor.click("Suggest")
        if role:
            visitor.click(role)
        visitor.click("Add a user", within="//form//*")
        visitor.is_at(name)
        if role:
            visitor.click("Users")
    visitor.click("Deactivate", within="//main//*")
    visitor.click("Deactivate", within="//dialog//*")
    visitor.find("//h1[contains(., 'Inactive')]")
    print(f"{visitor.clicks} clicks, {time.monotonic() - began:.1f} seconds")

    session = requests.Session()
    session.post(f"{running.url}/api/users/login", json={"email": "admin", "password": running.password()}, timeout=60)
    customers = session.get(f"{running.url}/api/customers/", timeout=30).json()["customers"]
    [chess] = [each for each in customers if each["name"] == "Chess club"]
    users = session.get(f"{running.url}/api/users/", params={"customer": chess["id"]}, timeout=30).json()["users"]
    assert [(user["name"], user["active"]) for user in users] == [("Ann", True), ("Bob", False)]
    ann = session.get(f"{running.url}/api/users/{users[0]['id']}", timeout=30).json()
    assert [role["code"] for role in ann["roles"]] == ["player"]
