"""Failed logins are counted exactly, with any number of sessions: store/throttle.h on a real database, as the service
account. tests/tools/count_logins.c acts as a worker's session."""

import contextlib
import os
import random
import select
import subprocess
import threading

import pytest
from support import admin
from support.pool import binary
from support.postgres import Postgres
from support.processes import wait_until

COUNT_LOGINS = os.path.join(os.path.dirname(binary()), "tests", "tools", "count_logins")
WINDOW = 900
ROWS = "SELECT kind, coalesce(host(address), user_id::text), failures, allowed FROM failed_login ORDER BY 1, 2, 3"


class Session:
    """A worker's connection. The answer to each line is (blocked seconds, [whether each counter is used up])."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            [COUNT_LOGINS, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        status, blocked, *reached = line.split() or ["ended"]
        assert status == "0", line
        return int(blocked), [each == "1" for each in reached]

    def ask(self, line):
        self.send(line)
        return self.answer()

    def answers_within(self, seconds):
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def close(self):
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0


@contextlib.contextmanager
def sessions(url, count):
    opened = [Session(url) for _ in range(count)]
    try:
        yield opened
    except BaseException:
        for session in opened:
            session.process.kill()
            session.process.communicate()
        raise
    for session in opened:
        session.close()


class Counted:
    """A database, and one session on it."""

    def __init__(self, server, name):
        self.server, self.name, self.url = server, name, server.url(name)

    def sql(self, statement, params=None):
        return self.server.execute(statement, params, database=self.name)

    def rows(self):
        return self.sql(ROWS)

    def failures(self):
        """{name: failures}, with the counters' names."""
        rows = self.sql("SELECT digest, failures FROM failed_login")
        known = self.sql("SELECT sha256(n::text::bytea), n FROM unnest(%s) AS n", (NAMES,))
        names = {bytes(digest): name for digest, name in known}
        return {names[bytes(digest)]: failures for digest, failures in rows}

    def expire(self, where="true"):
        self.sql(f"UPDATE failed_login SET ends_at = now() - interval '1 second' WHERE {where}")


NAMES = [f"192.0.2.{number}" for number in range(256)] + [f"u{number}" for number in range(256)]


def line(verb, *counters, seconds=WINDOW):
    return " ".join([verb, str(seconds), *counters])


def from_address(number, limit=100):
    return f"address:192.0.2.{number}:{limit}"


def account(number, limit=10):
    return f"account:u{number}:{limit}"


@pytest.fixture
def counted(postgres):
    name = postgres.create_database()
    yield Counted(postgres, name)
    postgres.drop_database(name)


@pytest.fixture
def session(counted):
    with sessions(counted.url, 1) as (only,):
        yield only


def at_once(counted, lines, count=25):
    """The answers to the lines, all sent at the same moment over that many sessions."""
    with sessions(counted.url, count) as opened:
        for each in opened:
            each.ask(line("peek", from_address(255)))
        shares = [lines[number::count] for number in range(count)]
        for each, share in zip(opened, shares):
            each.send(*share)
        answers = [[each.answer() for _ in share] for each, share in zip(opened, shares)]
    return [answer for share in answers for answer in share]


# --- one attempt after another ---


def test_an_attempt_counts_on_both_counters_until_one_is_used_up(counted, session):
    attempt = line("reserve", from_address(1), account(1, 3) + ":7")
    assert [session.ask(attempt) for _ in range(3)] == [(0, [False, False]), (0, [False, False]), (0, [False, True])]
    assert counted.rows() == [("account", "7", 3, 3), ("address", "192.0.2.1", 3, 100)]
    blocked, reached = session.ask(attempt)
    assert WINDOW - 60 < blocked <= WINDOW and reached == [False, False]
    assert counted.rows() == [("account", "7", 3, 3), ("address", "192.0.2.1", 3, 100)]
    assert session.ask(line("reserve", from_address(2), account(2))) == (0, [False, False])


def test_a_device_is_counted_by_itself(counted, session):
    for reached in (False, True):
        assert session.ask(line("reserve", "device:d:2:9")) == (0, [reached, False])
    assert session.ask(line("reserve", "device:d:2:9"))[0] > 0
    assert counted.rows() == [("device", "9", 2, 2)]
    assert session.ask("succeed") == (0, [False, False])
    assert counted.rows() == []


