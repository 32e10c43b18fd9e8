"""The list of users exported as CSV for spreadsheets."""

import csv
import io
import os

import pytest
from support.chromium import wait_until
from support.console import add_many_users
from support.console_steps import Shop, choose, fill, lists, notice, press

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

HEADS = ["No.", "Name", "Email", "State", "Customer"]


@pytest.fixture
def shop(console):
    return Shop(console.site)


@pytest.fixture
def downloads(console, new_folder):
    folder = new_folder()
    console.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
    yield folder
    console.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


def exported(console, folder):
    """The bytes of the exported file."""
    press(console, "Export as CSV")
    path = os.path.join(folder, "users.csv")
    wait_until(lambda: os.path.isfile(path) and os.path.getsize(path), 20, "the file is there")
    with open(path, "rb") as file:
        return file.read()


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def row_of(user, name=None):
    state = "Active" if user.active else "Inactive"
    return [str(user.id), name or user.name, user.email, state, str(user.customer_id)]


def test_the_file_holds_everybody_and_begins_with_the_mark_of_utf8(console, shop, downloads):
    users = [shop.admin, *shop.users("Élodie Ñandú", "李雷"), shop.user("Ines", active=False)]
    console.open("#/users", shop.admin)
    content = exported(console, downloads)
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    assert rows_of(content) == [HEADS, *map(row_of, users)]
    notice(console, "4 users were exported.")


def test_the_file_holds_all_that_match_and_not_only_the_page(console, shop, downloads):
    add_many_users(console.site, 2500, shop.customer)
    console.open("#/users?page=2&sort=-id", shop.admin)
    fill(console, "Search", "many")
    choose(console, "State", "Active")
    console.reads("2,250 users")
    rows = rows_of(exported(console, downloads))
    assert [row[1] for row in rows[1:]] == [f"Many {n:05}" for n in range(1, 2501) if n % 10 != 0]
    notice(console, "2,250 users were exported.")


def test_what_is_said_of_the_file_is_what_it_holds(console, shop, downloads):
    console.open("#/users", shop.admin)
    lists(console, "Boss")
    shop.users("Somebody who came later")
    assert len(rows_of(exported(console, downloads))) == 3
    notice(console, "2 users were exported.")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", " =1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "\uff0b1", "\u00a0-1", '="a,b"', "\tplain", "\rplain", "\nplain"]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_a_spreadsheet_would_run_is_text(console, shop, downloads, name):
    user = shop.user(name)
    console.open("#/users", shop.admin)
    assert rows_of(exported(console, downloads))[2] == row_of(user, f"'{name}")


@pytest.mark.parametrize(("name", "text"), [
    ("x;=1+1;y", "x;'=1+1;y"),
    ("x\t+1", "x\t'+1"),
    ("x; @SUM(1)", "x;' @SUM(1)"),
    ('x;"=1+1', "x;'\"=1+1"),
    ("a;b = c", "a;b = c"),
])
def test_a_formula_behind_a_sign_that_some_spreadsheets_divide_by_is_text(console, shop, downloads, name, text):
    user = shop.user(name)
    console.open("#/users", shop.admin)
    assert rows_of(exported(console, downloads))[2] == row_of(user, text)


@pytest.mark.parametrize("name", ['a "b" c', "a, b", "a; b", "a\nb", "a\r\nb", "a\tb", '"', ",", " a ", "a=b", "a-b"])
def test_signs_of_the_format_itself_stay_in_their_cell(console, shop, downloads, name):
    user = shop.user(name)
    console.open("#/users", shop.admin)
    content = exported(console, downloads)
    assert rows_of(content)[2] == row_of(user)
    if ";" in name or "\t" in name:
        assert f'"{name}"'.encode() in content, "also where a spreadsheet divides by these"


def test_an_email_that_a_spreadsheet_would_run_is_text(console, shop, downloads):
    shop.user("Ann", email="+ann@example.org")
    console.open("#/users", shop.admin)
    assert rows_of(exported(console, downloads))[2][2] == "'+ann@example.org"
