"""Fixtures of the tests of changes by SQL: a database for all tests of a file, and one for tests that may change anything."""

import pytest

from .sql_changes import Changed


@pytest.fixture(scope="module")
def changed(postgres):
    made = Changed(postgres)
    yield made
    made.drop()


@pytest.fixture
def own(postgres):
    made = Changed(postgres)
    yield made
    made.drop()
