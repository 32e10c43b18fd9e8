"""What scripts/npm-tools installs: programs that know OpenAPI and the rules of accessibility better than we do."""

import functools
import os
import subprocess

from .processes import REPOSITORY

# Debian's, whatever a version manager puts on the path.
NODE = "/usr/bin/node"
SOURCES = os.path.join(REPOSITORY, "tests", "npm")


@functools.lru_cache(maxsize=None)
def folder():
    """Where they are, installed now or earlier."""
    made = subprocess.run(
        [f"{REPOSITORY}/scripts/npm-tools"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def program(name):
    """The command line that begins with one of them."""
    return [NODE, f"{folder()}/node_modules/.bin/{name}"]


def environment(home):
    """In which they have no settings but ours, send no telemetry, and ask nobody for newer versions."""
    return {
        "CI": "true",
        "HOME": home,
        "NO_COLOR": "1",
        "PATH": "/usr/bin:/bin",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        "REDOCLY_TELEMETRY": "off",
    }


def run(name, *arguments, cwd):
    """Runs one in a folder, which is also its home: (exit code, what it printed)."""
    return run_file(f"{folder()}/node_modules/.bin/{name}", *arguments, cwd=cwd)


def run_file(path, *arguments, cwd):
    """The same for a file of JavaScript."""
    done = subprocess.run(
        [NODE, path, *arguments],
        cwd=cwd,
        env=environment(str(cwd)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
