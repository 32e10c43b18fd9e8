"""Installations by `user-api-admin init`: a database and a service account with unique names."""

import itertools
import json
import os

from . import admin
from .crypt import crypt

PASSWORD = "correct horse battery"
OPERATOR_PASSWORD = "the operator's own"


class Installation:
    """A database and a service account with unique names, and `init` for them."""

    numbers = itertools.count(1)

    def __init__(self, server, folder):
        number = next(self.numbers)
        self.server = server
        self.database = f"installation_{number}"
        self.account = f"account_{number}"
        self.url = server.url("postgres", "operator", OPERATOR_PASSWORD)
        self.env_file = os.path.join(folder, "user-api.env")

    def arguments(self, *arguments):
        """The arguments of `init`, with the names of this installation and a cheap hash."""
        names = ["--database", self.database, "--service-account", self.account]
        return [*arguments, *names, "--bcrypt-cost", "4"]

    def init(self, *arguments, password=PASSWORD, **options):
        if password is not None:
            options["USER_API_ADMIN_PASSWORD"] = password
        return admin.run("init", *self.arguments(*(arguments or (self.url,))), **options)

    def init_with_settings(self, *arguments, **options):
        return self.init(self.url, "--write-env", self.env_file, *arguments, **options)

    def operator_url(self):
        return self.server.url(self.database, "operator", OPERATOR_PASSWORD)

    def operate(self, *arguments, **options):
        """Runs a command on this database as the owner of its tables."""
        return admin.run(*arguments, **{"USER_API_DATABASE_URL": self.operator_url(), **options})

    def ask(self, *arguments, **options):
        """The document that the command prints with --json."""
        return json.loads(self.operate(*arguments, "--json", **options).stdout)

    def settings(self):
        with open(self.env_file, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line and line[0] != "#")

    def sql(self, statement, params=None):
        return self.server.execute(statement, params, database=self.database)

    def exists(self):
        return bool(self.server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self.database,)))

    def verifier(self):
        rows = self.server.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (self.account,))
        return rows[0][0] if rows else None

    def admin_row(self):
        return self.sql("SELECT id, email, name, active, hash, salt, epoch, customer_id FROM _user")

    def accepts(self, password):
        ((_, _, _, _, stored, salt, _, _),) = self.admin_row()
        return crypt(password, salt) == stored


def assert_one_line(result, *parts, code=1):
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith("user-api-admin: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr
