"""An import from MySQL that fails for any reason leaves no trace and no secret."""

import contextlib
import glob
import os
import signal
import stat

import pytest
from support import admin, mariadb
from support.mysql_import import people, run, state
from support.processes import Process, children_of, is_alive, wait_until

pytestmark = pytest.mark.long

pytest_plugins = ["support.mysql_fixtures"]

# Seconds. pgloader starts slowly on a busy machine, and the wait for it must not end the import.
STALL = 90


def test_wrong_ways_are_told_in_one_line_and_change_nothing(mysql, source, target, folder):
    before, temporary = state(target), {"TMPDIR": folder}
    ways = {
        mysql.url(source.name, "guess"): "Access denied",
        mysql.url("no_such_database"): "no_such_database",
        mysql.url("mysql"): "the source has none of the original's tables",
    }
    for url, words in ways.items():
        said = run(source, target, code=1, USER_API_MYSQL_URL=url, **temporary)
        assert said.stderr.startswith("user-api-admin: nothing was changed: ") and words in said.stderr
        assert len(said.stderr.splitlines()) == 1 and "guess" not in said.stderr
    assert state(target) == before
    assert os.listdir(folder) == []


def test_without_pgloader_it_names_the_package(source, target, folder):
    before = state(target)
    said = run(source, target, code=1, PATH=folder)
    assert "pgloader is not installed (Debian's package pgloader)" in said.stderr
    assert state(target) == before


@pytest.mark.parametrize(
    "complaint, shown",
    [
        ('Database error 22P02: invalid input syntax for type bigint: "geheim"', "pgloader: Database error 22P02\n"),
        ('The value "geheim" is not of type NUMBER', "pgloader: a value\n"),
        ("Database error 3D000: database does not exist", "pgloader: Database error 3D000: database does not exist\n"),
    ],
)
def test_what_pgloader_quotes_of_a_row_is_not_repeated(source, target, folder, complaint, shown):
    program = os.path.join(folder, "pgloader")
    with open(program, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\necho '2026-01-01T00:00:00.0Z ERROR {complaint}'\n")
    os.chmod(program, 0o755)
    said = run(source, target, code=1, PATH=f"{folder}:{os.environ['PATH']}")
    assert said.stderr.endswith(shown) and "geheim" not in said.stderr


def test_a_target_that_is_not_migrated_is_refused(source, postgres):
    name = postgres.create_database(migrated=False)
    url = postgres.url(name, "postgres")
    said = admin.run("import-mysql", source.url, url, check=False)
    assert said.returncode == 1 and "no User API schema" in said.stderr
    admin.migrate_up(url)
    admin.run("migrate", "down", url)
    assert "user-api-admin migrate" in admin.run("import-mysql", source.url, url, check=False).stderr
    postgres.drop_database(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["mysql://u:geheim@h:x/d", "x"],
        ["postgresql://u:geheim@h/d", "x"],
        ["mysql://u:geheim@h/d?colour=red", "x"],
        ["mysql://u:1/geheim@h", "x"],
        ["mysql://u:geheim@h/d", "x", "--mysql-url", "mysql://h/d"],
        ["mysql://u:geheim@h/d", "x", "--customer", "0"],
        ["mysql://u:geheim@h/d", "x", "--stall", "0"],
        ["mysql://u:geheim@h/d", "x", "--stall", "86401"],
        ["mysql://u:geheim@h/d", "x", "--stall", "soon"],
        [],
    ],
)
def test_a_wrong_command_line_is_refused_without_repeating_it(arguments):
    said = admin.run("import-mysql", *arguments, check=False)
    assert said.returncode == 2 and len(said.stderr.splitlines()) == 1
    assert "geheim" not in said.stderr


