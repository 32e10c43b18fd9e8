"""Fixtures: one PostgreSQL for the run, one site a module, a fresh one where a test wants it.

Set USER_API_BINARY and USER_API_ADMIN_BINARY to test programs other than those in build/."""

import itertools
import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support import behind, processes  # noqa: E402
from support.behind.differences import reason_to_skip  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.site import Site  # noqa: E402

LOG_TAIL_BYTES = 20000
LOG_SIZES = pytest.StashKey()
MEASURED = pytest.StashKey()


def pytest_configure(config):
    config.stash[MEASURED] = []
    # Ends like an interrupt, so that what was started is stopped: pytest takes a SystemExit within a test for that
    # test's failure, and goes on.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))


def pytest_collection_modifyitems(items):
    for item in items:
        reason = reason_to_skip(behind.chosen(), item.name.partition("[")[0])
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"{behind.chosen()}: {reason}"))


def pytest_runtest_setup(item):
    item.stash[LOG_SIZES] = {process.log_path: process.log_size() for process in processes.RUNNING}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in processes.RUNNING:
            title = f"{os.path.basename(process.argv[0])}, pid {process.pid}, during this test"
            text = process.log_text(item.stash.get(LOG_SIZES, {}).get(process.log_path, 0))
            if text:
                report.sections.append((title, text[-LOG_TAIL_BYTES:]))


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[MEASURED]:
        terminalreporter.section("measured")
        for line in config.stash[MEASURED]:
            terminalreporter.line(line)


@pytest.fixture
def report(request):
    """Tells what a test measured, at the end of the run, also when it passed: report("3 KiB")."""
    return lambda text: request.config.stash[MEASURED].append(f"{request.node.name}: {text}")


@pytest.fixture(scope="session")
def workspace():
    """A folder that other users may enter (the server programs of PostgreSQL do not run as root)."""
    folder = tempfile.mkdtemp(prefix="ua-e2e-", dir="/tmp")
    os.chmod(folder, 0o755)
    yield folder
    processes.stop_everything()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_folder(workspace):
    """Makes folders with short paths, for the sake of unix sockets."""
    numbers = itertools.count(1)

    def make():
        folder = os.path.join(workspace, str(next(numbers)))
        os.mkdir(folder, 0o755)
        return folder

    return make


@pytest.fixture
def folder(new_folder):
    return new_folder()


@pytest.fixture(scope="session")
def postgres(new_folder):
    server = Postgres(new_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site(postgres, new_folder):
    """Shared by the tests of one file: they make users of their own and leave the seeded ones as they are."""
    with_site = Site(postgres, new_folder()).start()
    yield with_site
    with_site.stop()


@pytest.fixture
def make_site(postgres, new_folder):
    """Makes sites with settings of their own: make_site({"USER_API_…": …}, workers=2)."""
    made = []

    def make(settings=None, **options):
        made.append(Site(postgres, new_folder(), settings, **options))
        return made[-1].start()

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def fresh_site(make_site):
    """A site that one test may spoil."""
    return make_site()


@pytest.fixture(autouse=True)
def nothing_is_left_running():
    """Stops what a test started itself and did not stop, last first."""
    before = list(processes.RUNNING)
    yield
    for process in reversed(processes.RUNNING[:]):
        if process not in before:
            process.stop()
