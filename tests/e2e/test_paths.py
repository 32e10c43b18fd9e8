"""The service refuses paths that it and a web server could read differently. It decodes all others once."""

import json

import pytest
from support.client import canonical

AMBIGUOUS = [
    "//",
    "/api//users/",
    "//api/users/",
    "/api/users//",
    "/api/users//1",
    "/api/users/1//",
    "/api/./users/",
    "/api/users/.",
    "/api/users/..",
    "/api/users/../users/",
    "/api/x/../users/token",
    "/../api/users/",
    "/api/users/%2e",
    "/api/users/%2E%2e/users/",
    "/api/users/.%2e/roles/",
    "/api%2fusers/",
    "/api/users%2Ftoken",
    "/api/users/%5c",
    "/api/users/..%5C",
    "/api/users/%00",
    "/api/users/token%00",
    "/api/users/%",
    "/api/users/%2",
    "/api/users/%zz",
    "/api/users/%g0",
    "/api/users/%u0031",
    "/api/users/%ff",
    "/api/users/%c0%af",
    "/api/users/%ed%a0%80",
    "/api/users/%0a",
    "/api/users/%7f",
    "/api/users/1;x\\y",
    "api/users/",
    "",
    "*",
    "http://localhost/api/users/",
    "//localhost/api/users/",
    "/api/users/#x",
    "/api/users/\x01",
    "/" + "a/" * 40,
]


def ask(site, uri, **params):
    """Sends a request without the web server, which would change or refuse some paths itself."""
    defaults = {"SCRIPT_NAME": None, "QUERY_STRING": None}
    answer = site.pool.request("GET", uri, **{**defaults, **params})
    assert answer is not None, "always an answer"
    return answer


def assert_bad(answer):
    status, headers, body = answer
    assert status == 400, body
    assert set(json.loads(body)) == {"error_code", "message"}
    assert body == canonical(json.loads(body))
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("uri", AMBIGUOUS)
def test_an_ambiguous_path_is_400(site, uri):
    assert_bad(ask(site, uri, REQUEST_URI=uri))


@pytest.mark.parametrize(
    "uri", ["/api//users/token", "/api/users/%2e%2e/roles/", "/api/users%2ftoken", "/api/./users/"]
)
def test_it_is_400_through_the_web_server_too(site, uri):
    status, headers, body = site.client.raw("GET", uri)
    assert (status, headers["Content-Type"]) == (400, "application/json")
    assert body == canonical(json.loads(body))


@pytest.mark.parametrize(
    "uri", ["/api/users/token", "/%61pi/users/token", "/api/%75%73ers/%74oken", "/api/users/token?x=/../%2F"]
)
def test_an_escape_for_a_plain_character_is_that_character(site, uri):
    assert ask(site, uri)[0] == 401
    assert site.client.raw("GET", uri)[0] == 401


@pytest.mark.parametrize(
    "uri", ["/api/users/%2531", "/api/users/%252e%252e", "/api/users/%2574oken", "/api/users/tok+en"]
)
def test_an_escape_is_decoded_once(site, uri):
    assert ask(site, uri)[0] == 404


@pytest.mark.parametrize(
    "script_name,path_info",
    [
        ("/api/users/token", None),
        ("/api/users/token", ""),
        ("/api", "/users/token"),
        ("", "/api/users/token"),
        (None, "/api/users/token"),
        (None, None),
    ],
)
def test_script_name_and_path_info_may_split_the_path_anywhere(site, script_name, path_info):
    assert ask(site, "/api/users/token?a=b", SCRIPT_NAME=script_name, PATH_INFO=path_info)[0] == 401


@pytest.mark.parametrize(
    "script_name,path_info",
    [
        ("/api/users/", None),
        ("/api/users/token/", None),
        ("/public", None),
        ("/api", "/users/login"),
        ("/api/users/token", "/api/users/token"),
        ("/API/users/token", None),
        ("/api/users/toke", None),
        ("/api/users/token/x", None),
        (None, "/public"),
    ],
)
def test_a_path_that_disagrees_with_what_the_web_server_saw_is_400(site, script_name, path_info):
    assert_bad(ask(site, "/api/users/token", SCRIPT_NAME=script_name, PATH_INFO=path_info))


def test_the_decoded_form_is_what_has_to_agree(site):
    assert ask(site, "/api/users/%74oken", SCRIPT_NAME="/api/users/token")[0] == 401
    assert_bad(ask(site, "/api/users/%74oken", SCRIPT_NAME="/api/users/%74oken"))
    assert ask(site, "/api/users/caf%C3%A9", SCRIPT_NAME="/api/users/café")[0] == 404


@pytest.mark.parametrize("params", [{"REQUEST_URI": None}, {"REQUEST_METHOD": None}, {"REQUEST_METHOD": ""}])
def test_a_request_without_method_or_path_is_400(site, params):
    assert_bad(ask(site, "/api/users/token", **params))


def test_a_path_longer_than_any_is_refused(site):
    for uri in ("/" + "a" * 20000, "/api/users/token?" + "x" * 20000):
        status, _, body = ask(site, uri)
        assert status in (414, 431), status
        assert json.loads(body)["error_code"]


def test_the_query_is_no_part_of_the_path(site):
    admin = site.login(site.seed.alice)
    for query in ("?", "?limit=1", "?email=/../..//", "?email=%2F%2e"):
        assert admin.get("/api/users/" + query).status_code == 200