class Held:
    """An import whose pgloader waits for a locked table."""

    def __init__(self, source, target, folder, *arguments):
        self.source = source
        self.process = Process(
            [admin.binary(), "import-mysql", "--database-url", target.url, *arguments],
            env=admin.environment(USER_API_MYSQL_URL=source.url, TMPDIR=folder),
            log_path=os.path.join(folder, "output"),
        )
        with contextlib.ExitStack() as held:
            held.enter_context(source.server.locked(source.name, "_user"))
            held.callback(self.process.stop)
            self.process.start()
            self.loader = wait_until(lambda: children_of(self.process.pid), 30, "pgloader runs")[0]
            waits = "SELECT 1 FROM information_schema.processlist WHERE user = 'original' AND state LIKE 'Waiting for%'"
            wait_until(lambda: source.server.run(waits), STALL, "pgloader waits for the table")
            self.locked = held.pop_all()

    def release(self):
        self.locked.close()

    def end(self, patience=2 * STALL):
        code = self.process.wait(patience)
        self.release()
        wait_until(lambda: not is_alive(self.loader), 20, "pgloader has ended")
        return code, self.process.log_text()


@pytest.fixture
def hold(source, target, folder):
    made = []

    def start(*arguments):
        made.append(Held(source, target, folder, *arguments))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.release()


def kill_loader(held, target):
    os.kill(held.loader, signal.SIGKILL)


def kill_mysql_sessions(held, target):
    sessions = held.source.server.sessions()
    assert sessions
    for session in sessions:
        killed = held.source.server.client("-e", f"KILL {session}")
        # A session may have ended since it was listed.
        assert killed.returncode == 0 or b"Unknown thread id" in killed.stderr, killed.stderr


def end_target_sessions(held, target):
    target.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        (target.name,),
    )


@pytest.mark.parametrize("accident", [kill_loader, kill_mysql_sessions, end_target_sessions])
def test_an_accident_while_it_loads_leaves_no_trace(hold, target, folder, accident):
    before = state(target)
    held = hold("--stall", str(STALL))
    accident(held, target)
    # After a session is lost, pgloader may wait forever.
    code, said = held.end()
    assert code == 1 and said.startswith("user-api-admin: nothing was changed: "), said
    assert state(target) == before
    assert glob.glob(os.path.join(folder, "user-api-admin-*")) == []


def test_a_load_that_brings_nothing_is_given_up_when_its_time_is_over(source, target, folder):
    before = state(target)
    with source.server.locked(source.name, "_user"):
        said = run(source, target, "--stall", "2", code=1, TMPDIR=folder)
    assert said.stderr == "user-api-admin: nothing was changed: pgloader has loaded nothing for 2 seconds (see --stall)\n"
    assert state(target) == before
    assert os.listdir(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_pgloader_and_leaves_no_trace(hold, target, folder, number):
    before = state(target)
    held = hold()
    held.process.signal(number)
    code, said = held.end()
    assert code == -number and "interrupted" in said
    assert state(target) == before
    assert glob.glob(os.path.join(folder, "user-api-admin-*")) == []


def test_whoever_is_killed_takes_pgloader_along_and_the_next_run_cleans_up(hold, source, target):
    rows = target.rows()
    held = hold()
    held.process.kill()
    held.release()
    wait_until(lambda: not is_alive(held.loader), 20, "pgloader has ended")
    assert target.rows() == rows
    left = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'user_api_import_%'"
    assert len(target.sql(left)) == 1
    run(source, target)
    assert target.sql(left) == [] and people(target) == source.people()


def test_passwords_are_in_no_argument_and_files_in_a_private_folder(hold, source, folder):
    held = hold()
    for pid in (held.process.pid, held.loader):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read()
        assert mariadb.PASSWORD.encode() not in words and source.url.encode() not in words
    (scratch,) = glob.glob(os.path.join(folder, "user-api-admin-*"))
    assert stat.S_IMODE(os.stat(scratch).st_mode) == 0o700
    for path in glob.glob(os.path.join(scratch, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                assert mariadb.PASSWORD.encode() not in file.read(), path
    held.process.signal(signal.SIGTERM)
    held.end()
