"""user-api-admin event: list, export and tail."""

import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import termios

import psycopg2
import pytest
from support import admin
from support.installation import Installation, assert_one_line
from support.postgres import Postgres
from support.processes import wait_until

pytest_plugins = ["support.installation_fixtures"]

NOWHERE = "postgresql://operator@127.0.0.1:1/nowhere"
# Characters that a terminal would act on, or that hide or reverse text.
HOSTILE = "a\x1b[2Jb\x9b31m\u202ec\n9  2026  user.deleted\td\x7f"
COLUMNS = ["id", "time", "kind", "who", "whom", "customer", "address", "data"]


@pytest.fixture(scope="module")
def own(server, new_folder):
    made = Installation(server, new_folder())
    made.init_with_settings()
    for name in ("Second", "Third"):
        made.operate("customer", "add", "--name", name)
    return made


@pytest.fixture
def last(own):
    return latest(own)


def latest(own):
    return own.sql("SELECT coalesce(max(id), 0) FROM event")[0][0]


def add_users(own, count, customer=1, name="N"):
    """Adds users and returns their ids. Each user leaves one event."""
    rows = own.sql(
        "INSERT INTO _user (email, name, hash, salt, customer_id)"
        " SELECT gen_random_uuid() || '@example.org', %s, '*', '*', %s FROM generate_series(1, %s) RETURNING id",
        (name, customer, count),
    )
    return [user for (user,) in rows]


def listed(own, *arguments):
    return own.ask("event", "list", *arguments)["events"]


def ids(events):
    return [event["id"] for event in events]


def lines(text):
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def exported(own, *arguments, **options):
    return lines(own.operate("event", "export", *arguments, **options).stdout)


def recorded(own, after, condition="true"):
    return [each for (each,) in own.sql(f"SELECT id FROM event WHERE id > %s AND {condition} ORDER BY id", (after,))]


@contextlib.contextmanager
def open_transaction(own):
    """A transaction that has left an event and has not ended."""
    connection = psycopg2.connect(own.operator_url())
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE customer SET name = name || '.' WHERE id = 3")
        yield connection
    finally:
        connection.close()


def await_full(pipe):
    """Waits until the pipe is full: the number of bytes in it no longer changes."""
    counts = []

    def stands_still():
        counts.append(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0])
        return counts[-1] > 0 and len(counts) > 9 and len(set(counts[-10:])) == 1

    wait_until(stands_still, what="a full pipe")


# --- list ---


def test_a_list_says_when_what_who_whom_and_with_which_data(own, last):
    (user,) = add_users(own, 1, name="Ann")
    connection = psycopg2.connect(own.operator_url())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('user_api.actor', %s, true), set_config('user_api.address', '203.0.113.9', true),"
            " set_config('user_api.request_id', 'r1', true)",
            (str(user),),
        )
        cursor.execute("UPDATE _user SET name = 'Eve' WHERE id = %s", (user,))
    connection.close()
    event = listed(own, "--limit", "1")[0]
    assert event == {
        "actor": {"id": user, "name": "Eve"},
        "address": "203.0.113.9",
        "at": event["at"],
        "customer": {"id": 1},
        "data": {"changed": ["name"]},
        "id": last + 2,
        "kind": "user.updated",
        "request_id": "r1",
        "user": {"id": user, "name": "Eve"},
    }
    heading, row = own.operate("event", "list", "--limit", "1").stdout.splitlines()
    assert heading.split() == COLUMNS
    assert row.split(None, 7) == [
        str(last + 2), event["at"], "user.updated", "Eve", "Eve", "1", "203.0.113.9", '{"changed": ["name"]}'
    ]  # fmt: skip


def test_who_is_the_operating_systems_user_where_a_command_made_the_change(own):
    own.operate("customer", "change", "2", "--name", "Renamed")
    (event,) = listed(own, "--limit", "1")
    assert (event["kind"], event["actor"], event["customer"]) == ("customer.updated", None, {"id": 2})
    row = own.operate("event", "list", "--limit", "1").stdout.splitlines()[1]
    assert row.split()[3:5] == [event["data"]["by"], "-"]


def test_a_list_is_newest_first_and_a_hundred_long_unless_it_is_told(own, last):
    add_users(own, 120)
    assert ids(listed(own)) == recorded(own, last)[:-101:-1]
    assert ids(listed(own, "--limit", "3")) == [last + 120, last + 119, last + 118]
    assert listed(own, "--limit", "0") == []


