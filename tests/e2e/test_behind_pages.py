"""The pages of deploy/www/ behind each web server of deploy/. The API has all other addresses of the host."""

import os

import pytest
from support import behind
from support.client import assert_error
from support.page_files import CONSOLE_POLICY, PAGE_POLICY, assert_served, files_of, shipped
from support.site import Site

pytestmark = pytest.mark.unsanitized

PLACES = {"/login/": ("", PAGE_POLICY), "/api/docs/": ("docs", PAGE_POLICY), "/console/": ("console", CONSOLE_POLICY)}
FILES = [(place, name) for place, (folder, _) in PLACES.items() for name in files_of(folder)]
FRONTS = ["nginx-unix", "apache-fcgid", "apache-proxy-fcgi", "lighttpd-pool", "lighttpd-bin-path"]


@pytest.fixture(scope="module", params=FRONTS)
def served(request, postgres, new_folder):
    assert {behind.KINDS[kind][0] for kind in FRONTS} == {front for front, _ in behind.KINDS.values()}, "every web server"
    site = Site(postgres, new_folder(), kind=request.param)
    site.kind = request.param
    yield site.start()
    site.stop()


@pytest.mark.parametrize("place,name", FILES)
def test_each_file_arrives_as_it_is_with_its_policy(served, place, name):
    folder, policy = PLACES[place]
    assert_served(served.client, place + name, (folder, name), policy)


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_is_its_page_and_lists_nothing(served, place):
    folder, policy = PLACES[place]
    assert_served(served.client, place, (folder, "index.html"), policy)
    for path in ("nothing", "nothing/", "index.html.bak"):
        answer = served.client.get(place + path)
        assert answer.status_code == 404, path
        assert (answer.headers["Content-Type"] == "application/json") == answer.text.startswith("{"), path


def test_the_console_has_one_address_to_which_the_one_without_a_slash_leads(served):
    answer = served.client.get("/console")
    assert (answer.status_code, answer.headers["Location"].removeprefix(served.client.url)) == (302, "/console/")
    for path in ("/login/console/", "/login/console/index.html", "/login//console/index.html", "/login/%63onsole/index.html"):
        status, _, body = served.client.raw("GET", path)
        assert status != 200 and shipped("console", "index.html") not in body, path


ESCAPES = ["../index.html", "..%2findex.html", "%2e%2e/index.html", "..%2f..%2f..%2fetc/passwd", "../../../etc/passwd"]


@pytest.mark.parametrize("path", [*ESCAPES, "index.html%00.js"])
def test_no_path_leads_out_of_the_folder(served, path):
    status, _, body = served.client.raw("GET", f"/console/{path}")
    assert status in (400, 403, 404) and shipped("index.html") not in body


def test_the_api_has_everything_else(served):
    assert served.client.get("/readyz").status_code == 200
    assert served.client.get("/api/openapi.json").status_code == 200
    token = served.token(served.seed.alice)
    assert served.client.bearer(token).get("/api/users/token").json()["email"] == served.seed.alice.email
    for path in ("/", "/api/docs", "/api/documents/", "/consoles/", "/console.js", "/logins/"):
        assert_error(served.client.get(path), 404, "NOT_FOUND", "Not found.")
