"""The size of the console, and the number of round trips until its first screen is complete."""

import os

import pytest
from support.chromium import wait_until
from support.traffic import of_api, round_trips

pytest_plugins = ["support.console_fixtures"]
pytestmark = pytest.mark.unsanitized

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "www", "console")
MOST_BYTES = 120_000
# The screen of roles is missing: it needs a second round trip for the number of holders of each role.
FIRST_SCREENS = {
    "": ".cards",
    "#/overview": ".cards",
    "#/users": "tbody tr",
    "#/users?search=a&active=true": "tbody tr",
    "#/users/1": ".actions",
    "#/customers": "tbody tr",
    "#/events": ".events li",
    "#/account": ".facts",
}


def test_all_files_together_are_below_120_kilobytes_without_compression():
    sizes = {name: os.path.getsize(os.path.join(FOLDER, name)) for name in os.listdir(FOLDER)}
    assert sum(sizes.values()) < MOST_BYTES, sizes


@pytest.mark.parametrize("address", FIRST_SCREENS)
def test_the_first_screen_takes_one_round_trip_after_the_files(console, address):
    console.open(address, console.site.olga)
    console.sees(FIRST_SCREENS[address])
    assert len(round_trips(console.api_requests())) == 1, [str(each) for each in console.api_requests()]


def test_another_customers_users_take_one_round_trip_too(console):
    console.open(f"#/users?customer={console.site.seed.b}", console.site.olga)
    console.sees("tbody tr")
    assert len(round_trips(console.api_requests())) == 1, [str(each) for each in console.api_requests()]


def test_one_without_rights_asks_no_more_once_the_account_is_known(console):
    console.expects(403)
    console.open("", console.site.paul)
    console.sees(".facts")
    assert len(round_trips(console.api_requests())) == 1, [str(each) for each in console.api_requests()]


def test_no_module_waits_for_another_one(console):
    """The page names all modules, so the browser requests each of them before the first one has arrived."""
    console.open("#/account", console.site.paul)
    console.sees(".facts")
    scripts = [each for each in console.requests() if each.target.startswith("/console/") and each.target.endswith(".js")]
    assert {os.path.basename(each.target) for each in scripts} == {name for name in os.listdir(FOLDER) if name.endswith(".js")}
    assert len(round_trips(scripts)) == 1, [str(each) for each in scripts]


def test_a_step_to_another_screen_loads_no_file_again(console):
    console.open("#/account", console.site.olga)
    console.sees(".facts")
    console.traffic.forget()
    console.go("#/users")
    wait_until(lambda: console.all("tbody tr"), 20, "the users are shown")
    assert console.requests() == of_api(console.requests())
