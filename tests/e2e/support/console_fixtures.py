"""Fixtures of the tests of the console. It is a plugin: tests name it in `pytest_plugins`."""

import os

import pytest

from . import chromium
from .console import Console, add_people
from .guard_fixtures import make_guarded_site
from .guarded import Nginx, Surroundings
from .seed import WITH_OPERATORS
from .viewing import SCHEMES, SCREENS


@pytest.fixture(scope="module")
def console_site(postgres, new_folder):
    """A site with operators and the people of add_people."""
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


@pytest.fixture(params=[(screen, scheme) for screen in SCREENS for scheme in SCHEMES], ids=lambda look: f"{look[0].name}-{look[1]}")
def console_page(request, console):
    """The console for each of the persons: on a desktop and on a telephone, light and dark."""
    screen, scheme = request.param
    console.look(screen=screen, scheme=scheme)
    return console
