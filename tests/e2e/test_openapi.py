"""GET /api/openapi.json: the served document is that of the source, and matches the tables of the program."""

import email.message
import glob
import json
import os
import re
import subprocess

import jsonschema
import pytest
from support.client import canonical
from support.openapi import DOCUMENT, VARIABLE, assert_documented, errors_of_web_servers, operations, parameters_of, resolved
from support.pool import binary
from support.processes import REPOSITORY

PRINT = os.path.join(os.path.dirname(binary()), "tests", "tools", "print_api")
PATH = "/api/openapi.json"


@pytest.fixture(scope="module")
def program():
    """The tables that the library was built with."""
    return json.loads(subprocess.run([PRINT], check=True, stdout=subprocess.PIPE).stdout)


def routes(program):
    """{(method, path as the document names it): route}; a guard answers any method."""
    return {
        ("GET" if each["method"] == "any" else each["method"], each["path"].replace("<int:", "{").replace(">", "}")): each
        for each in program["routes"]
    }


def test_the_operations_are_the_routes(program):
    assert set(operations()) == set(routes(program))


def test_an_operation_says_who_may_use_it(program):
    for request, route in routes(program).items():
        operation = operations()[request]
        assert [operation["x-who"]] == route["access"], request
        assert (operation.get("security") == []) == (route["access"] == ["anyone"]), request
        assert ("401" in operation["responses"]) == (route["access"] != ["anyone"] or request[1].endswith(("login", "guard")))


def schema_of(field, limits):
    """What the document must say about a field, apart from the parts in WORDS."""
    kind = field["type"]
    if kind == "string":
        return {"type": "string", "maxLength": limits["string_characters"], **({"minLength": 1} if field["form"] != "any" else {})}
    if kind == "secret":
        return {"type": "string", "format": "password"}
    if kind == "password":
        return {"type": "string", "format": "password", "x-min-bytes": 8, "x-max-bytes": limits["password_bytes"]}
    if kind == "boolean":
        return {"type": "boolean"}
    if kind == "integer":
        whole = (field["minimum"], field["maximum"]) == (-(2**63), 2**63 - 1)
        bounds = {} if whole else {"minimum": field["minimum"], "maximum": field["maximum"]}
        return {"type": ["integer", "null"] if field["nullable"] else "integer", **bounds}
    return {
        "customer": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
        "roles": {"type": "array", "maxItems": limits["roles"], "items": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}},
        "ignored": {},
    }[kind]


WORDS = ("description", "x-for", "default", "pattern")


def without_words(schema):
    """A schema without the parts that the table does not have."""
    schema = resolved(schema)
    schema = {key: value for key, value in schema.items() if key not in WORDS}
    if schema.get("format") in ("int32", "int64"):
        del schema["format"]
    if "items" in schema:
        schema["items"] = without_words(schema["items"])
    if "properties" in schema:
        schema["properties"] = {name: without_words(each) for name, each in schema["properties"].items()}
    return schema


def assert_field(request, name, schema, field, limits):
    assert without_words(schema) == schema_of(field, limits), f"{request} {name}"
    assert (resolved(schema).get("x-for") == "operator") == field["for_operators"], f"{request} {name}"


def test_the_bodies_have_the_fields_and_bounds_that_are_checked(program):
    for request, route in routes(program).items():
        body = operations()[request].get("requestBody")
        assert (body is not None) == bool(route["payload"]), request
        if body is None:
            continue
        assert body["required"] and list(body["content"]) == ["application/json"]
        schema = resolved(body["content"]["application/json"]["schema"])
        assert schema["type"] == "object" and schema["additionalProperties"] is False
        assert set(schema["properties"]) == set(route["payload"]), request
        assert set(schema["required"]) == {name for name, field in route["payload"].items() if field["required"]}, request
        for name, field in route["payload"].items():
            assert_field(request, name, schema["properties"][name], field, program["limits"])


# Arguments of a guard. Its handler reads them, and any others are an operator's mistake.
OF_A_GUARD = {"roles", "customer"}


def test_the_lists_have_the_arguments_and_bounds_that_are_checked(program):
    for request, route in routes(program).items():
        found = {each["name"]: each for each in parameters_of(request[1], operations()[request]) if each["in"] == "query"}
        if request[1] == "/api/guard":
            assert set(found) == OF_A_GUARD
            continue
        assert set(found) == set(route["arguments"]), request
        for name, field in route["arguments"].items():
            parameter, schema = found[name], found[name]["schema"]
            if field["type"] == "customer":
                assert schema == {"type": "integer"}
            else:
                assert without_words(schema) == schema_of(field, program["limits"]), f"{request} {name}"
            assert (parameter.get("x-for") == "operator") == field["for_operators"], f"{request} {name}"
            assert parameter.get("required", False) == field["required"]
            if name == "limit":
                assert schema["default"] == field["preset"]