def test_a_list_goes_on_before_or_after_an_event(own, last):
    add_users(own, 10)
    assert ids(listed(own, "--before", last + 5, "--limit", "3")) == [last + 4, last + 3, last + 2]
    assert ids(listed(own, "--after", last + 5, "--limit", "3")) == [last + 6, last + 7, last + 8]


def test_a_list_longer_than_a_page_of_the_database_is_whole(own, last):
    add_users(own, 2100)
    wanted = recorded(own, last)
    assert ids(listed(own, "--limit", "2100")) == wanted[::-1]
    assert ids(listed(own, "--after", last, "--limit", "5000")) == wanted
    assert len(own.operate("event", "list", "--limit", "2100").stdout.splitlines()) == 2101


def test_filters_leave_the_events_of_a_customer_a_kind_and_a_user(own, last):
    first, second = add_users(own, 1), add_users(own, 1, customer=2)
    own.sql("UPDATE _user SET active = false WHERE id = ANY (%s)", (first + second,))
    assert ids(listed(own, "--after", last, "--customer", "2")) == [last + 2, last + 4]
    assert ids(listed(own, "--after", last, "--kind", "user.deactivated")) == [last + 3, last + 4]
    assert ids(listed(own, "--after", last, "--kind", "user.created", "--customer", "1")) == [last + 1]
    assert ids(listed(own, "--user-id", second[0])) == [last + 4, last + 2]
    assert ids(listed(own, "--user-id", second[0], "--kind", "user.created")) == [last + 2]
    ((email,),) = own.sql("SELECT email FROM _user WHERE id = %s", second)
    assert ids(listed(own, "--user", email.upper())) == [last + 4, last + 2]


def test_a_deleted_users_events_are_found_by_id(own):
    (user,) = add_users(own, 1)
    own.sql("DELETE FROM _user WHERE id = %s", (user,))
    assert [event["kind"] for event in listed(own, "--user-id", user)] == ["user.deleted", "user.created"]


def test_a_user_who_is_not_there_is_named(own):
    assert_one_line(own.operate("event", "list", "--user", "nobody@example.org", check=False), "nobody@example.org")


def test_names_cannot_forge_lines_or_reach_the_terminal(own):
    add_users(own, 1, name=HOSTILE)
    printed = own.operate("event", "list", "--limit", "1").stdout
    assert printed.count("\n") == 2
    assert not [character for character in printed if character in "\x1b\x9b\u202e\t\x7f"]
    assert listed(own, "--limit", "1")[0]["user"]["name"] == HOSTILE


# --- export ---


@pytest.mark.parametrize("condition, arguments", [("true", []), ("customer_id = 2", ["--customer", "2"]),
                                                  ("kind = 'user.created'", ["--kind", "user.created"])])  # fmt: skip
def test_an_export_has_every_event_oldest_first_as_the_api_shows_it(own, last, condition, arguments):
    add_users(own, 1100)
    add_users(own, 1100, customer=2)
    own.operate("customer", "change", "2", "--name", "Again")
    events = exported(own, "--after", last, *arguments)
    assert ids(events) == recorded(own, last, condition)
    assert events == listed(own, "--after", last, "--limit", "5000", *arguments)


def test_an_export_ends_before_a_transaction_that_is_still_open(own, last):
    add_users(own, 1)
    with open_transaction(own) as connection:
        add_users(own, 1)
        assert ids(exported(own, "--after", last)) == [last + 1]
        connection.commit()
    assert ids(exported(own, "--after", last + 1)) == [last + 2, last + 3]


def test_an_export_ends_with_what_had_happened_when_it_began(own, last):
    add_users(own, 2500)
    wanted = recorded(own, last)
    with subprocess.Popen(
        [admin.binary(), "event", "export", "--after", str(last)],
        env=admin.environment(USER_API_DATABASE_URL=own.operator_url()),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    ) as export:  # fmt: skip
        await_full(export.stdout.fileno())
        add_users(own, 3)
        assert ids(lines(export.stdout.read())) == wanted
    assert export.returncode == 0


def test_the_service_account_may_read_the_record(own, last):
    add_users(own, 2)
    result = admin.run("event", "export", "--after", last, "--config", own.env_file)
    assert ids(lines(result.stdout)) == [last + 1, last + 2]


