"""The command line of an operator, on the database of a running site."""

import json
import os
import subprocess

import pytest

from . import admin
from .terminal import Terminal

CHEAP = {"USER_API_BCRYPT_COST": "4"}


class Operator:
    """Connects as the service account or, on request, as the owner of the tables."""

    def __init__(self, site):
        self.site = site

    def url(self, owner=False):
        return self.site.postgres.url(self.site.database, **({"user": "postgres"} if owner else {}))

    def run(self, *arguments, owner=False, typed="", check=True, **variables):
        """`typed` is the standard input."""
        result = subprocess.run(
            [admin.binary(), *map(os.fsencode, map(str, arguments))],
            env=admin.environment(USER_API_DATABASE_URL=self.url(owner), **{**CHEAP, **variables}),
            input=typed.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # without a terminal, even if the tests have one
            timeout=60,
            check=False,
        )
        result.stdout = result.stdout.decode()
        result.stderr = result.stderr.decode(errors="backslashreplace")
        if check:
            assert result.returncode == 0, f"user-api-admin {arguments}: {result.stderr}"
        return result

    def user(self, action, *arguments, **options):
        return self.run("user", action, *arguments, **options)

    def document(self, action, *arguments, **options):
        """The document that --json prints."""
        return json.loads(self.user(action, "--json", *arguments, **options).stdout)

    def add(self, email, *arguments, password="brand new one", **options):
        """Adds a user, by default to customer A. Returns the user."""
        if "--customer" not in arguments:
            arguments = (*arguments, "--customer", self.site.seed.a)
        return self.document(
            "add", email, "--name", "New", *arguments, USER_API_PASSWORD=password, **options
        )


@pytest.fixture
def operator(site):
    return Operator(site)


@pytest.fixture
def terminal(site):
    """Starts the program on a terminal: terminal("user", …); the site's database is the last arguments."""
    made = []

    def start(*arguments, owner=False):
        url = Operator(site).url(owner)
        made.append(Terminal([*map(str, arguments), "--database-url", url]))
        return made[-1]

    yield start
    for each in made:
        os.close(each.fd)
