"""The OpenAPI document, and whether an answer is one that it describes."""

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
# Web servers ask it with the method of the request that it is about.
ANY_METHOD = "/api/guard"
# Which setting says where the paths of a prefix are.
PREFIXES = {f"/api/{part}": f"USER_API_{part.upper()}_PREFIX" for part in ("users", "roles", "customers", "account", "events", "guard")}
PREFIXES["/api/openapi.json"] = "USER_API_OPENAPI_PATH"
# What stands in a message for something of the request.
VARIABLE = re.compile(r"(?<=^User ').*(?=' doesn't exist\.$)|(?<=the ).+(?= role\(s\)\.)")
# What the service answers where there is no operation, as the document's introduction says.
OPTIONS = {"200": {"headers": {"Allow": {"required": True, "schema": {"type": "string"}}}}}
NO_METHOD = {"405": {"headers": {"Allow": {"required": True, "schema": {"type": "string"}}}, "content": {"application/json": {}}}}
# In every answer of the service, though a web server's own may lack them.
ALWAYS = {"Cache-Control", "X-Content-Type-Options", "X-Request-Id", "Retry-After"}

with open(SOURCE, encoding="utf-8") as file:
    DOCUMENT = json.load(file)


@functools.cache
def errors_of_web_servers():
    """What the shipped configurations answer by themselves, in files and in lines."""
    found = set()
    for name in glob.glob(os.path.join(REPOSITORY, "deploy", "errors", "*.json")):
        with open(name, "rb") as error:
            found.add(error.read())
    with open(os.path.join(REPOSITORY, "deploy", "nginx", "user-api.conf"), "rb") as lines:
        found |= {each + b"\n" for each in re.findall(rb"return 429 '(.*)\\n';", lines.read())}
    return found


def is_of_web_server(status, headers, answers):
    """Whether the service has not answered. nginx gives its own 429 an id as well."""
    return status >= 400 and ("X-Request-Id" not in headers or (status == 429 and "429" not in answers))


def resolved(value):
    """What a reference names, or the value itself."""
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
    """What settings move, for assert_documented: ((the document's prefix, its place), …)"""
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
    """The document's path that a request's target is on, None where there is none."""
    asked = urllib.parse.urlsplit(target).path
    for pattern, path in patterns(moved):
        match = pattern.fullmatch(asked)
        if match and all(int(each) < 2**31 for each in match.groups()):
            return path
    return None


def validator(schema):
    """Of a schema that refers to the document's components."""
    return jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


@functools.cache
def validator_of(method, path, status, media_type):
    answer = resolved(operations()[method, path]["responses"][status])
    return validator(answer["content"][media_type]["schema"])


def messages_of(answer):
    """The errors that an answer gives as examples: {(code, message)}, without what varies."""
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
    """Whether the document describes this answer. `headers` is as http.client has them; `content` in bytes; `moved` of
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
    # A HEAD request ends no session, and so takes no cookie away.
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
