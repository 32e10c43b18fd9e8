"""The login page returns to the requested part of a page; and which emails it accepts."""

import urllib.parse

import pytest
from selenium.webdriver.common.keys import Keys
from support.chromium import wait_until
from support.client import COOKIE
from support.guard_fixtures import around, guarded, guarded_site  # noqa: F401
from support.guarded import PAGES
from test_guard_login_page import (  # noqa: F401
    body_text, browser, by_id, form, message, nobody_is_signed_in, path_of, plain, shows, sign_in,
)  # fmt: skip

pytestmark = pytest.mark.unsanitized

PART = "/private/?a=b&c=%2F#part"
WAYS = {
    "within the parameter": "?next=" + urllib.parse.quote(PART, safe=""),
    "behind the address": "?next=" + urllib.parse.quote(PART.partition("#")[0], safe="") + "#part",
    "in both": "?next=" + urllib.parse.quote(PART, safe="") + "#other",
    "written as it is": "?next=/private/#part",
}


def is_back(browser, address, text):  # noqa: F811
    wait_until(lambda: browser.current_url == address, 20, f"the browser is at {address}")
    wait_until(lambda: body_text(browser) == text, 20, "the page is shown")


@pytest.mark.parametrize("way", WAYS)
def test_the_part_of_the_page_is_returned_to(browser, plain, guarded_site, way):  # noqa: F811
    wanted = plain.url + ("/private/#part" if way == "written as it is" else PART)
    browser.get(plain.url + "/login/" + WAYS[way])
    sign_in(browser, guarded_site.seed.albert)
    is_back(browser, wanted, PAGES["private"])


@pytest.mark.parametrize("way", WAYS)
def test_a_person_who_is_signed_in_already_goes_on_to_the_part(browser, plain, guarded_site, way):  # noqa: F811
    wanted = plain.url + ("/private/#part" if way == "written as it is" else PART)
    browser.get(plain.url + "/login/")
    sign_in(browser, guarded_site.seed.albert)
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    browser.get(plain.url + "/login/" + WAYS[way])
    wait_until(lambda: by_id(browser, "continue").is_displayed(), 20, "the link is shown")
    by_id(browser, "continue").click()
    is_back(browser, wanted, PAGES["private"])


@pytest.mark.parametrize("ends", ["", "#", "#part", "#/users?page=2"])
def test_whoever_may_see_a_refused_page_sees_its_part(browser, guarded, guarded_site, ends):  # noqa: F811
    browser.get(guarded.url + "/admin/?a=b" + ends)
    sign_in(browser, guarded_site.seed.user(roles=("reader",)))
    wait_until(lambda: browser.title.startswith("No access – "), 20, "the refusal is shown")
    assert browser.current_url.removesuffix("#") == guarded.url + "/admin/?a=b" + ends.removesuffix("#")
    by_id(browser, "logout").click()
    form(browser)
    assert browser.get_cookie(COOKIE) is None
    sign_in(browser, guarded_site.seed.alice)
    wait_until(lambda: body_text(browser) == PAGES["admin"], 20, "the page is shown")
    assert browser.current_url.removesuffix("#") == guarded.url + "/admin/?a=b" + ends.removesuffix("#")


def typed(browser, email, password):  # noqa: F811
    """Sets the email by script: a typed tab would leave the field, but people paste tabs."""
    form(browser)
    browser.execute_script("document.querySelector('#email').value = arguments[0]", email)
    by_id(browser, "password").send_keys(password, Keys.ENTER)


EDGES = ["{} ", "{}\u00a0", "{}\t", " {}", "\u00a0{}", "\t{}", "\ufeff{}", " \t{}\t\u3000 "]


@pytest.mark.parametrize("form_of", EDGES, ids=ascii)
def test_blanks_around_an_email_do_not_matter(browser, plain, guarded_site, form_of):  # noqa: F811
    user = guarded_site.seed.user()
    browser.get(plain.url + "/login/?next=/private/")
    typed(browser, form_of.format(user.email), user.password)
    shows(browser, "/private/", PAGES["private"])


def who(browser, plain):  # noqa: F811
    wait_until(lambda: path_of(browser) == "/", 20, "the browser went on")
    browser.get(plain.url + "/login/")
    wait_until(lambda: by_id(browser, "session").is_displayed(), 20, "the session is shown")
    return by_id(browser, "who").text


@pytest.mark.parametrize("form_of", EDGES, ids=ascii)
def test_an_email_that_is_stored_with_blanks_comes_first(browser, plain, guarded_site, form_of):  # noqa: F811
    """Old rows may contain such emails."""
    bare = guarded_site.seed.user(password="password of one")
    other = guarded_site.seed.user(f"The other of {bare.name}", email=form_of.format(bare.email), password="password of the other")
    browser.get(plain.url + "/login/")
    typed(browser, other.email, other.password)
    assert who(browser, plain) == other.name


@pytest.mark.parametrize("form_of", EDGES, ids=ascii)
def test_a_wrong_password_is_one_failure_whatever_is_around_the_email(browser, plain, guarded_site, form_of):  # noqa: F811
    user = guarded_site.seed.user()
    browser.get(plain.url + "/login/")
    typed(browser, form_of.format(user.email), "not the password")
    assert message(browser) == "The email or the password is wrong."
    failures = guarded_site.sql("SELECT failures FROM failed_login WHERE kind = 'account' AND user_id = %s", (user.id,))
    assert failures == [(1,)]


@pytest.mark.parametrize("stored, form_of", [("{}", "\t{}"), ("\t{}", "{}")], ids=ascii)
def test_a_person_who_may_not_sign_in_is_told_so(browser, plain, guarded_site, stored, form_of):  # noqa: F811
    """Also if the email without the blanks belongs to another person."""
    bare = guarded_site.seed.user().email
    user = guarded_site.seed.user(email=stored.format(f"former-{bare}"), active=False)
    if stored != "{}":
        guarded_site.seed.user(email=f"former-{bare}", password="password of the other")
    browser.get(plain.url + "/login/")
    typed(browser, form_of.format(user.email), user.password)
    assert message(browser) == "This account is not active. Ask the administrator of this site."


def test_a_blank_alone_is_no_email(browser, plain):  # noqa: F811
    browser.get(plain.url + "/login/")
    typed(browser, "\t", "not the password")
    assert message(browser) == "The email or the password is wrong."
