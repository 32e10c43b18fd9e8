"""Fixtures of the tests of the console: a plugin, which those name in `pytest_plugins`."""

import os

import pytest

from . import chromium
from .console import Console, add_people
from .guard_fixtures import make_guarded_site
from .guarded import Nginx, Surroundings
from .seed import WITH_OPERATORS


@pytest.fixture(scope="module")
def console_site(postgres, new_folder):
    """With operators, and the people of add_people."""
    site = add_people(make_guarded_site(postgres, new_folder(), WITH_OPERATORS))
    yield site
    site.stop()


@pytest.fixture(scope="module")
def console_server(console_site, new_folder):
    around = Surroundings(new_folder(), console_site, console_site.tcp)
    server = Nginx(os.path.join(new_folder(), "s"), around).start()
    yield server
    server.stop()
    around.stop()


@pytest.fixture(scope="module")
def console_browser(new_folder):
    driver = chromium.start(new_folder(), watched=True)
    yield driver
    driver.quit()


@pytest.fixture
def console(console_browser, console_server, console_site):
    made = Console(console_browser, console_server, console_site)
    made.begin()
    yield made
    if not made.has_ended:
        made.end()
