"""Fixtures: one PostgreSQL for each process of the run, one site for each module, and a fresh site for tests that need one.

Set USER_API_BINARY and USER_API_ADMIN_BINARY to test programs other than those in build/."""

import ctypes
import itertools
import os
import shutil
import signal
import sys
import tempfile

import psycopg2.extensions
import psycopg2.extras
import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support import behind, processes  # noqa: E402
from support.behind.differences import reason_to_skip  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.seed import WITH_OPERATORS  # noqa: E402
from support.site import Site  # noqa: E402

LOG_TAIL_BYTES = 20000
MEMORY = "/dev/shm"
ROOM = 4 << 30
LOG_SIZES = pytest.StashKey()
CODE = pytest.StashKey()
MEASURED = []
PR_SET_PDEATHSIG = 1
# Seconds for the processes of a run to stop what they have started.
PATIENCE = 35
# Seconds for the teardown of a failed test.
TEARDOWN = 300


def pytest_configure(config):
    has_workers = config.getoption("dist", "no") != "no"

    def end(number, _):
        """Ends pytest like an interrupt, so that all processes are stopped. A SystemExit within a test would only fail
        that test. Workers of pytest-xdist end first, because pytest-xdist would kill them."""
        signal.signal(number, lambda *_: None)
        workers = processes.children_of(os.getpid()) if has_workers else []
        for pid in workers:
            os.kill(pid, signal.SIGTERM)
        processes.wait_until(lambda: not any(map(processes.is_alive, workers)), PATIENCE, "all workers have ended")
        config.stash[CODE] = 128 + number
        pytest.exit("terminated")

    # Makes psycopg2 wait in Python, where a signal can interrupt it: libpq would ignore the timeout of a test.
    psycopg2.extensions.set_wait_callback(psycopg2.extras.wait_select)
    signal.signal(signal.SIGTERM, end)
    if has_workers:
        signal.signal(signal.SIGINT, end)
    if hasattr(config, "workerinput"):
        # Ctrl-C in the terminal ends only the first process, which then ends this one. If the first process dies, this one
        # gets SIGTERM.
        signal.signal(signal.SIGINT, lambda *_: None)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def pytest_unconfigure(config):
    # Otherwise this worker and the first process would wait for each other.
    if CODE in config.stash and hasattr(config, "workerinput"):
        os._exit(config.stash[CODE])


def pytest_collection_modifyitems(items):
    # Long tests run first. Otherwise one process could start a long test last, and all others would wait for it.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        reason = reason_to_skip(behind.chosen(), item.name.partition("[")[0])
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"{behind.chosen()}: {reason}"))


def pytest_runtest_setup(item):
    item.stash[LOG_SIZES] = {process.log_path: process.log_size() for process in processes.RUNNING}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    """Limits the teardown after a failure, because pytest-timeout stops its clock at a failure."""

    def end(*_):
        pytest.fail(f"tearing down took more than {TEARDOWN} s")

    stopped = signal.getitimer(signal.ITIMER_REAL)[0] == 0
    if stopped:
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, TEARDOWN)
    yield
    if stopped:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


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


def pytest_runtest_logreport(report):
    if report.when == "teardown":
        name = report.nodeid.rpartition("::")[2]
        MEASURED.extend(f"{name}: {text}" for key, text in report.user_properties if key == "measured")


def pytest_terminal_summary(terminalreporter):
    if MEASURED:
        terminalreporter.section("measured")
        for line in MEASURED:
            terminalreporter.line(line)


@pytest.fixture
def report(request):
    """Prints a measurement of the test at the end of the run, even if the test passed: report("3 KiB")."""
    return lambda text: request.node.user_properties.append(("measured", text))


def has_room_in_memory():
    """Whether memory has room for databases and logs. There, a new database costs a tenth of one on a disk."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    room = min(found.f_bavail * found.f_frsize, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return room >= ROOM and not found.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK)


@pytest.fixture(scope="session", autouse=True)
def workspace():
    """A folder that other users may enter (the server programs of PostgreSQL do not run as root). It contains the
    temporary files of all programs, so runs do not share any."""
    folder = tempfile.mkdtemp(prefix="ua-e2e-", dir=MEMORY if has_room_in_memory() else "/tmp")
    os.chmod(folder, 0o755)
    os.mkdir(f"{folder}/tmp")
    os.chmod(f"{folder}/tmp", 0o1777)
    os.environ["TMPDIR"] = tempfile.tempdir = f"{folder}/tmp"
    yield folder
    processes.stop_everything()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_folder(workspace):
    """Makes folders with short paths, because the path of a unix socket has a limit."""
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
    """The site that the tests of one file share. They create users of their own, and do not change the seeded ones."""
    with_site = Site(postgres, new_folder()).start()
    yield with_site
    with_site.stop()


@pytest.fixture(scope="module")
def operated(postgres, new_folder):
    """Like `site`, with operators: operated.seed.olga is one, of customer A."""
    with_site = Site(postgres, new_folder(), WITH_OPERATORS).start()
    with_site.seed.olga = with_site.seed.operator("olga")
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
    """A site for one test, which may change anything in it."""
    return make_site()


@pytest.fixture
def fresh_operated(make_site):
    """Like `fresh_site`, with operators."""
    site = make_site(WITH_OPERATORS)
    site.seed.olga = site.seed.operator("olga")
    return site


@pytest.fixture(autouse=True)
def nothing_is_left_running():
    """Stops processes that a test started and did not stop, the last one first."""
    before = list(processes.RUNNING)
    yield
    for process in reversed(processes.RUNNING[:]):
        if process not in before:
            process.stop()
