"""The programs that scripts/npm-tools installs. They check OpenAPI documents and accessibility."""

import functools
import os
import subprocess

from .processes import REPOSITORY

# Debian's node, even if a version manager puts another one into the PATH.
NODE = "/usr/bin/node"
SOURCES = os.path.join(REPOSITORY, "tests", "npm")


@functools.lru_cache(maxsize=None)
def folder():
    """The folder of the tools. Installs them if they are missing."""
    made = subprocess.run(
        [f"{REPOSITORY}/scripts/npm-tools"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def program(name):
    """The beginning of a command line that runs one of them."""
    return [NODE, f"{folder()}/node_modules/.bin/{name}"]


def environment(home):
    """An environment in which the tools have only our settings, send no telemetry, and do not check for newer versions."""
    return {
        "CI": "true",
        "HOME": home,
        "NO_COLOR": "1",
        "PATH": "/usr/bin:/bin",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        "REDOCLY_TELEMETRY": "off",
    }


def run(name, *arguments, cwd):
    """Runs one in a folder, which is also its home: (exit code, output)."""
    return run_file(f"{folder()}/node_modules/.bin/{name}", *arguments, cwd=cwd)


def run_file(path, *arguments, cwd):
    """The same as run() for a file of JavaScript."""
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