def test_a_path_has_the_parameters_that_it_names():
    for (method, path), operation in operations().items():
        named = [each for each in parameters_of(path, operation) if each["in"] == "path"]
        assert [each["name"] for each in named] == (["id"] if "{id}" in path else []), (method, path)


def test_every_error_of_the_program_is_in_the_document(program):
    documented = set()
    for operation in operations().values():
        for answer in operation["responses"].values():
            for media in resolved(answer).get("content", {}).values():
                documented |= {each["value"]["message"] for each in media.get("examples", {}).values() if "message" in each["value"]}
    # Messages of requests for which there is no operation, and messages that every operation makes more specific.
    elsewhere = {"Method not allowed.", "You don't have the required role(s).", "Unprocessable entity.", "Not found."}
    assert {json.loads(each["body"])["message"] for each in program["errors"]} - elsewhere <= documented


def test_every_error_of_the_document_is_one_of_the_program_or_of_a_shipped_web_server():
    """Every message is in the source, except for the parts that it takes from the request."""
    source = ""
    for name in glob.glob(os.path.join(REPOSITORY, "src", "**", "*.[ch]"), recursive=True):
        with open(name, encoding="utf-8") as file:
            source += file.read()
    source = re.sub(r'"\s*\n\s*"', "", source)
    web_servers = {json.loads(each)["message"] for each in errors_of_web_servers()}
    for operation in operations().values():
        for answer in operation["responses"].values():
            examples = resolved(answer).get("content", {}).get("application/json", {}).get("examples", {})
            for each in examples.values():
                message = each["value"].get("message", "")
                parts = [part for part in VARIABLE.split(message) if part]
                assert message in web_servers or all(part in source for part in parts), message


def test_the_version_is_the_programs():
    with open(os.path.join(REPOSITORY, "VERSION"), encoding="ascii") as version:
        assert DOCUMENT["info"]["version"] == version.read().strip()


def without_metrics():
    """The document of a service without metrics."""
    return {**DOCUMENT, "paths": {path: item for path, item in DOCUMENT["paths"].items() if path != "/metrics"}}


def test_it_has_the_metrics_where_they_are_served(make_site):
    assert make_site({"USER_API_METRICS": "on"}, workers=1).client.get(PATH).content == canonical(DOCUMENT)


def test_it_is_served_to_anybody_as_the_source_has_it(site):
    answer = site.client.get(PATH)
    assert answer.status_code == 200
    assert answer.content == canonical(without_metrics())
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_client_that_has_it_is_told_that_it_still_holds(site):
    answer = site.client.get(PATH)
    again = site.client.get(PATH, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    other = site.client.get(PATH, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    head = site.client.head(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == answer.headers["ETag"]
    assert int(head.headers["Content-Length"]) == len(answer.content)


def test_it_cannot_be_written(site):
    assert site.client.post(PATH, {}).status_code == 405


def test_the_paths_are_where_the_settings_have_them(make_site):
    site = make_site({"USER_API_USERS_PREFIX": "/people", "USER_API_OPENAPI_PATH": "/description"}, workers=1)
    answer = site.client.get("/description")
    assert answer.content == canonical(answer.json())
    paths = {path.replace("/api/users/", "/people/").replace(PATH, "/description") for path in without_metrics()["paths"]}
    assert set(answer.json()["paths"]) == paths
    assert site.client.get(PATH).status_code == 404


@pytest.fixture
def judge(site):
    """An answer, and a function that says whether that would still match the document after a change."""
    page = site.login(site.seed.alice).get("/api/users/")

    def find(document=None, target="/api/users/", status=200, without=None):
        headers = email.message.Message()
        for name, value in page.headers.items():
            if name != without:
                headers[name] = value
        try:
            assert_documented("GET", target, status, headers, canonical(document or page.json()))
        except (AssertionError, jsonschema.ValidationError):
            return False
        return True

    return page.json(), find


def test_an_answer_that_is_not_as_documented_is_noticed(judge):
    page, judge = judge
    assert judge()
    assert not judge(status=418)
    assert not judge(without="Cache-Control")
    assert not judge(without="X-Request-Id")
    assert not judge(without="Content-Type")
    assert not judge({**page, "has_next": None})
    assert not judge({**page, "more": 1})
    assert not judge({**page, "users": [{"id": 1}]})
    assert not judge(target="/api/roles/")
    assert judge(target="/another/page")


def test_an_error_that_is_not_as_documented_is_noticed(judge):
    _, judge = judge
    error = {"error_code": "FORBIDDEN", "message": "You don't have the admin role(s)."}
    assert judge(error, status=403)
    assert judge({**error, "message": "You don't have the boss role(s)."}, status=403)
    assert not judge(error, status=401)
    assert not judge({**error, "message": "You may not."}, status=403)
    assert not judge({**error, "error_code": "CONFLICT"}, status=403)
    assert not judge({**error, "more": 1}, status=403)
    # Without a request id, it would be an error of the web server, which has other messages.
    assert not judge(error, status=403, without="X-Request-Id")
