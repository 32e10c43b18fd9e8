"""No rule of accessibility is broken on the login page, whatever it shows, and on the reference of the API."""

import pytest
from selenium.webdriver.common.keys import Keys
from support.viewing import SCHEMES, SCREENS

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized


@pytest.fixture(params=SCHEMES)
def scheme(request):
    return request.param


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def page(request, console, scheme):
    console.look(screen=request.param, scheme=scheme)
    return console


def test_the_form_breaks_no_rule(page):
    page.expects(401)
    page.load("/login/")
    page.sees("#login")
    assert page.axe_violations() == []


def test_the_form_after_a_wrong_password_breaks_no_rule(page):
    page.expects(401)
    page.load("/login/")
    page.sees("#email").send_keys("nobody@example.org")
    page.sees("#password").send_keys("wrong", Keys.ENTER)
    page.sees("#message")
    assert page.axe_violations() == []


def test_who_is_signed_in_breaks_no_rule(page):
    page.sign_in(page.site.paul)
    page.load("/login/")
    page.sees("#session")
    assert page.axe_violations() == []


def test_a_page_that_is_refused_breaks_no_rule(page):
    page.expects(403)
    page.sign_in(page.site.paul)
    page.load("/admin/")
    page.sees("#refused")
    assert page.axe_violations() == []


def test_the_reference_of_the_api_breaks_no_rule(page):
    page.load("/api/docs/")
    page.sees("#search")
    assert page.axe_violations() == []
