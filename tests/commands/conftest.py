"""Fixtures: folders and runs of scripts/run. Ports and the end of a run are as in the end-to-end tests."""

import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from running import Run  # noqa: E402 - needs the path above


def pytest_configure():
    # Ends pytest like an interrupt, so that all processes are stopped.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))


@pytest.fixture(scope="session")
def folder():
    made = tempfile.mkdtemp(prefix="ua-run-", dir="/tmp")
    os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def new_folder(folder):
    return tempfile.mkdtemp(dir=folder)


@pytest.fixture(scope="session")
def running(folder):
    os.mkdir(f"{folder}/shared", 0o755)
    run = Run(f"{folder}/shared").up()
    yield run
    run.stop()


@pytest.fixture
def start(new_folder):
    """Starts runs that are stopped when the test ends."""
    made = []

    def make(*arguments, **options):
        made.append(Run(new_folder, *arguments, **options))
        return made[-1]

    os.chmod(new_folder, 0o755)
    yield make
    for run in made:
        run.stop()