def test_a_file_gets_its_name_when_it_is_complete(own, last, folder):
    path = os.path.join(folder, "events.jsonl")
    add_users(own, 3)
    result = own.operate("event", "export", "--after", last, "--output", path)
    assert result.stdout == "exported: 3 events\n"
    with open(path, encoding="utf-8") as file:
        assert ids(lines(file.read())) == [last + 1, last + 2, last + 3]
    assert_one_line(own.operate("event", "export", "--output", path, check=False), "is there already")
    assert own.ask("event", "export", "--after", last + 2, "--output", path, "--force") == {"exported": 1}
    assert os.listdir(folder) == ["events.jsonl"]


def test_an_export_that_fails_leaves_no_file_behind(own, folder):
    own.sql("ALTER FUNCTION user_api_events_final RENAME TO gone")
    try:
        result = own.operate("event", "export", "--output", os.path.join(folder, "events.jsonl"), check=False)
    finally:
        own.sql("ALTER FUNCTION gone RENAME TO user_api_events_final")
    assert_one_line(result, "SQLSTATE 42883")
    assert os.listdir(folder) == []


def test_an_export_that_cannot_be_written_fails(own):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [admin.binary(), "event", "export"],
            env=admin.environment(USER_API_DATABASE_URL=own.operator_url()),
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert_one_line(result, "cannot write")


# --- tail ---


class Tail:
    """A running `event tail`, whose output goes to files."""

    def __init__(self, url, folder, *arguments, stdout=None):
        self.paths = [os.path.join(folder, name) for name in ("out", "err")]
        with open(self.paths[0], "wb") as out, open(self.paths[1], "wb") as err:
            self.process = subprocess.Popen(
                [admin.binary(), "event", "tail", *map(str, arguments)],
                env=admin.environment(USER_API_DATABASE_URL=url),
                stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=err,
            )  # fmt: skip

    def text(self, which=0):
        with open(self.paths[which], encoding="utf-8") as file:
            return file.read()

    def await_ids(self, wanted):
        wait_until(lambda: self.text().count("\n") >= len(wanted), what=f"{len(wanted)} events")
        assert ids(lines(self.text())) == wanted

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def follow(own, folder):
    made = []

    def start(*arguments, **options):
        made.append(Tail(own.operator_url(), folder, *arguments, **options))
        return made[-1]

    yield start
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_tail_prints_what_is_new_until_a_signal_ends_it(own, last, follow, number):
    add_users(own, 2)
    tail = follow("--after", last)
    tail.await_ids([last + 1, last + 2])
    add_users(own, 1)
    tail.await_ids([last + 1, last + 2, last + 3])
    assert (tail.end(number), tail.text(1)) == (0, "")
    assert lines(tail.text()) == listed(own, "--after", last)


def test_a_tail_begins_with_what_comes_after_its_start(own, follow):
    tail = follow()
    # The start of a tail is not visible, so add users until it prints an event.
    wait_until(lambda: add_users(own, 1) and tail.text() != "", what="the first event")
    first = lines(tail.text())[0]["id"]
    wait_until(lambda: ids(lines(tail.text())) == recorded(own, first - 1), what="all that followed")


def test_a_tail_filters(own, last, follow):
    add_users(own, 2)
    users = add_users(own, 2, customer=2)
    own.sql("UPDATE _user SET active = false WHERE id = %s", users[:1])
    tail = follow("--after", last, "--customer", "2", "--kind", "user.created")
    tail.await_ids([last + 3, last + 4])
    assert tail.end() == 0


def asked_at(own):
    """When the tail last queried the database."""
    ((when,),) = own.sql(
        "SELECT max(query_start) FROM pg_stat_activity WHERE datname = %s AND application_name = 'user-api-admin'"
        " AND state = 'idle'",
        (own.database,),
    )
    return when


def test_a_tail_prints_an_event_that_is_committed_late_in_its_turn(own, last, follow):
    add_users(own, 1)
    with open_transaction(own) as connection:
        add_users(own, 1)
        tail = follow("--after", last)
        tail.await_ids([last + 1])
        before = asked_at(own)
        wait_until(lambda: asked_at(own) > before, what="a further question")
        assert ids(lines(tail.text())) == [last + 1]
        connection.commit()
    tail.await_ids([last + 1, last + 2, last + 3])


def test_thousands_of_events_come_once_each_and_in_order(own, last, follow):
    add_users(own, 2500)
    tail = follow("--after", last)
    add_users(own, 500)
    tail.await_ids(recorded(own, last))


