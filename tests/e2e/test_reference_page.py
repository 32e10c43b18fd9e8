"""The reference of the API, deploy/www/docs/, which scripts/reference-page creates from the OpenAPI document."""

import json
import os
import re
import subprocess
import sys

import pytest
from support.html_page import Page
from support.openapi import operations, parameters_of, resolved
from support.processes import REPOSITORY
from support.site import Site

FOLDER = os.path.join(REPOSITORY, "deploy", "www", "docs")
SCRIPT = os.path.join(REPOSITORY, "scripts", "reference-page")


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read()


TEXT = read(FOLDER, "index.html")
BY_NAME = {operation["operationId"]: (method, path, operation) for (method, path), operation in operations().items()}


@pytest.fixture(scope="module")
def page():
    return Page(TEXT)


def test_the_page_is_what_the_script_makes_of_the_document():
    printed = subprocess.run([sys.executable, SCRIPT, "--print"], check=True, stdout=subprocess.PIPE).stdout
    assert printed.decode() == TEXT, "run scripts/reference-page"


def test_the_script_refuses_an_argument_that_it_does_not_know():
    run = subprocess.run([sys.executable, SCRIPT, "--prnt"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert (run.returncode, run.stdout) == (1, "") and "--print" in run.stderr


def test_the_files_are_small():
    sizes = {name: os.path.getsize(os.path.join(FOLDER, name)) for name in os.listdir(FOLDER)}
    assert set(sizes) == {"index.html", "reference.css", "reference.js"}
    assert sizes["index.html"] < 150_000 and sizes["reference.js"] < 5_000 and sizes["reference.css"] < 10_000


def test_every_operation_is_there_once_under_its_name(page):
    assert sorted(attributes["id"] for attributes, _ in page.all("article")) == sorted(BY_NAME)


WHO = {"anyone": "Anyone", "connected": "Connected users", "admin": "Admins and operators", "operator": "Operators"}


def names_of(schema, before=""):
    """The names of fields as the page writes them."""
    schema = resolved(schema)
    for name, field in schema.get("properties", {}).items():
        yield before + name
        field = resolved(field)
        for inner in field.get("anyOf", [field]):
            yield from names_of(inner, f"{before}{name}.")
        yield from names_of(field.get("items", {}), f"{before}{name}[].")


def bounds_of(schema):
    """All numbers that are bounds in a schema, including the schemas inside it."""
    schema = resolved(schema)
    found = {schema[key] for key in ("minimum", "maximum", "minLength", "maxLength", "maxItems", "x-min-bytes", "x-max-bytes") if key in schema}
    inside = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return found.union(*map(bounds_of, inside))


@pytest.mark.parametrize("name", BY_NAME)
def test_an_operation_is_described_in_full(page, name):
    method, path, operation = BY_NAME[name]
    shown = page.text_of(name)
    wanted = [f"{method} {path}", operation["summary"], WHO[operation["x-who"]], operation.get("description", "")]
    schemas = []
    for parameter in parameters_of(path, operation):
        wanted += [f"{parameter['name']} {parameter['in']}", parameter.get("description", "")]
        schemas.append(parameter["schema"])
    if "requestBody" in operation:
        schemas.append(operation["requestBody"]["content"]["application/json"]["schema"])
    for status, answer in operation["responses"].items():
        if status < "400":
            answer = resolved(answer)
            wanted += [f"Answer {status}", answer["description"]]
            schemas += [each["schema"] for each in answer.get("content", {}).values()]
    for schema in schemas:
        wanted += [*names_of(schema), *map(str, bounds_of(schema))]
    assert [each for each in wanted if each.replace("`", "") not in shown] == []


def errors_of(answer):
    return [each["value"] for each in answer["content"]["application/json"]["examples"].values()]


@pytest.mark.parametrize("name", BY_NAME)
def test_an_operation_has_all_its_errors_or_a_link_to_them(page, name):
    part = Page(re.search(rf'(?s)<article class="item" id="{name}">.*?</article>', TEXT).group(0))
    links = {attributes["href"] for attributes, _ in part.all("a")}
    rows = [text for _, text in part.all("tr")]
    common = page.text_of("errors")
    for status, answer in BY_NAME[name][2]["responses"].items():
        if status < "400":
            continue
        for error in errors_of(resolved(answer)):
            said = f"{error['message']} {error['error_code']}"
            if "$ref" in answer:
                assert f"#error-{status}" in links and said in common, (status, said)
            else:
                assert [row for row in rows if row.startswith(f"{status}{said}")], (status, said)


def test_every_header_of_an_answer_is_named(page):
    """Headers of all answers are at the beginning of the page, the others are at their operation."""
    common = {"Cache-Control", "X-Content-Type-Options", "X-Request-Id"}
    assert [header for header in common if header not in page.text_of("requests")] == []
    for name, (_, _, operation) in BY_NAME.items():
        for status, answer in operation["responses"].items():
            headers = set(resolved(answer).get("headers", {}))
            assert status == "default" or common <= headers, (name, status)
            if status < "400":
                assert [header for header in headers - common if header not in page.text_of(name)] == [], name


def test_the_sentences_of_wrong_fields_are_those_of_the_api_page(page):
    """The tests of that page compare the sentences with the program's answers."""
    table = re.search(r"\| sentence \| meaning \|\n\|[-|]+\n((?:\|.*\n)+)", read(REPOSITORY, "docs", "api.md")).group(1)
    sentences = re.findall(r"(?m)^\| `(.*?)` \|", table)
    part = Page(re.search(r'(?s)<ul class="sentences">.*?</ul>', TEXT).group(0))
    assert len(sentences) > 20 and [text for _, text in part.all("li")] == sentences


def test_the_page_is_well_formed_and_its_parts_have_names_of_their_own(page):
    ids = page.attributes("id")
    assert len(set(ids)) == len(ids)
    assert page.all("html")[0][0]["lang"] == "en"
    assert [len(page.all(tag)) for tag in ("h1", "main", "nav", "header", "title")] == [1] * 5
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    labelled = page.attributes("aria-labelledby") + page.attributes("for") + page.attributes("aria-describedby")
    assert set(labelled) <= set(ids)
    for attributes, _ in page.all("table"):
        assert attributes["aria-label"]
    assert len({attributes["aria-label"] for attributes, _ in page.all("table")}) == len(page.all("table"))
    assert all(attributes.get("scope") in ("col", "row") for attributes, _ in page.all("th"))


def test_every_link_leads_somewhere(page):
    ids = set(page.attributes("id"))
    elsewhere = set()
    for target in page.attributes("href") + page.attributes("src"):
        if target.startswith("#"):
            assert target[1:] in ids, target
        else:
            elsewhere.add(target)
    assert elsewhere == {"/login/icon.svg", "/login/", "/api/openapi.json", "reference.css", "reference.js"}


def test_nothing_runs_or_comes_from_elsewhere(page):
    """Otherwise the web server's strict policy would break the page."""
    assert "style" not in [tag for tag, _ in page.elements] and page.attributes("style") == []
    assert [attributes for attributes, _ in page.all("script")] == [{"type": "module", "src": "reference.js"}]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "//" not in "".join(page.attributes("href") + page.attributes("src"))
    for name in ("reference.css", "reference.js"):
        assert not re.search(r"https?://|@import|url\(|innerHTML|eval\(|fetch\(|\.style\b", read(FOLDER, name)), name


def colours_of(name):
    return [re.findall(r"(--[\w-]+): (#\w{6})", block) for block in re.findall(r"(?s):root \{(.*?)\}", read(name))]


def test_the_colours_are_those_of_the_login_page():
    own, login = colours_of(os.path.join(FOLDER, "reference.css")), colours_of(os.path.join(FOLDER, "..", "login.css"))
    assert len(own) == len(login) == 2
    for ours, theirs in zip(own, login):
        common = set(dict(ours)) & set(dict(theirs))
        assert len(common) == 7 and {name: dict(ours)[name] for name in common} == {name: dict(theirs)[name] for name in common}


def light_of(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_what_is_behind_it():
    """WCAG 2.2, 1.4.3: text needs a contrast of at least 4.5 to 1."""
    for colours in map(dict, colours_of(os.path.join(FOLDER, "reference.css"))):
        pairs = [(ink, paper) for ink in ("--text", "--quiet", "--accent") for paper in ("--page", "--card")] + [("--on-accent", "--accent")]
        for ink, paper in pairs:
            dark, bright = sorted((light_of(colours[ink]), light_of(colours[paper])))
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


@pytest.fixture(scope="module")
def example_site(postgres, new_folder):
    settings = {"USER_API_OPERATOR_ROLE": "operator", "USER_API_PASSWORD_COMMON": "refuse", "USER_API_METRICS": "on"}
    site = Site(postgres, new_folder(), settings).start()
    yield site
    site.stop()


# Their answers depend on the time, on the caller, or on other data.
VARYING = {"login", "getSession", "getAccount", "listUsers", "listRoles", "listCustomers", "listEvents"}
# Statements that remove what an operation will create.
WITHOUT = {
    "createUser": "DELETE FROM user_has_role WHERE user_id = 2; DELETE FROM _user WHERE id = 2",
    "createRole": "DELETE FROM role WHERE id = 3",
    "createCustomer": "DELETE FROM customer WHERE id = 3",
}


def prepare(site, name):
    """Fills the database for the examples. Its admin is also an operator. Returns the admin's password."""
    site.sql("TRUNCATE customer, role, _user RESTART IDENTITY CASCADE")
    for row in (("admin", "Admin", True), ("operator", "Operator", False), ("editor", "Editor", True)):
        site.sql("INSERT INTO role (code, name, assignable) VALUES (%s, %s, %s)", row)
    for row in ((None, None), (None, "Another"), (5, "Bees & Sons")):
        site.sql("INSERT INTO customer (max_user_quota, name) VALUES (%s, %s)", row)
    admin = site.seed.user("admin", 1, email="admin", roles=("admin", "operator"))
    site.seed.user("Ann", 1, email="ann@example.org", roles=("admin",))
    if name in WITHOUT:
        site.sql(WITHOUT[name])
        for table in ("_user", "role", "customer"):
            site.sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    return admin.password


STATUS = "the status is "


def run_lines(site, password, folder, lines):
    """(the output of the last call of curl, its status)"""
    script = f"curl() {{ command curl -w '\\n{STATUS}%{{http_code}}\\n' \"$@\"; }}\n" + "\n".join(lines)
    environment = {**os.environ, "API": site.nginx.url, "PASSWORD": password, "TMPDIR": folder}
    output = subprocess.check_output(["bash", "-euc", script], env=environment, text=True, timeout=60)
    printed, status = output.rstrip("\n").rsplit(f"\n{STATUS}", 1)
    return re.split(rf"{STATUS}\d+\n", printed)[-1], status


def line_of(name):
    """The curl command in a part of the page, as a browser copies it."""
    part = Page(re.search(rf'(?s)<(article|div) class="item" id="{name}">.*?</\1>', TEXT).group(0))
    (line,) = [text for _, text in part.all("pre", "curl")]
    return line


def form_of(value):
    """The names in a JSON value, but not those in an event's data, which depend on its kind."""
    if isinstance(value, dict):
        return {key: None if key == "data" else form_of(each) for key, each in value.items()}
    return [form_of(each) for each in value[:1]] if isinstance(value, list) else None


@pytest.mark.parametrize("name", BY_NAME)
def test_the_line_of_an_operation_gets_the_answer_that_the_page_shows(page, example_site, folder, name):
    _, _, operation = BY_NAME[name]
    ((_, setup),) = page.all("pre", "setup")
    password = prepare(example_site, name)
    lines = [setup, line_of("login")] + ([line_of(name)] if name != "login" else [])
    printed, status = run_lines(example_site, password, folder, lines)
    wanted, answer = next((status, resolved(each)) for status, each in operation["responses"].items() if status < "400")
    assert status == wanted
    example = answer.get("content", {}).get("application/json", {}).get("example")
    if name in VARYING:
        assert form_of(json.loads(printed)) == form_of(example)
    elif example is not None:
        assert json.loads(printed) == example


@pytest.mark.parametrize("name", ["the-session", "lost-updates"])
def test_the_lines_that_are_for_every_request_work(page, example_site, folder, name):
    ((_, setup),) = page.all("pre", "setup")
    password = prepare(example_site, name)
    printed, status = run_lines(example_site, password, folder, [setup, line_of("login"), line_of(name)])
    assert status == "200" and json.loads(printed)["id"] == {"the-session": 1, "lost-updates": 2}[name]


def test_every_curl_line_of_the_page_is_run(page):
    assert len(page.all("pre", "curl")) == len(BY_NAME) + 2
    assert TEXT.count("curl -s") == len(page.all("pre", "curl")) + 1  # One of them asks for the ETag first.


def test_a_change_by_somebody_else_is_not_lost(page, example_site, folder):
    """Sends the request for this case twice with the same tag."""
    ((_, setup),) = page.all("pre", "setup")
    password = prepare(example_site, "lost-updates")
    line = line_of("lost-updates")
    _, status = run_lines(example_site, password, folder, [setup, line_of("login"), line, line.partition("\n")[2]])
    assert status == "412"
