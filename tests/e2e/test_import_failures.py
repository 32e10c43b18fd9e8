"""`user-api-admin import` and `export` that fail: quotas, rights, signals, a lost database."""

import os
import signal
import subprocess

import pytest
from support import admin
from support.processes import wait_until
from support.rows import Target, as_csv, as_jsonl, user
from support.rows_fixtures import target  # noqa: F401
from support.terminal import Terminal


# --- quotas ---


def test_a_quota_holds_where_quotas_are_enforced(target):
    target.sql("UPDATE customer SET max_user_quota = 3 WHERE id = 2")
    target.load([user(1), user(4)], USER_API_ENFORCE_QUOTA="on")
    before = target.state()
    for way in ((), ("--skip-bad",), ("--exclusive",)):
        result = target.load([user(7), user(10), user(2)], *way, code=1, USER_API_ENFORCE_QUOTA="on")
        assert "nothing was changed: customer 2 would have 4 users, and may have 3" in result.stderr
        assert target.state() == before
    target.load([user(7), user(2)], USER_API_ENFORCE_QUOTA="on")
    target.load([user(10)])
    assert len(target.users()) == 5


# --- rights ---


def test_an_owner_who_is_no_superuser_gets_the_same(postgres, target, new_folder):
    other = Target(postgres, new_folder())
    postgres.execute("CREATE ROLE plain_owner LOGIN")
    other.sql("GRANT CREATE ON SCHEMA public TO plain_owner")
    tables = "customer", "_user", "role", "user_has_role", "schema_spec", "schema_migrations", "revoked_token", "failed_login"
    for table in (*tables, "deleted_user"):
        other.sql(f"ALTER TABLE {table} OWNER TO plain_owner")
    documents = [user(number) for number in range(1, 50)] + [user(60, id=None)]
    target.load(documents)
    for way in ((), ("--exclusive",)):
        url = postgres.url(other.database.name, "plain_owner")
        result = admin.run("import", other.write(documents), "--database-url", url, *way, check=False)
        assert result.returncode == 0, result.stderr
        assert other.users() == target.users()
        other.sql("DELETE FROM user_has_role")
        other.sql("DELETE FROM _user")
        other.sql("DELETE FROM deleted_user")
        other.sql("ALTER SEQUENCE _user_id_seq RESTART")
    other.drop()
    postgres.execute("DROP ROLE plain_owner")


def test_triggers_of_the_operators_own_fire(target):
    target.sql("CREATE TABLE seen (id integer)")
    target.sql(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO seen VALUES (NEW.id); RETURN NEW; END'"
    )
    target.sql("CREATE TRIGGER note AFTER INSERT ON _user FOR EACH ROW EXECUTE FUNCTION note()")
    target.load([user(3), user(4)])
    assert target.sql("SELECT id FROM seen ORDER BY id") == [(3,), (4,)]


# --- signals, and a lost database ---