def test_a_tail_ends_when_nobody_reads_it_any_more(own, last, follow):
    reading, writing = os.pipe()
    tail = follow("--after", last, stdout=writing)
    os.close(writing)
    add_users(own, 1)
    assert os.read(reading, 1) == b"{"
    os.close(reading)
    assert (tail.process.wait(30), tail.text(1)) == (0, "")


def test_a_signal_ends_a_tail_whose_reader_has_stalled_behind_a_whole_line(own, last, follow):
    add_users(own, 2500)
    reading, writing = os.pipe()
    tail = follow("--after", last, stdout=writing)
    os.close(writing)
    await_full(reading)
    assert tail.end() == 0
    with os.fdopen(reading, "rb") as pipe:
        printed = lines(pipe.read().decode())
    assert 0 < len(printed) < 2500
    assert ids(printed) == recorded(own, last)[: len(printed)]


def test_what_cannot_be_written_ends_a_tail(own, last, follow):
    add_users(own, 1)
    with open("/dev/full", "wb") as full:
        tail = follow("--after", last, stdout=full)
        assert tail.process.wait(30) == 1
    assert tail.text(1) == "user-api-admin: cannot write to standard output\n"


def test_a_tail_survives_a_restart_of_the_database_and_says_so_once(new_folder, folder):
    cluster = Postgres(new_folder())
    cluster.start()
    name = cluster.create_database()
    url = cluster.url(name, "postgres")

    def add(count):
        cluster.execute(f"INSERT INTO role (code, name) SELECT gen_random_uuid(), 'R' FROM generate_series(1, {count})", database=name)
        return [each for (each,) in cluster.execute("SELECT id FROM event ORDER BY id", database=name)]

    tail = Tail(url, folder, "--after", 0)
    try:
        tail.await_ids(add(3))
        cluster.stop()
        wait_until(lambda: "continuing after event 3 when it does" in tail.text(1), what="the outage")
        cluster.start()
        tail.await_ids(add(3))
        cluster.restart()
        tail.await_ids(add(3))
        assert tail.text(1).count("continuing after event 3") == 1
        assert tail.end() == 0
    finally:
        if tail.process.poll() is None:
            tail.process.kill()
            tail.process.wait()
        cluster.stop()


# --- command lines ---

WRONG = [
    ("list", ["--after", "1", "--before", "3"], "--after and --before exclude each other"),
    ("list", ["--user", "a@b", "--user-id", "3"], "--user and --user-id exclude each other"),
    ("list", ["--user-id", "x"], "--user-id has to be a number from 1 to 2147483647"),
    ("list", ["--before", "0"], "--before has to be a number from 1 to 9223372036854775807"),
    ("list", ["--limit", "-1"], "--limit has to be a number"),
    ("list", ["--user", ""], "--user has to be 1 to 255 characters long"),
    ("tail", ["--after", "9223372036854775808"], "--after has to be a number from 0 to 9223372036854775807"),
    ("tail", ["--kind", ""], "--kind has to be 1 to 255 characters long"),
    ("export", ["--customer", "0"], "--customer has to be a number from 1 to 2147483647"),
    ("export", ["--json"], "--json needs --output"),
    ("export", ["--json", "--output", "-"], "--json needs --output"),
]


@pytest.mark.parametrize("command, arguments, reason", WRONG)
def test_a_wrong_command_line_is_refused_before_any_connection(command, arguments, reason):
    result = admin.run("event", command, *arguments, "--database-url", NOWHERE, check=False)
    assert_one_line(result, reason, code=2)


@pytest.mark.parametrize("command", ["list", "tail", "export"])
def test_a_database_that_is_away_is_one_line(command):
    result = admin.run("event", command, "--database-url", NOWHERE, check=False)
    assert_one_line(result, "127.0.0.1")
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_role_that_may_not_read_the_record_is_told_so(own, command):
    own.sql("CREATE ROLE stranger LOGIN PASSWORD 'stranger'; GRANT CONNECT ON DATABASE {0} TO stranger".format(own.database))
    try:
        own.sql("GRANT USAGE ON SCHEMA public TO stranger; GRANT SELECT ON schema_spec TO stranger")
        url = own.server.url(own.database, "stranger", "stranger")
        result = admin.run("event", command, "--database-url", url, check=False)
        assert_one_line(result, "SQLSTATE 42501", "connect as an owner of the tables")
    finally:
        own.sql("DROP OWNED BY stranger")
        own.sql("DROP ROLE stranger")
