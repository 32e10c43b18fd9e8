"""docs/operating.md: what the commands about customers, roles and operators print, in a new installation."""

import os
import re
import subprocess

import pytest
from support import admin
from support.installation import Installation
from support.pool import binary
from support.processes import REPOSITORY

pytest_plugins = ["support.installation_fixtures"]

SETTINGS = "/etc/user-api/user-api.conf"
# A reload needs a service: tests/e2e/test_pool.py reloads one.
NOT_RUN = ("export USER_API_DATABASE_URL=", "systemctl reload user-api")


def commands(title):
    """(command, output) of the section's console blocks, in their order."""
    with open(os.path.join(REPOSITORY, "docs", "operating.md"), encoding="utf-8") as file:
        text = file.read().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"(?s)```console\n(.*?)```", text):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            if not command.startswith(NOT_RUN):
                yield command, output


@pytest.mark.parametrize("title, count", [("Customers", 5), ("Roles", 3), ("Operators", 5)])
def test_the_commands_print_what_the_page_shows(server, folder, title, count):
    made = Installation(server, folder)
    made.init_with_settings()
    secret = os.path.join(folder, "olga")
    with open(secret, "w", encoding="ascii") as file:
        file.write("correct horse battery staple\n")
    places = {
        "/run/secrets/olga": secret,
        SETTINGS: made.env_file,
        "postgresql://postgres@/user_api": f"'{made.operator_url()}' --config '{made.env_file}' --service-account {made.account}",
        "sudo ": "",
    }
    programs = f'user-api-admin() {{ "{admin.binary()}" "$@"; }}; user-api() {{ "{binary()}" "$@"; }}; '
    done = 0
    for command, output in commands(title):
        for written, real in places.items():
            command = command.replace(written, real)
        variables = {} if command.startswith("user-api ") else {"USER_API_DATABASE_URL": made.operator_url()}
        ran = subprocess.run(
            ["bash", "-c", programs + command],
            env=admin.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.stdout, ran.returncode) == (output, output.startswith("user-api-admin: ")), command
        done += 1
    assert done == count