class Running:
    """An import that reads from a pipe, and has read some of it."""

    def __init__(self, target):
        self.target = target
        self.process = subprocess.Popen(
            [admin.binary(), "import", "-"],
            env=admin.environment(USER_API_DATABASE_URL=target.url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.feed(range(1000, 4000))
        wait_until(lambda: self.sessions("AND query LIKE 'COPY%%' AND state = 'active'"), what="the COPY runs")

    def feed(self, numbers):
        self.process.stdin.write(as_jsonl([user(number) for number in numbers]).encode())
        self.process.stdin.flush()

    def sessions(self, more=""):
        sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        return self.target.sql(f"{sql} AND application_name = 'user-api-admin' {more}", ())

    def end(self):
        """Returns (exit code, stderr)."""
        _, said = self.process.communicate(timeout=30)
        wait_until(lambda: not self.sessions(), what="the session ends")
        return self.process.returncode, said.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_while_rows_are_read_leaves_nothing_behind(target, number):
    before = target.state()
    running = Running(target)
    running.process.send_signal(number)
    assert running.end()[0] == -number
    assert target.state() == before


def test_a_signal_while_rows_are_written_leaves_nothing_behind(target):
    before = target.state()
    running = Running(target)
    blocker = target.server.connect(target.database.name)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("LOCK TABLE user_has_role IN SHARE MODE")
    running.process.stdin.close()
    wait_until(lambda: running.sessions("AND wait_event_type = 'Lock'"), what="the import waits")
    running.process.send_signal(signal.SIGKILL)
    running.process.wait(30)
    # The session ends before the lock is released.
    wait_until(lambda: not running.sessions(), what="the session ends")
    blocker.rollback()
    blocker.close()
    running.process.stdout.close()
    running.process.stderr.close()
    assert target.state() == before


def test_a_database_that_goes_away_leaves_nothing_behind(target):
    before = target.state()
    running = Running(target)
    target.sql("SELECT pg_terminate_backend(%s)", running.sessions()[0])
    try:
        running.feed(range(4000, 9000))
    except BrokenPipeError:
        pass
    code, said = running.end()
    assert code == 1 and "nothing was changed: " in said
    assert target.state() == before


def test_who_registers_meanwhile_waits_and_gets_the_next_id(target):
    """An id that another open transaction has taken is not given out twice."""
    other = target.server.connect(target.database.name)
    other.autocommit = False
    insert = "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES (%s, 'x', '*', '*', 1) RETURNING id"
    with other.cursor() as cursor:
        cursor.execute(insert, ("first@x",))
        running = Running(target)
        running.process.stdin.close()
        running.process.stdin = None
        wait_until(lambda: running.sessions("AND wait_event_type = 'Lock'"), what="the import waits")
        other.commit()
        assert running.end()[0] == 0
        cursor.execute(insert, ("second@x",))
        assert cursor.fetchone()[0] == 4000
        other.commit()
    other.close()


@pytest.mark.parametrize("gone", ["DELETE FROM customer WHERE id = 2", "DELETE FROM role WHERE id = 2"])
def test_what_a_row_names_and_is_deleted_meanwhile_fails_the_import(target, gone):
    running = Running(target)
    target.sql(gone)
    running.process.stdin.close()
    running.process.stdin = None
    code, said = running.end()
    assert code == 1 and "was deleted meanwhile" in said
    assert target.users() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_half_of_an_export(target, number):
    target.load([user(1)])
    blocker = target.server.connect(target.database.name)
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("LOCK TABLE _user IN ACCESS EXCLUSIVE MODE")
    process = subprocess.Popen(
        [admin.binary(), "export", target.path("out.csv"), "--with-hashes"],
        env=admin.environment(USER_API_DATABASE_URL=target.url),
    )
    wait_until(lambda: len(os.listdir(target.folder)) == 2, what="the file is begun")
    process.send_signal(number)
    assert process.wait(30) == -number
    assert os.listdir(target.folder) == ["import.jsonl"]
    blocker.rollback()
    blocker.close()


# --- the terminal ---


def test_a_terminal_shows_how_far_it_is(target):
    path = target.write([user(number) for number in range(1, 5001)])
    terminal = Terminal(["import", path, "--database-url", target.url])
    terminal.expect("reading [")
    terminal.expect("100% 5000 rows, ")
    assert os.waitstatus_to_exitcode(terminal.end()) == 0
    shown = terminal.output
    assert "\r\x1b[K" in shown and "/s" in shown
    assert "writing" in shown and "imported: 5000 users" in shown
    # The progress bar is erased before anything else is written.
    assert shown.rpartition("\x1b[K")[2].startswith("imported: ")


def test_nothing_is_drawn_where_there_is_no_terminal(target):
    documents = [user(number) for number in range(1, 5001)]
    result = target.load(as_csv(documents), name="x.csv")
    assert result.stderr == ""
