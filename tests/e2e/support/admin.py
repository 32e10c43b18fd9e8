"""The operator's command line, run as an operator would."""

import os
import subprocess

from .processes import REPOSITORY


def binary():
    default = os.path.join(REPOSITORY, "build", "user-api-admin")
    return os.path.abspath(os.environ.get("USER_API_ADMIN_BINARY") or default)


def environment(**variables):
    """The environment without variables of this project and of libpq, and without the host's settings in /etc, plus
    `variables`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("USER_API_", "PG"))}
    return {**kept, "USER_API_CONFIG": "", **variables}


def run(*arguments, check=True, timeout=240, **variables):
    """Runs user-api-admin. Returns the finished process with its output as text."""
    result = subprocess.run(
        [binary(), *map(str, arguments)],
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=False,
    )
    if check:
        assert result.returncode == 0, f"user-api-admin {' '.join(map(str, arguments))}: {result.stderr}"
    return result


def migrate_up(url):
    run("migrate", "up", "--database-url", url)