def test_peek_says_what_reserve_would_and_changes_nothing(counted, session):
    one = (from_address(1, 2), account(1, 1))
    assert session.ask(line("peek", *one)) == (0, [False, False])
    assert counted.rows() == []
    session.ask(line("reserve", *one))
    before = versions(counted)
    assert session.ask(line("peek", *one))[0] > 0
    assert session.ask(line("peek", one[0])) == (0, [False, False])
    assert versions(counted) == before


def test_the_longest_block_counts(counted, session):
    for counter, seconds in ((from_address(1, 1), 100), (account(1, 1), 500)):
        session.ask(line("reserve", counter, seconds=seconds))
    for verb in ("peek", "reserve"):
        assert 450 < session.ask(line(verb, from_address(1, 1), account(1, 1)))[0] <= 500


def versions(counted):
    return counted.sql("SELECT ctid, xmin, xmax, kind, failures, ends_at FROM failed_login ORDER BY kind, digest")


@pytest.mark.parametrize("blocks", ["address", "account"])
def test_a_blocked_attempt_writes_nothing(counted, session, blocks):
    counters = (from_address(1, 1 if blocks == "address" else 9), account(1, 1 if blocks == "account" else 9))
    session.ask(line("reserve", *counters))
    counted.sql("INSERT INTO failed_login SELECT 'account', sha256('over'), NULL, NULL, 1, 1, now() - interval '1 day'")
    before = versions(counted)
    for _ in range(3):
        assert session.ask(line("reserve", *counters))[0] > 0
    assert versions(counted) == before


def test_a_limit_that_was_lowered_holds_for_what_is_counted_already(session):
    for _ in range(3):
        session.ask(line("reserve", account(1, 10)))
    assert session.ask(line("reserve", account(1, 3)))[0] > 0
    assert session.ask(line("reserve", account(1, 5))) == (0, [False, False])


def test_the_user_of_an_email_that_was_unknown_before_is_noted(counted, session):
    session.ask(line("reserve", account(1)))
    assert counted.rows() == [("account", None, 1, 10)]
    session.ask(line("reserve", account(1) + ":5"))
    assert counted.rows() == [("account", "5", 2, 10)]


@pytest.mark.parametrize("verb", ["peek", "reserve", "release", "succeed"])
def test_without_counters_no_database_is_asked(verb):
    with sessions("postgresql://127.0.0.1:1/nowhere", 1) as (only,):
        assert only.ask(verb) == (0, [False, False])


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_JP"])
def test_it_counts_in_a_database_of_another_encoding(postgres, encoding):
    name = f"counts_{encoding.lower()}"
    postgres.migrated_template()  # makes the service account
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    admin.migrate_up(postgres.url(name, "postgres"))
    counted = Counted(postgres, name)
    with sessions(counted.url, 1) as (only,):
        assert only.ask(line("reserve", from_address(1), account(1, 1))) == (0, [False, True])
        assert only.ask(line("reserve", from_address(1), account(1, 1)))[0] > 0
        assert only.ask(line("succeed", from_address(1), account(1))) == (0, [False, False])
    assert counted.rows() == []
    postgres.drop_database(name)


# --- attempts that are taken back ---


def test_what_is_released_can_be_tried_again(counted, session):
    attempt = line("reserve", from_address(1), account(1, 1))
    for _ in range(5):
        assert session.ask(attempt) == (0, [False, True])
        session.ask("release")
    assert counted.rows() == []


def test_a_release_takes_back_one_of_several(counted, session):
    for _ in range(3):
        session.ask(line("reserve", from_address(1), account(1)))
    session.ask("release")
    assert counted.failures() == {"192.0.2.1": 2, "u1": 2}


def test_a_login_sets_the_account_back_and_takes_back_one_from_the_address(counted, session):
    for _ in range(3):
        session.ask(line("reserve", from_address(1), account(1)))
    session.ask("succeed")
    assert counted.failures() == {"192.0.2.1": 2}


def test_a_window_that_is_over_begins_anew_with_the_next_attempt(counted, session):
    attempt = line("reserve", from_address(1, 2), account(1, 2))
    session.ask(attempt)
    session.ask(attempt)
    assert session.ask(attempt)[0] > 0
    counted.expire()
    assert session.ask(line("peek", from_address(1, 2), account(1, 2))) == (0, [False, False])
    assert session.ask(attempt) == (0, [False, False])
    assert counted.failures() == {"192.0.2.1": 1, "u1": 1}
    assert counted.sql("SELECT count(*) FROM failed_login WHERE ends_at > now() + interval '800 seconds'") == [(2,)]


