"""Fixtures of the tests of `user-api-admin init`. It is a plugin: tests name it in `pytest_plugins`."""

import os

import pytest

from .installation import OPERATOR_PASSWORD, Installation
from .postgres import Postgres
from .terminal import Terminal

HBA = """
local all postgres              trust
local all all                   scram-sha-256
host  all all      127.0.0.1/32 scram-sha-256
"""


@pytest.fixture(scope="session")
def server(new_folder):
    """A server that asks for passwords and logs every statement. `operator` may only create databases and roles."""
    cluster = Postgres(new_folder(), {"log_statement": "all", "log_parameter_max_length": "-1"})
    with open(os.path.join(cluster.data, "pg_hba.conf"), "w", encoding="ascii") as file:
        file.write(HBA)
    cluster.start()
    cluster.execute("CREATE ROLE operator LOGIN CREATEDB CREATEROLE PASSWORD %s", (OPERATOR_PASSWORD,))
    yield cluster
    cluster.stop()


@pytest.fixture
def installation(server, folder):
    return Installation(server, folder)


@pytest.fixture(scope="session")
def installed(server, new_folder):
    """An installation for tests that change nothing."""
    made = Installation(server, new_folder())
    made.init_with_settings()
    return made


@pytest.fixture
def terminal():
    """Starts the program on a terminal: terminal("init", …)."""
    made = []

    def start(*arguments):
        made.append(Terminal(arguments))
        return made[-1]

    yield start
    for each in made:
        os.close(each.fd)
