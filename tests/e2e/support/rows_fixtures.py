"""Fixtures of the tests of `user-api-admin import` and `export`: databases, and the name of a file in each format."""

import pytest

from .rows import Target


@pytest.fixture
def target(postgres, folder):
    made = Target(postgres, folder)
    yield made
    made.drop()


@pytest.fixture
def other(postgres, new_folder):
    made = Target(postgres, new_folder())
    yield made
    made.drop()


@pytest.fixture(params=["jsonl", "csv"])
def name(request):
    return f"users.{request.param}"
