"""Fixtures of the tests of `user-api-admin import-mysql`. It is a plugin: tests name it in `pytest_plugins`."""

import pytest

from .mariadb import MariaDB
from .mysql_original import MySQLOriginal
from .original import ours
from .service import Service


@pytest.fixture(scope="session")
def mysql(new_folder):
    server = MariaDB(new_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def target(postgres):
    made = ours(postgres)
    yield made
    made.drop()


@pytest.fixture
def make_source(mysql):
    made = []

    def make(*arguments, **options):
        made.append(MySQLOriginal(mysql, *arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.drop()


@pytest.fixture
def source(make_source):
    return make_source()


@pytest.fixture
def serve(new_folder):
    made = []

    def start(database, **settings):
        made.append(Service(database, new_folder(), **settings))
        return made[-1]

    yield start
    for each in made:
        each.nginx.stop()
        assert each.pool.terminate() == 0
        each.pool.log_lines()
        each.pool.stop()
