"""The login page, whatever it shows, and the API reference break no accessibility rule."""

import pytest
from selenium.webdriver.common.keys import Keys

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


def test_the_form_breaks_no_rule(console_page):
    console_page.expects(401)
    console_page.load("/login/")
    console_page.sees("#login")
    assert console_page.axe_violations() == []


def test_the_form_after_a_wrong_password_breaks_no_rule(console_page):
    console_page.expects(401)
    console_page.load("/login/")
    console_page.sees("#email").send_keys("nobody@example.org")
    console_page.sees("#password").send_keys("wrong", Keys.ENTER)
    console_page.sees("#message")
    assert console_page.axe_violations() == []


def test_who_is_signed_in_breaks_no_rule(console_page):
    console_page.sign_in(console_page.site.paul)
    console_page.load("/login/")
    console_page.sees("#session")
    assert console_page.axe_violations() == []


def test_a_page_that_is_refused_breaks_no_rule(console_page):
    console_page.expects(403)
    console_page.sign_in(console_page.site.paul)
    console_page.load("/admin/")
    console_page.sees("#refused")
    assert console_page.axe_violations() == []


def test_the_reference_of_the_api_breaks_no_rule(console_page):
    console_page.load("/api/docs/")
    console_page.sees("#search")
    assert console_page.axe_violations() == []
