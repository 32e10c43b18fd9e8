"""Settings of the session table: the program explains a wrong value in plain words before it starts."""

import os
import tempfile

import pytest
from support.pool_peers import inheriting

URLS = [
    "postgresql://usr:hunter2/x@db/user_api",
    "postgresql://usr:hunter2%zz@db/user_api",
    "host=db password=a hunter2",
    "mysql://usr:hunter2@db/user_api",
    "hunter2",
]


def run(folder, *arguments, **settings):
    """(exit code, output)"""
    process = inheriting(tempfile.mkdtemp(dir=folder), {"USER_API_BCRYPT_COST": "12", **settings}, arguments)
    return process.wait(), process.log_text()


@pytest.mark.parametrize("arguments", [["--check-config"], []])
@pytest.mark.parametrize(
    "name, least, most",
    [
        ("USER_API_SESSION_TABLE_MIB", 0, 4096),
        ("USER_API_SESSION_STALENESS_MS", 200, 60000),
        ("USER_API_SESSION_GRACE_SECONDS", 0, 86400),
    ],
)
def test_a_number_beyond_its_bounds_is_refused_and_the_bounds_are_said(folder, arguments, name, least, most):
    for value in (least - 1, most + 1, "16M", "1.5", "on"):
        code, said = run(folder, *arguments, **{name: str(value)})
        assert (code, said.count("\n")) == (2, 1), said
        assert said.startswith(f"user-api: {name}: must be a whole number from {least} to {most}"), said
    for value in (least, most):
        assert run(folder, "--check-config", **{name: str(value)})[0] == 0


@pytest.mark.parametrize("arguments", [["--check-config"], []])
@pytest.mark.parametrize("url", URLS)
def test_a_url_to_listen_at_that_cannot_be_used_is_refused_and_not_repeated(folder, arguments, url):
    code, said = run(folder, *arguments, USER_API_SESSION_LISTEN_URL=url)
    assert (code, said.count("\n")) == (2, 1), said
    assert said.startswith("user-api: USER_API_SESSION_LISTEN_URL: the database URL "), said
    assert "hunter2" not in said


def test_a_url_in_a_file_is_judged_like_any_other(folder):
    path = os.path.join(folder, "listen-url")
    with open(path, "w", encoding="ascii") as file:
        file.write("postgresql://usr:hunter2/x@db/user_api\n")
    code, said = run(folder, "--check-config", USER_API_SESSION_LISTEN_URL_FILE=path)
    assert code == 2 and "USER_API_SESSION_LISTEN_URL: the database URL " in said and "hunter2" not in said
    with open(path, "w", encoding="ascii") as file:
        file.write("postgresql://usr:hunter2@db/user_api\n")
    code, said = run(folder, "--check-config", USER_API_SESSION_LISTEN_URL_FILE=path)
    assert code == 0 and "hunter2" not in said
