"""docs/api.md: its tables match the program's, and its curl commands print what the page shows."""

import json
import os
import re
import subprocess

import pytest
from support import admin as command_line
from support.pool import binary
from support.processes import REPOSITORY

PRINT = os.path.join(os.path.dirname(binary()), "tests", "tools", "print_api")
END_OF_OUTPUT = "end of this output"


def read_page():
    with open(os.path.join(REPOSITORY, "docs", "api.md"), encoding="utf-8") as page:
        return page.read()


PAGE = read_page()


@pytest.fixture(scope="module")
def program():
    """The tables that the library was built with."""
    return json.loads(subprocess.run([PRINT], check=True, stdout=subprocess.PIPE).stdout)


def section(title):
    """The text under a heading, up to the next heading of the same or a higher level."""
    marks, rest = re.search(rf"(?ms)^(#+) {re.escape(title)}\n(.*)", PAGE).groups()
    return re.split(rf"(?m)^#{{1,{len(marks)}}} ", rest)[0]


def rows(text, *header):
    """The cells of the table whose header begins with these titles."""
    table = re.search(r"(?m)^\| " + re.escape(" | ".join(header)) + r" .*\n\|[-|]+\n((?:\|.*\n)+)", text)
    assert table, f"no table {header}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group(1).splitlines()]


def endpoints():
    """{(method, path): (who, title of the section)}"""
    titles = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-"): each for each in re.findall(r"(?m)^#+ (.*)$", PAGE)}
    found = {}
    for request, who, success in rows(section("Endpoints"), "request", "who", "success"):
        method, path = re.fullmatch(r"`?(any method|[A-Z]+) `?(/[^`]*)`", request).groups()
        found[method.split()[0], path] = (who.strip("`"), titles[re.search(r"\(#(.*)\)", success).group(1)])
    return found


def examples():
    """(command, what the page shows) of every console block, in the page's order."""
    found = []
    for block in re.findall(r"(?ms)^```console\n(.*?)^```$", PAGE):
        for line in block.splitlines(keepends=True):
            if line.startswith("$ "):
                found.append((line[2:], ""))
            else:
                found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def matches(shown, printed):
    """Whether the output matches the page. In the page, … stands for any text, and `exp` may differ."""
    pattern = re.escape(shown).replace("…", ".+")
    return re.fullmatch(re.sub(r'"exp":\d+', r'"exp":\\d+', pattern), printed) is not None


@pytest.fixture
def printed(make_site, folder):
    """What each command of the page prints on a site as `scripts/run` makes it."""
    site = make_site({"USER_API_OPERATOR_ROLE": "operator", "USER_API_PASSWORD_COMMON": "refuse", "USER_API_METRICS": "on"})
    site.sql("TRUNCATE customer, role, _user RESTART IDENTITY CASCADE")
    site.sql("INSERT INTO role (code, name) VALUES ('admin', 'Admin')")
    site.sql("INSERT INTO role (code, name, assignable) VALUES ('operator', 'Operator', false)")
    admin = site.seed.user("admin", site.seed.customer(), email="admin", roles=("admin", "operator"))
    script = "".join(f"{command}printf '{END_OF_OUTPUT}\\n'\n" for command, _ in examples())
    environment = {
        **os.environ,
        "API": site.nginx.url,
        "PASSWORD": admin.password,
        "PATH": f"{os.path.dirname(command_line.binary())}:{os.environ['PATH']}",
        "USER_API_CONFIG": site.pool.config_path,
    }
    checkout = os.path.join(folder, "checkout")
    os.mkdir(checkout)
    output = subprocess.check_output(["bash", "-c", script], cwd=checkout, env=environment, text=True, timeout=120)
    assert os.listdir(checkout) == [], "no session is left where the commands are typed"
    return output.replace("\r\n", "\n").split(f"{END_OF_OUTPUT}\n")[:-1]


def test_every_command_prints_what_the_page_shows(printed):
    assert len(printed) == len(examples())
    for (command, shown), output in zip(examples(), printed):
        assert matches(shown, output), f"{command}prints\n{output}and the page shows\n{shown}"


def test_the_endpoints_are_the_routes(program):
    routes = {(each["method"], each["path"].replace("<int:", "<")): ", ".join(each["access"]) for each in program["routes"]}
    assert {request: who for request, (who, _) in endpoints().items()} == routes


def test_the_fields_and_arguments_of_an_endpoint_are_those_it_checks(program):
    for route in program["routes"]:
        request = (route["method"], route["path"].replace("<int:", "<"))
        text = section(endpoints()[request][1])
        if route["payload"]:
            table = rows(text, "field", "type", "required")
            required = {name: field["required"] for name, field in route["payload"].items()}
            assert {row[0].strip("`"): row[2] == "yes" for row in table} == required, request
        if route["arguments"]:
            assert {row[0].strip("`") for row in rows(text, "argument", "type", "default")} == set(route["arguments"]), request


def test_every_endpoint_has_a_curl_line():
    called = set()
    for command, _ in examples():
        for address in re.findall(r"\$API(/[^\s\"|?]*)", command):
            method = re.search(r"-X ([A-Z]+)", command)
            method = method.group(1) if method else "POST" if " -d " in command else "GET"
            called.add((method, re.sub(r"/\d+(?=/|$)", "/<id>", address)))
    for method, path in endpoints():
        assert ("GET" if method == "any" else method, path) in called, f"{method} {path}"


# No request gets this answer.
NEVER_ANSWERED = {"LENGTH_REQUIRED"}


def test_the_errors_are_those_the_program_answers(program):
    expected = set()
    for each in program["errors"]:
        body = json.loads(each["body"])
        headers = ", ".join(f"{name}: {value}" for name, value in each["headers"].items())
        if body["error_code"] not in NEVER_ANSWERED:
            expected.add((str(each["status"]), body["error_code"], body["message"], headers))
    table = rows(section("Errors"), "status", "error_code", "message", "carries")
    assert {tuple(cell.strip("`") for cell in row) for row in table} == expected


def is_shown(text):
    """Whether an output on the page contains the text, with a value in place of each <…>."""
    pattern = re.sub(r"<\w+>", ".+?", re.escape(f'"{text}"'))
    return any(re.search(pattern, shown) for _, shown in examples())


def test_the_messages_of_single_endpoints_and_the_sentences_of_validation_are_shown():
    messages = [row[1] for row in rows(section("Errors"), "status", "message", "endpoint")]
    sentences = [row[0] for row in rows(section("Validation"), "sentence", "meaning")]
    for text in messages + sentences:
        assert is_shown(text.strip("`")), text
