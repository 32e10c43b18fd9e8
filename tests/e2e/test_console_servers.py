"""The console of deploy/www/console/ behind each web server that serves it, with the shipped configuration."""

import os

import pytest
from support.client import Client
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.page_files import CONSOLE_POLICY, assert_served, files_of, shipped
from support.proxies import Caddy, HAProxy
from test_guard_docs import ApacheByThePage, NginxByThePage

pytestmark = pytest.mark.unsanitized

PAGE = "/console/"
FILES = files_of("console")


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, HAProxy, NginxByThePage, ApacheByThePage], ids=lambda kind: kind.__name__)
def server(request, around, new_folder):  # noqa: F811
    running = request.param(os.path.join(new_folder(), "s"), around).start()
    yield running
    running.stop()


@pytest.fixture
def client(server):
    return Client(server.url)


def test_the_console_has_a_page_with_scripts_and_a_style():
    assert "index.html" in FILES and {os.path.splitext(name)[1] for name in FILES} >= {".html", ".css", ".js"}


@pytest.mark.parametrize("name", FILES)
def test_everybody_gets_each_file_as_it_is_with_the_policy_of_the_console(client, name):
    assert_served(client, PAGE + name, ("console", name), CONSOLE_POLICY)


def test_the_folder_is_the_page(client):
    assert_served(client, PAGE, ("console", "index.html"), CONSOLE_POLICY)
    assert_served(client, f"{PAGE}?x=/../y", ("console", "index.html"), CONSOLE_POLICY)


def test_the_address_without_a_slash_leads_to_the_one_with_it(server, client):
    answer = client.get("/console")
    assert (answer.status_code, answer.headers["Location"].removeprefix(server.url)) == (302, PAGE)


def test_nothing_else_is_served_beside_the_files(around, client):  # noqa: F811
    before = len(around.http.seen)
    for path in ("nothing", "nothing.js", "index.html.bak", "folder/"):
        answer = client.get(PAGE + path)
        assert answer.status_code == 404, path
        assert not [name for name in FILES if name in answer.text], path
    assert client.get(f"{PAGE}{FILES[0]}/x").status_code in (403, 404), "a file is no folder"
    assert len(around.http.seen) == before, "the application behind the guard is not asked"


def test_a_path_that_begins_like_the_console_is_not_it(client):
    for path in ("/consoles/", "/console.js", "/consoleindex.html", "/console../index.html"):
        status, _, body = client.raw("GET", path, {})
        assert status != 200 and shipped("index.html") not in body, path


ESCAPES = ["../index.html", "..%2findex.html", "%2e%2e/index.html", "..;/index.html", "/../../private/index.html", "index.html%00.js"]


@pytest.mark.parametrize("target", [PAGE + path for path in ESCAPES])
def test_no_path_leads_out_of_the_folder(client, target):
    status, _, body = client.raw("GET", target, {})
    assert status in (400, 401, 403, 404), body[:200]


@pytest.mark.parametrize("path", ["console/", "console/index.html", "/console/index.html", "%63onsole/index.html"])
def test_the_console_has_one_address(client, path):
    """So a rule of the web server for /console/ covers the whole console."""
    status, _, body = client.raw("GET", f"/login/{path}", {})
    assert status == 404 and shipped("console", "index.html") not in body
