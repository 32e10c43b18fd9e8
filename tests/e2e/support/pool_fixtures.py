"""Fixtures of the tests of the pool. It is a plugin: tests name it in `pytest_plugins`."""

import os
import socket

import pytest

from .nginx import Nginx
from .pool import Pool
from .pool_peers import SETTINGS, SilentDatabase


@pytest.fixture
def make_pool(folder):
    """Makes pools that are stopped at the end: make_pool({"USER_API_…": …}, workers=2)."""

    def make(settings=None, **options):
        return Pool(folder, {**SETTINGS, **(settings or {})}, **options)

    return make


@pytest.fixture
def pool(make_pool):
    return make_pool().start()


@pytest.fixture
def nginx(folder, pool):
    server = Nginx(os.path.join(folder, "nginx"), pool.address)
    server.start()
    return server


@pytest.fixture
def database(folder):
    """A database that never answers. Its `settings` are for a pool."""
    silent = SilentDatabase(folder)
    yield silent
    silent.let_go()


@pytest.fixture
def listener(folder):
    """A listening socket that another program passes to user-api."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(f"{folder}/inherited.sock")
        bound.listen(64)
        yield bound
