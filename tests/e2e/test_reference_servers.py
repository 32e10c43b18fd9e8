"""The reference of the API behind each web server that serves the login page, with its shipped configuration."""

import os

import pytest
from support.client import Client
from support.guard_fixtures import SERVERS, around, guarded_site  # noqa: F401
from support.page_files import PAGE_POLICY, assert_served
from support.proxies import Caddy, HAProxy
from test_guard_docs import ApacheByThePage, NginxByThePage

pytestmark = pytest.mark.unsanitized

PAGE = "/api/docs/"


@pytest.fixture(scope="module", params=[*SERVERS, Caddy, HAProxy, NginxByThePage, ApacheByThePage], ids=lambda kind: kind.__name__)
def server(request, around, new_folder):  # noqa: F811
    running = request.param(os.path.join(new_folder(), "s"), around).start()
    yield running
    running.stop()


@pytest.fixture
def client(server):
    return Client(server.url)


@pytest.mark.parametrize("name", ["index.html", "reference.css", "reference.js"])
def test_everybody_gets_the_page_with_its_policy_and_media_types(client, name):
    assert_served(client, PAGE + name.removesuffix("index.html"), ("docs", name), PAGE_POLICY)


@pytest.mark.parametrize("target", ["/login/icon.svg", "/login/", "/api/openapi.json"])
def test_what_the_page_links_to_is_there(client, target):
    assert client.get(target).status_code == 200


def test_nothing_else_is_served_beside_the_page(around, client):  # noqa: F811
    before = len(around.http.seen)
    for path in ("nothing", "index.html.bak", "users/"):
        assert client.get(PAGE + path).status_code == 404, path
    assert len(around.http.seen) == before


def test_the_api_goes_on_beside_the_page(client, guarded_site):  # noqa: F811
    token = guarded_site.token(guarded_site.seed.albert)
    assert client.bearer(token).get("/api/users/token").json()["email"] == guarded_site.seed.albert.email
    for path in ("/api/docs", "/api/documents/", "/api/doc/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND"), path


@pytest.mark.parametrize("target", ["/api/docs/../users/token", "/api/docs/%2e%2e/users/token", "/api/docs//../../private/index.html"])
def test_no_path_leads_by_way_of_the_page_to_something_else(client, target):
    status, _, body = client.raw("GET", target, {})
    assert status in (400, 401, 403, 404), body[:200]