def test_a_window_does_not_move_with_later_attempts(counted, session):
    ends = "SELECT DISTINCT ends_at FROM failed_login"
    session.ask(line("reserve", account(1)))
    first = counted.sql(ends)
    session.ask(line("reserve", account(1)))
    assert counted.sql(ends) == first


@pytest.mark.parametrize("verb, left", [("release", {"192.0.2.1": 1, "u1": 1}), ("succeed", {"192.0.2.1": 1})])
def test_an_attempt_of_a_window_that_is_over_takes_nothing_from_the_next_one(counted, session, verb, left):
    session.ask(line("reserve", from_address(1), account(1)))
    counted.expire()
    with sessions(counted.url, 1) as (other,):
        other.ask(line("reserve", from_address(1), account(1)))
    session.ask(verb)
    assert counted.failures() == left


def test_an_attempt_takes_nothing_from_what_was_counted_after_the_account_was_set_back(counted, session):
    session.ask(line("reserve", account(1)))
    with sessions(counted.url, 1) as (other,):
        other.ask(line("reserve", account(1)))
        other.ask("succeed")
        other.ask(line("reserve", account(1)))
    session.ask("release")
    assert counted.failures() == {"u1": 1}


@pytest.mark.parametrize("verb", ["release", "succeed"])
def test_what_is_over_or_gone_can_be_taken_back_without_harm(counted, session, verb):
    session.ask(line("reserve", from_address(1), account(1), seconds=1))
    over = "SELECT bool_and(ends_at < clock_timestamp()) FROM failed_login"
    wait_until(lambda: counted.sql(over) == [(True,)], 20, "the window is over")
    for _ in range(2):
        assert session.ask(verb) == (0, [False, False])
        assert counted.rows() == []


# --- at the same moment ---


def test_of_200_attempts_at_once_exactly_the_limit_are_let_through(counted):
    answers = at_once(counted, [line("reserve", account(1))] * 200)
    assert [blocked for blocked, _ in answers].count(0) == 10
    assert [reached[0] for _, reached in answers].count(True) == 1, "the last one allowed knows it"
    assert counted.failures() == {"u1": 10}


def test_addresses_whose_account_refuses_are_not_counted(counted):
    answers = at_once(counted, [line("reserve", from_address(number), account(1)) for number in range(200)])
    assert [blocked for blocked, _ in answers].count(0) == 10
    failures = counted.failures()
    assert failures.pop("u1") == 10
    assert len(failures) == 10 and set(failures.values()) == {1}


def test_one_address_is_not_counted_for_attempts_that_its_accounts_refuse(counted):
    answers = at_once(counted, [line("reserve", from_address(1), account(number % 4, 5)) for number in range(200)])
    assert [blocked for blocked, _ in answers].count(0) == 20
    assert counted.failures() == {"192.0.2.1": 20, "u0": 5, "u1": 5, "u2": 5, "u3": 5}


def test_accounts_whose_address_refuses_are_not_counted(counted):
    answers = at_once(counted, [line("reserve", from_address(1, 100), account(number)) for number in range(200)])
    assert [blocked for blocked, _ in answers].count(0) == 100
    failures = counted.failures()
    assert failures.pop("192.0.2.1") == 100
    assert len(failures) == 100 and set(failures.values()) == {1}


def test_where_a_window_ends_200_attempts_at_once_begin_one_window(counted):
    at_once(counted, [line("reserve", from_address(1), account(1))] * 20)
    counted.expire()
    answers = at_once(counted, [line("reserve", from_address(1), account(1))] * 200)
    assert [blocked for blocked, _ in answers].count(0) == 10
    assert counted.failures() == {"192.0.2.1": 10, "u1": 10}


