"""user-api-admin: how every command behaves, mainly when something is wrong."""

import os
import re
import shlex
import subprocess

import pytest

from support import admin
from support.installation import OPERATOR_PASSWORD, assert_one_line

pytest_plugins = ["support.installation_fixtures"]


def test_version_is_the_projects():
    assert re.fullmatch(r"user-api-admin \d+\.\d+\.\d+\n", admin.run("--version").stdout)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands(arguments):
    output = admin.run(*arguments).stdout
    for command in ("init", "migrate", "help"):
        assert re.search(rf"^  {command} ", output, re.M)


@pytest.mark.parametrize("command", ["init", "migrate", "help"])
def test_every_command_has_help_of_its_own(command):
    output = admin.run("help", command).stdout
    assert output.startswith(f"usage: user-api-admin {command}")
    assert admin.run(command, "--help").stdout == output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["--frobnicate"],
        ["help", "frobnicate"],
        ["help", "init", "migrate"],
        ["init"],
        ["init", "--frobnicate", "postgresql://h/d"],
        ["init", "--database"],
        ["init", "--yes=1"],
        ["init", "--database", "a", "--database", "b"],
        ["init", "postgresql://h/d", "--database-url", "postgresql://h/d"],
        ["init", "a", "b", "c", "d"],
        ["migrate"],
        ["migrate", "sideways"],
        ["migrate", "up", "postgresql://h/d", "more"],
        ["migrate", "postgresql://h/d", "up"],
    ],
)
def test_a_command_line_that_is_not_understood_is_one_line_and_exit_code_2(arguments):
    result = admin.run(*arguments, check=False)
    assert_one_line(result, code=2)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments, meant",
    [
        (["initt"], "init"),
        (["users", "list"], "user"),
        (["user-add"], "user add"),
        (["help", "doctr"], "doctor"),
        (["customer", "lsit"], "list"),
        (["user", "deactivat"], "deactivate"),
        (["migrate", "statsu"], "status"),
        (["user", "list", "--jsno"], "--json"),
        (["import", "x.csv", "--skipbad"], "--skip-bad"),
        (["init", "--database-ulr=postgresql://u:geheim@h/d"], "--database-url"),
        (["frobnicate"], None),
        (["customer", "frobnicate"], None),
        (["customer", "list", "--frobnicate"], None),
    ],
)
def test_a_mistyped_word_is_answered_with_the_one_that_was_meant(arguments, meant):
    result = admin.run(*arguments, check=False)
    assert_one_line(result, f": did you mean {meant}?" if meant else "unknown", code=2)
    assert meant or "did you mean" not in result.stderr
    assert "geheim" not in result.stderr


def test_a_failure_is_one_line_whatever_is_in_it():
    assert_one_line(admin.run("init\nuser-api-admin: all is well\x1b[2J", check=False), code=2)


def test_a_full_disk_is_noticed():
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run(
            [admin.binary(), "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
    assert_one_line(result, "standard output")


def test_the_database_comes_from_the_environment_or_a_file(installed, folder):
    url = installed.server.url(installed.database, "operator", OPERATOR_PASSWORD)
    path = os.path.join(folder, "url")
    with open(path, "w", encoding="utf-8") as file:
        file.write(url + "\n")
    expected = admin.run("migrate", "status", url).stdout
    assert admin.run("migrate", "status", USER_API_DATABASE_URL=url).stdout == expected
    assert admin.run("migrate", "status", USER_API_DATABASE_URL_FILE=path).stdout == expected
    assert admin.run("migrate", "status", "--database", installed.database, installed.url).stdout == expected


def examples():
    """The example command line in each command's help, split into words."""
    listed = admin.run("--help").stdout
    names = re.findall(r"(?m)^  ([a-z][a-z-]*(?: [a-z][a-z-]*)?)  ", listed)
    shown = [admin.run("help", *name.split()).stdout.partition("\nExample:\n")[2] for name in names]
    assert len(shown) > 20
    return [shlex.split(text.replace("\\\n", "")) for text in shown]


def test_every_example_of_help_is_a_command_line_that_is_understood():
    for program, *words in examples():
        assert program == "user-api-admin"
        here = [re.sub(r"^(postgresql|mysql)://(\w+)@[\w.]+", r"\1://\2@127.0.0.1:1", word) for word in words]
        result = admin.run(
            *here,
            check=False,
            USER_API_DATABASE_URL="postgresql://ann@127.0.0.1:1/user_api",
            USER_API_JWT_SECRET="of no service, and thirty-two bytes long",
            USER_API_ADMIN_PASSWORD="correct horse battery",
        )
        # The server and the files do not exist, but the command line itself is valid.
        assert result.returncode == (0 if words[0] in ("help", "completion") else 1), (words, result.stderr)
