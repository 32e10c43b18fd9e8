"""A linter finds no problem in the served OpenAPI document, and a TypeScript client made from it works."""

import json
import os
import shutil

import pytest
from support import npm
from support.openapi import DOCUMENT

pytestmark = pytest.mark.unsanitized

MOVED = {
    "USER_API_ACCOUNT_PREFIX": "/me",
    "USER_API_CUSTOMERS_PREFIX": "/v1/tenants",
    "USER_API_EVENTS_PREFIX": "/log",
    "USER_API_GUARD_PREFIX": "/check",
    "USER_API_METRICS": "on",
    "USER_API_OPENAPI_PATH": "/description",
    "USER_API_ROLES_PREFIX": "/v1/roles",
    "USER_API_USERS_PREFIX": "/people",
}


def findings(folder, document):
    """The linter's errors and warnings about a document: [(rule, place)]."""
    path = os.path.join(folder, "openapi.json")
    with open(path, "wb") as file:
        file.write(document)
    options = ["--config", f"{npm.SOURCES}/redocly.yaml", "--format", "json", "--max-problems", "1000"]
    code, output = npm.run("redocly", "lint", path, *options, cwd=folder)
    found, _ = json.JSONDecoder().raw_decode(output, output.index("{\n"))
    assert (code == 0) == (found["totals"]["errors"] == 0), output
    assert len(found["problems"]) == found["totals"]["errors"] + found["totals"]["warnings"], output
    return [(each["ruleId"], each["location"][0]["pointer"]) for each in found["problems"]]


def test_the_linter_finds_nothing_in_the_served_document(site, folder):
    assert findings(folder, site.client.get("/api/openapi.json").content) == []


def test_nor_where_the_settings_move_every_path(make_site, folder):
    served = make_site(MOVED, workers=1).client.get("/description")
    assert len(served.json()["paths"]) == len(DOCUMENT["paths"])
    assert not any(path.startswith("/api/") for path in served.json()["paths"])
    assert findings(folder, served.content) == []


def test_the_linter_finds_what_is_wrong(folder):
    broken = json.loads(json.dumps(DOCUMENT))
    health = broken["paths"]["/healthz"]["get"]
    health["responses"]["200"]["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Nothing"}
    del health["summary"]
    broken["components"]["schemas"]["Unused"] = {"type": "string"}
    wanted = {"no-unresolved-refs", "operation-summary", "no-unused-components"}
    assert {rule for rule, _ in findings(folder, json.dumps(broken).encode())} == wanted


@pytest.fixture(scope="module")
def generated(site, new_folder):
    """A folder with the types that are generated from the served document."""
    folder = new_folder()
    with open(f"{folder}/openapi.json", "wb") as file:
        file.write(site.client.get("/api/openapi.json").content)
    for name in ("tsconfig.json", "package.json"):
        shutil.copy(f"{npm.SOURCES}/{name}", folder)
    os.symlink(f"{npm.folder()}/node_modules", f"{folder}/node_modules")
    code, output = npm.run("openapi-typescript", "openapi.json", "--output", "schema.ts", cwd=folder)
    assert code == 0, output
    return folder


def compiled(folder, *options, change=("", "")):
    """Replaces `change` in the client, and compiles it: (exit code, the compiler's output)."""
    with open(f"{npm.SOURCES}/client.ts", encoding="utf-8") as file:
        text = file.read()
    assert change[0] in text
    with open(f"{folder}/client.ts", "w", encoding="utf-8") as file:
        file.write(text.replace(*change, 1))
    return npm.run("tsc", "--project", ".", "--strict", *options, cwd=folder)


def test_a_generated_client_compiles_and_does_what_it_says(generated, site):
    assert compiled(generated) == (0, "")
    alice = site.seed.alice
    code, output = npm.run_file("client.js", site.nginx.url, alice.email, alice.password, cwd=generated)
    assert code == 0, output
    said = {line["what"]: line["seen"] for line in map(json.loads, output.splitlines())}
    made = said.pop("registered")
    assert made == {
        "active": True,
        "customer": {"id": alice.customer_id},
        "email": "generated@example.org",
        "id": made["id"],
        "name": "Generated",
        "roles": [],
    }
    assert said == {
        "login": alice.email,
        "registered again": [409, "CONFLICT", "User already exists."],
        "listed": [1, False, ["Generated"]],
        "updated": "Renamed",
        "updated again": [412, "PRECONDITION_FAILED"],
        "read back": "Renamed",
        "logout": "User disconnected.",
        "session": [401, "Invalid token."],
    }
    row = site.sql("SELECT email, name, active, customer_id FROM _user WHERE id = %s", (made["id"],))
    assert row == [("generated@example.org", "Renamed", True, alice.customer_id)]


@pytest.mark.parametrize(
    "change,error",
    [
        (('name: "Renamed"', 'nickname: "Renamed"'), "'nickname' does not exist in type"),
        (("limit: 10", 'limit: "ten"'), "Type 'string' is not assignable to type 'number'"),
        (("(user) => user.name", "(user) => user.roles"), "Property 'roles' does not exist on type"),
    ],
)
def test_a_client_that_breaks_the_document_does_not_compile(generated, change, error):
    code, output = compiled(generated, "--noEmit", change=change)
    assert code != 0 and error in output and output.count("error TS") == 1, output