def storm(counted, verbs, count=20, rounds=60):
    """Sessions reserve attempts and take some back. Returns {name: failures} that remain, if no account is reset."""
    left = {}
    lock = threading.Lock()
    failed = []

    def attempts(session, seed):
        chance = random.Random(seed)
        try:
            for _ in range(rounds):
                address, user = chance.randrange(3), chance.randrange(3)
                verb = chance.choice(verbs)
                blocked, _ = session.ask(line("reserve", from_address(address, 60), account(user, 40)))
                if blocked == 0 and verb is not None:
                    session.ask(verb)
                elif blocked == 0:
                    with lock:
                        for name in (f"192.0.2.{address}", f"u{user}"):
                            left[name] = left.get(name, 0) + 1
        except BaseException as error:
            failed.append(error)

    with sessions(counted.url, count) as opened:
        threads = [threading.Thread(target=attempts, args=each) for each in zip(opened, range(count))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert failed == []
    return left


def test_what_is_left_after_a_storm_are_the_attempts_that_nobody_took_back(counted):
    left = storm(counted, ("release", "release", "release", None))
    assert left and counted.failures() == left


def test_nobody_waits_in_a_circle_whatever_is_counted_taken_back_set_back_and_cleared_away(counted):
    """A deadlock would end one of the sessions with an error."""
    done = threading.Event()

    def let_windows_end():
        while not done.is_set():
            counted.sql(
                "UPDATE failed_login SET ends_at = now() - interval '1 second' WHERE ctid IN"
                " (SELECT ctid FROM failed_login ORDER BY random() LIMIT 2 FOR UPDATE SKIP LOCKED)"
            )

    ending = threading.Thread(target=let_windows_end)
    ending.start()
    try:
        storm(counted, ("release", "succeed", None, None), rounds=100)
    finally:
        done.set()
        ending.join()
    assert set(counted.failures()) <= {*(f"192.0.2.{number}" for number in range(3)), "u0", "u1", "u2"}


# --- rows that are removed ---


def test_the_table_holds_no_more_rows_than_the_attempts_of_one_window_made(counted, session):
    for _ in range(4):
        for number in range(25):
            session.ask(line("reserve", from_address(number), account(number)))
            assert counted.sql("SELECT count(*) <= 50 FROM failed_login") == [(True,)]
        counted.expire()
        counted.sql("UPDATE failed_login SET digest = sha256(digest)")  # no attempt uses these digests again
    for number in range(5):
        session.ask(line("reserve", from_address(number), account(number)))
    assert counted.sql("SELECT count(*) FROM failed_login") == [(10,)]


def test_rows_that_others_have_locked_are_left_for_later(counted, session):
    session.ask(line("reserve", account(1)))
    counted.expire()
    holder = counted.server.connect(counted.name)
    holder.autocommit = False
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT 1 FROM failed_login FOR UPDATE")
            assert session.ask(line("reserve", account(2))) == (0, [False, False])
    finally:
        holder.rollback()
        holder.close()
    assert counted.failures() == {"u1": 1, "u2": 1}
    session.ask(line("reserve", account(3)))
    assert counted.failures() == {"u2": 1, "u3": 1}


READ = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'failed_login'"


def test_many_rows_that_are_over_cost_an_attempt_nothing(counted):
    """This also holds for plans made while the table was empty."""
    with sessions(counted.url, 2) as (warm, fresh):
        for _ in range(10):
            for verb in ("peek", "reserve", "release"):
                warm.ask(line(verb, from_address(1), account(1)))
        counted.sql(
            "INSERT INTO failed_login SELECT 'account', sha256(n::text::bytea), NULL, NULL, 1, 1, now() - interval '1 hour'"
            " FROM generate_series(1, 100000) AS n"
        )
        counted.sql("SELECT pg_stat_reset()")
        for number in range(40):
            (warm if number < 20 else fresh).ask(line("reserve", from_address(number), account(number)))
    wait_until(lambda: counted.sql(READ)[0][1] > 0, 20, "PostgreSQL counts what was read")
    read, fetched = counted.sql(READ)[0]
    assert (read, fetched < 40 * 50) == (0, True), (read, fetched)
    assert counted.sql("SELECT count(*) FROM failed_login WHERE ends_at < now()") == [(100000 - 40 * 10,)]


# --- the disk ---


def test_the_commit_of_what_is_counted_waits_for_nothing(new_folder):
    """The server's other commits wait for a standby that never connects."""
    server = Postgres(new_folder(), {"synchronous_commit": "on", "fsync": "on"}).start()
    try:
        counted = Counted(server, server.create_database())
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        server.execute("SELECT pg_reload_conf()")
        wait_until(lambda: server.execute("SHOW synchronous_standby_names") == [("nobody",)], 20, "it is reloaded")
        with sessions(counted.url, 1) as (only,):
            for verb in ("reserve", "release", "reserve", "succeed"):
                only.send(line(verb, from_address(1), account(1)))
                assert only.answers_within(20), verb
                assert only.answer() == (0, [False, False])
    finally:
        server.stop()
