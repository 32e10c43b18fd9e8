"""The OpenAPI document, and checks that answers match it."""

import functools
import glob
import json
import os
import re
import urllib.parse

import jsonschema

from .processes import REPOSITORY

SOURCE = os.path.join(REPOSITORY, "src", "api", "openapi.json")
METHODS = ("get", "put", "post", "delete", "patch")
# Web servers request it with the method of the client's request.
ANY_METHOD = "/api/guard"
# The settings that move the paths of a prefix.
PREFIXES = {f"/api/{part}": f"USER_API_{part.upper()}_PREFIX" for part in ("users", "roles", "customers", "account", "events", "guard")}
PREFIXES["/api/openapi.json"] = "USER_API_OPENAPI_PATH"
# The placeholders in messages for parts of the request.
VARIABLE = re.compile(r"(?<=^User ').*(?=' doesn't exist\.$)|(?<=the ).+(?= role\(s\)\.)")
# The service's answers if there is no operation; the document's introduction describes them.
OPTIONS = {"200": {"headers": {"Allow": {"required": True, "schema": {"type": "string"}}}}}
NO_METHOD = {"405": {"headers": {"Allow": {"required": True, "schema": {"type": "string"}}}, "content": {"application/json": {}}}}
# Every answer of the service has these headers; a web server's own answers may lack them.
ALWAYS = {"Cache-Control", "X-Content-Type-Options", "X-Request-Id", "Retry-After"}

with open(SOURCE, encoding="utf-8") as file:
    DOCUMENT = json.load(file)


@functools.cache
def errors_of_web_servers():
    """The errors that the shipped configurations answer without the service, from files and lines."""
    found = set()
    for name in glob.glob(os.path.join(REPOSITORY, "deploy", "errors", "*.json")):
        with open(name, "rb") as error:
            found.add(error.read())
    with open(os.path.join(REPOSITORY, "deploy", "nginx", "user-api.conf"), "rb") as lines:
        found |= {each + b"\n" for each in re.findall(rb"return 429 '(.*)\\n';", lines.read())}
    return found


def is_of_web_server(status, headers, answers):
    """Whether the web server has answered without the service. nginx's own 429 has a request id, too."""
    return status >= 400 and ("X-Request-Id" not in headers or (status == 429 and "429" not in answers))


def resolved(value):
    """The target of a reference, or the value itself."""
    while "$ref" in value:
        found = DOCUMENT
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = {**found, **{key: each for key, each in value.items() if key != "$ref"}}
    return value


@functools.cache
def operations():
    """{(method, path): operation}, methods in capitals."""
    return {
        (method.upper(), path): item[method] for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item
    }


def parameters_of(path, operation):
    return [resolved(each) for each in DOCUMENT["paths"][path].get("parameters", []) + operation.get("parameters", [])]


def moved_by(settings):
    """The prefixes that settings move, for assert_documented: ((prefix in the document, its new place), …)"""
    return tuple((prefix, settings[name]) for prefix, name in PREFIXES.items() if name in settings)


@functools.cache
def patterns(moved):
    """[(pattern, path of the document)]"""
    found = []
    for path in DOCUMENT["paths"]:
        place = path
        for prefix, other in moved:
            if path == prefix or path.startswith(prefix + "/"):
                place = other + path.removeprefix(prefix)
        found.append((re.compile(re.escape(place).replace(r"\{id\}", "([1-9][0-9]{0,9})")), path))
    return found


def path_of(target, moved=()):
    """The document's path for a request's target, or None."""
    asked = urllib.parse.urlsplit(target).path
    for pattern, path in patterns(moved):
        match = pattern.fullmatch(asked)
        if match and all(int(each) < 2**31 for each in match.groups()):
            return path
    return None


def validator(schema):
    """A validator of a schema that refers to the document's components."""
    return jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


@functools.cache
def validator_of(method, path, status, media_type):
    answer = resolved(operations()[method, path]["responses"][status])
    return validator(answer["content"][media_type]["schema"])


def messages_of(answer):
    """The errors in the examples of an answer: {(code, message)}, without the parts that vary."""
    examples = answer["content"]["application/json"]["examples"].values()
    return {(each["value"]["error_code"], VARIABLE.sub("", each["value"]["message"])) for each in examples}


def answers_of(method, path):
    """{status: answer} of a request."""
    operation = operations().get((method, path))
    if operation is not None:
        return operation["responses"]
    return OPTIONS if method == "OPTIONS" else NO_METHOD


@functools.lru_cache(maxsize=4096)
def assert_body(method, path, status, media_type, content):
    validator_of(method, path, status, media_type).validate(json.loads(content))


def assert_headers(documented, headers, optional):
    for name, header in documented.items():
        header = resolved(header)
        values = headers.get_all(name) or []
        required = name in ALWAYS or header.get("required", False)
        assert values or not required or name in optional, f"no header {name}"
        for value in values:
            if header["schema"].get("type") == "integer":
                value = int(value)
            validator(header["schema"]).validate(value)


def assert_documented(method, target, status, headers, content, moved=()):
    """Checks that the document describes this answer. `headers` is as http.client has them; `content` in bytes; `moved` of
    moved_by, or None if another application answers."""
    path = None if moved is None else path_of(target, moved)
    if path is None:
        return
    where = f"{method} {path} answered {status}"
    is_head = method == "HEAD"
    if is_head or path == ANY_METHOD:
        method = "GET"
    answers = answers_of(method, path)
    if is_of_web_server(status, headers, answers):
        assert content in errors_of_web_servers() | ({b""} if is_head else set()), where
        return
    assert str(status) in answers, f"{where}, which the document does not name: {content[:300]}"
    answer = resolved(answers[str(status)])
    # A HEAD request ends no session, so it deletes no cookie.
    assert_headers(answer.get("headers", {}), headers, {"Set-Cookie"} if is_head else set())
    if is_head or "content" not in answer:
        assert content in (b"", b"{}\n"), where
        return
    media_type = headers.get("Content-Type", "").partition(";")[0]
    assert media_type in answer["content"], f"{where} as {media_type!r}"
    if media_type != "application/json" or answers is NO_METHOD:
        return
    assert_body(method, path, str(status), media_type, content)
    if status >= 400:
        error = json.loads(content)
        said = (error["error_code"], VARIABLE.sub("", error["message"]))
        assert said in messages_of(answer), f"{where}: {error['message']!r}, which the document does not name"
