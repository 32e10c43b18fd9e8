"""Notifications that the session watcher receives end sessions in the table. While it cannot receive any, its proofs
get too old."""

import os
import signal
import threading
import time

import pytest
from support.pgbouncer import PgBouncer
from support.postgres import SERVICE_ACCOUNT, Postgres
from support.processes import is_alive, wait_until
from support.seed import Seed
from support.talking_database import PROVED, Relay, TalkingDatabase, message, notification
from support.watched import DIGEST, Watched

OTHER = "cd" * 32
POOLER = "USER_API_SESSION_LISTEN_URL has to lead to the database itself"
DISARMED = "the triggers that end sessions are missing or off: user-api-admin doctor says which"
ORIGIN = (
    "SELECT hashtextextended((extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text"
    " || '/' || current_database(), 0)"
)


@pytest.fixture
def database(postgres):
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture
def sql(postgres, database):
    connection = postgres.connect(database)

    def run(statement, params=None):
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    run.seed = Seed(connection)
    yield run
    connection.close()


@pytest.fixture
def watch(folder):
    """Starts watchers: watch(url)."""
    return lambda url, **more: Watched(folder, url, **more).start()


@pytest.fixture
def watched(watch, postgres, database):
    return watch(postgres.url(database)).wait_until_fresh()


def ended_by(watched, user, change):
    """Checks that the change ends the stored session of the user. Returns whether that of another user stays."""
    watched.fill(user)
    watched.fill(user + 1, OTHER)
    assert watched.finds(user) and watched.finds(user + 1, OTHER)
    change()
    watched.wait_until_ended(user)
    return watched.finds(user + 1, OTHER)


# Notifications that it receives


def test_it_says_which_database_of_which_pool_it_hears(watch, postgres, database, sql):
    watched = watch(postgres.url(database), generation=7).wait_until_fresh()
    assert watched.ask("generation") == "7"
    assert int(watched.ask("origin")) == sql(ORIGIN)[0][0]
    assert watched.told() == [None]


def test_its_proofs_are_usually_newer_than_the_bound(watched):
    """Checks the median of single measurements, because a machine that pauses for a moment spoils some."""
    ages = [watched.proof() for _ in range(200)]
    assert all(age is not None for age in ages)
    assert sorted(ages)[100] < watched.staleness


def test_a_changed_user_and_nobody_else_is_ended(watched, sql):
    user = sql.seed.user()
    assert ended_by(watched, user.id, lambda: sql("UPDATE _user SET active = false WHERE id = %s", (user.id,)))


def test_a_revoked_token_and_no_other_is_ended(watched, sql):
    revoke = "INSERT INTO revoked_token (digest, user_id, expires_at) VALUES (decode(%s, 'hex'), %s, now() + interval '1 day')"
    user = sql.seed.user()
    assert ended_by(watched, user.id, lambda: sql(revoke, (DIGEST, user.id)))


@pytest.mark.parametrize("payload", ["*", "", "u", "u 1 2", "t ab", "something of a later version"])
def test_what_says_everybody_or_cannot_be_read_ends_all(watched, sql, payload):
    assert not ended_by(watched, 5, lambda: sql("SELECT pg_notify('user_api_session', %s)", (payload,)))


def test_ten_thousand_changes_in_one_statement_are_heard(watched, sql):
    sql("INSERT INTO _user (email, hash, salt, name, active, customer_id, id)"
        " SELECT i || '@many.example', 'h', 's', 'n', true, 1, 100000 + i FROM generate_series(1, 10000) AS i")  # fmt: skip
    ended_by(watched, 110000, lambda: sql("UPDATE _user SET active = false WHERE id > 100000"))
    watched.wait_until_fresh()
    assert watched.told() == [None]


def test_what_is_committed_before_a_proof_is_sent_has_ended_when_the_proof_counts(watched, sql):
    """Checks the promise itself with many changes: once a proof counts that was sent after a change, the change
    counts."""
    for user in range(100, 130):
        watched.fill(user)
        sql("SELECT pg_notify('user_api_session', %s)", (f"u {user}",))
        done = time.monotonic()
        # The age was taken before this reads the clock, and is exact to a millisecond.
        wait_until(lambda: (watched.proof() or 0) < time.monotonic() - done - 0.002, 30, "a later proof counts")
        assert not watched.finds(user)


def test_a_change_that_a_procedure_commits_is_heard_while_it_goes_on(watched, postgres, database, sql):
    user = sql.seed.user()
    sql("CREATE PROCEDURE batch() LANGUAGE plpgsql AS $$ BEGIN"
        f" UPDATE _user SET active = false WHERE id = {user.id}; COMMIT; PERFORM pg_sleep(60); END $$")  # fmt: skip
    watched.fill(user.id)
    connection = postgres.connect(database)
    batch = threading.Thread(target=lambda: pytest.raises(Exception, connection.cursor().execute, "CALL batch()"))
    batch.start()
    watched.wait_until_ended(user.id)
    connection.cancel()
    batch.join(20)
    connection.close()


# Notifications that it cannot receive


def test_switched_off_triggers_are_noticed_and_told_once(watched, sql):
    sql("ALTER TABLE _user DISABLE TRIGGER user_api_user_updated")
    wait_until(lambda: watched.proof() is None, 20, "there is no proof")
    for _ in range(10):
        assert watched.proof() is None
    watched.fill(3)
    sql("ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_user_updated")
    watched.wait_until_fresh()
    assert not watched.finds(3)
    assert watched.told() == [None, DISARMED, None]


def switch_off_and_on(sql):
    table = "ALTER TABLE _user {} TRIGGER user_api_user_updated"
    return table.format("DISABLE"), table.format("ENABLE ALWAYS")


def empty_and_restore(sql):
    function = "FUNCTION user_api_user_changed()"
    (restored,) = sql("SELECT pg_get_functiondef('user_api_user_changed'::regproc)")[0]
    return f"CREATE OR REPLACE {function} RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", restored


@pytest.mark.parametrize("way", [switch_off_and_on, empty_and_restore])
def test_triggers_that_do_nothing_between_two_proofs_end_everything(watched, sql, way):
    user = sql.seed.user()
    watched.fill(user.id)
    off, on = way(sql)
    sql(f"BEGIN; {off}; UPDATE _user SET active = false WHERE id = {user.id}; {on}; COMMIT")
    watched.wait_until_ended(user.id)
    watched.wait_until_fresh()
    assert watched.told() == [None]


def test_an_older_schema_is_not_trusted(watch, postgres):
    name = postgres.create_database(migrated=False)
    watched = watch(postgres.url(name))
    wait_until(watched.told, 20, "it has told")
    assert watched.told() == [DISARMED] and watched.proof() is None
    watched.stop()
    postgres.drop_database(name)


def test_a_server_process_that_stands_still_is_left_for_another(watched, sql):
    os.kill(watched.backend(), signal.SIGSTOP)
    stopped = watched.backend()
    watched.fill(9)
    try:
        watched.wait_until_stale()
        wait_until(lambda: len(watched.told()) == 3, 20, "it has told that it hears again")
        assert watched.told() == [None, "the database did not answer within 900 ms", None]
        watched.wait_until_fresh()
        assert not watched.finds(9) and watched.backend() != stopped
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_a_session_that_the_server_ends_is_replaced(watched, sql):
    watched.fill(9)
    sql("SELECT pg_terminate_backend(%s)", (watched.backend(),))
    wait_until(lambda: len(watched.told()) == 3, 20, "it has told that it hears again")
    watched.wait_until_fresh()
    assert not watched.finds(9)
    assert watched.told()[0] is None and "terminat" in watched.told()[1] or "closed" in watched.told()[1]


def test_no_proof_of_before_counts_while_the_database_restarts(new_folder, watch):
    server = Postgres(new_folder()).start()
    name = server.create_database()
    watched = watch(server.url(name)).wait_until_fresh()
    origin = watched.ask("origin")
    watched.fill(9)
    server.stop()
    wait_until(lambda: watched.proof() is None, 20, "no proof counts")
    assert len(watched.told()) == 2
    server.start()
    watched.wait_until_fresh()
    assert watched.ask("origin") != origin and not watched.finds(9)
    assert len(watched.told()) == 3 and watched.told()[2] is None
    watched.stop()
    server.stop()


def test_a_standby_is_not_trusted_until_it_is_promoted(new_folder, watch):
    server = Postgres(new_folder())
    with open(os.path.join(server.data, "standby.signal"), "wb") as file:
        os.chown(file.fileno(), os.stat(server.data).st_uid, -1)
    server.start()
    watched = watch(server.url("postgres", "postgres"))
    wait_until(watched.told, 20, "it has told")
    assert "standby" in watched.told()[0]
    server.execute("SELECT pg_promote()")
    wait_until(lambda: len(watched.told()) > 1, 40, "it has noticed")
    assert watched.told()[1] == DISARMED
    watched.stop()
    server.stop()


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_a_pooler_is_not_trusted_and_its_sessions_listen_to_nothing(watch, postgres, database, folder, sql, mode):
    pooler = PgBouncer(postgres, folder, pool_mode=mode, default_pool_size=1).start()
    watched = watch(pooler.url(database))
    wait_until(watched.told, 20, "it has told")
    assert len(watched.told()) == 1 and POOLER in watched.told()[0]
    assert watched.proof() is None
    said = "SELECT query FROM pg_stat_activity WHERE datname = %s AND usename = %s"
    assert all("LISTEN" not in query for (query,) in sql(said, (database, SERVICE_ACCOUNT)))
    watched.stop()
    pooler.stop()


def test_before_15_a_proof_wakes_the_listeners_itself(watch, postgres, database, sql):
    """A relay changes the version that the server reports to 14."""
    (version,) = sql("SHOW server_version")[0]
    told = b"server_version\0" + version.encode()[:2]
    relay = Relay(postgres, lambda data: data.replace(told, b"server_version\x0014"))
    relay_url = relay.url(SERVICE_ACCOUNT, database)
    watched = watch(relay_url).wait_until_fresh()
    connection = postgres.connect(database)
    with connection.cursor() as cursor:
        cursor.execute("LISTEN user_api_session_proof")

    def heard():
        connection.poll()
        return connection.notifies

    wait_until(heard, 20, "a proof notifies")
    connection.close()
    assert ended_by(watched, 5, lambda: sql("SELECT pg_notify('user_api_session', 'u 5')"))
    watched.stop()
    relay.stop()


def test_a_connection_that_falls_silent_is_given_up_in_bounded_time(watch, postgres, database):
    silent = threading.Event()
    speak = threading.Event()

    def change(data):
        if silent.is_set():
            speak.wait(60)
        return data

    relay = Relay(postgres, change)
    watched = watch(relay.url(SERVICE_ACCOUNT, database)).wait_until_fresh()
    silent.set()
    watched.wait_until_stale()
    wait_until(lambda: len(watched.told()) == 2, 20, "it has told")
    assert watched.proof() is None
    silent.clear()
    speak.set()
    watched.wait_until_fresh()
    assert watched.told() == [None, "the database did not answer within 900 ms", None]
    watched.stop()
    relay.stop()


def test_a_refused_connection_is_told_once_and_tried_again(watch, postgres, database):
    relay = Relay(postgres)
    port = relay.port
    relay.stop()
    watched = watch(f"postgresql://{SERVICE_ACCOUNT}:p%40%2Fss%3A%20wort@127.0.0.1:{port},127.0.0.1:{postgres.port}/{database}"
                    "?target_session_attrs=read-write")  # fmt: skip
    watched.wait_until_fresh()
    assert watched.told() == [None]
    watched.stop()


def test_no_password_is_logged(watch):
    watched = watch("postgresql://someone:p%40%2Fss%3A%20wort@127.0.0.1:1/none")
    wait_until(watched.told, 20, "it has told")
    assert len(watched.told()) == 1 and "p@/ss" not in watched.log_text() and "p%40" not in watched.log_text()
    wait_until(lambda: int(watched.ask("alive")) < 1000, 20, "it lives")
    watched.stop()


# Servers that misbehave


def talk_with(watch, talk, **more):
    server = TalkingDatabase(talk)
    return server, watch(server.url(), **more)


def test_what_came_before_the_connection_was_lost_is_applied(watch):
    """The server then stops listening, because a new connection of the watcher would end all sessions."""
    go = threading.Event()

    def talk(peer):
        peer.recv(65536)
        go.wait(20)
        server.end(server.socket)
        peer.sendall(notification(b"u 9") + message(b"E", b"SFATAL\0C57P01\0Mshutting down\0\0"))

    server, watched = talk_with(watch, talk, staleness=10)
    watched.wait_until_fresh()
    watched.fill(9)
    watched.fill(10, OTHER)
    go.set()
    wait_until(lambda: watched.proof() is None, 20, "the connection is lost")
    assert not watched.finds(9) and watched.finds(10, OTHER)
    watched.stop()
    server.stop()


def test_a_proof_is_as_old_as_its_question_and_not_as_its_answer(watch):
    """The second proof is answered after 300 ms, and no later one is answered."""
    answered = threading.Event()

    def talk(peer):
        peer.recv(65536)
        answered.wait(0.3)
        answered.set()
        peer.sendall(PROVED)
        peer.recv(65536)
        peer.recv(65536)

    server, watched = talk_with(watch, talk)
    watched.wait_until_fresh()
    assert answered.wait(20)
    ages = []
    while not ages or ages[-1] is not None:
        ages.append(watched.proof())
    assert min(ages[:-1]) >= 0.3
    watched.stop()
    server.stop()


def memory(pid):
    """The private memory of a process, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("RssAnon")).split()[1])


@pytest.mark.unsanitized  # a sanitizer keeps what was freed for a while
def test_a_flood_of_notifications_takes_no_memory_and_keeps_it_from_nothing(watch, report):
    over = threading.Event()
    flood = notification(b"u 1") * 2000 + notification(b"x" * 7000) * 10

    def talk(peer):
        while not over.is_set():
            peer.sendall(flood)

    server, watched = talk_with(watch, talk)
    watched.wait_until_fresh()
    before = memory(watched.watcher())
    watched.wait_until_stale()
    assert int(watched.ask("alive")) < 1000
    most = max(memory(watched.watcher()) for _ in range(50))
    report(f"{before} KiB before the flood, {most} KiB at the most in it")
    assert most < before + 4096
    over.set()
    watched.stop()
    server.stop()


@pytest.mark.parametrize(
    "said",
    [
        message(b"G", b"\0\0\0"),  # COPY from the client
        message(b"H", b"\0\0\0"),  # COPY to the client
        b"D" + b"\x7f\xff\xff\xf0" + b"x" * 4096,  # a row of 2 GiB
        b"A" + b"\x7f\xff\xff\xf0" + b"x" * 4096,  # a notification of 2 GiB
        message(b"E", b"SERROR\0C42501\0Mnot for you\0\0") + message(b"Z", b"I"),
        message(b"C", b"SELECT 0\0") + message(b"Z", b"I"),
        message(b"I") + message(b"Z", b"I"),
        b"\0" * 4096,
    ],
)
def test_an_answer_that_is_none_ends_the_connection_and_the_trust(watch, said):
    server, watched = talk_with(watch, lambda peer: (peer.recv(65536), peer.sendall(said), peer.recv(65536)))
    wait_until(lambda: len(watched.told()) >= 2, 20, "it has told")
    assert watched.told()[0] is None and watched.told()[1]
    wait_until(lambda: int(watched.ask("alive")) < 1000, 20, "it lives")
    assert memory(watched.watcher()) < 16384
    watched.stop()
    server.stop()


def test_rows_without_end_are_given_up_in_bounded_time(watch):
    def talk(peer):
        peer.recv(65536)
        peer.sendall(message(b"T", b"\0\1", b"c\0" + b"\0" * 18))
        row = message(b"D", b"\0\1", b"\0\0\4\0" + b"x" * 1024)
        while True:
            peer.sendall(row * 16)
            time.sleep(0.001)

    server, watched = talk_with(watch, talk)
    wait_until(lambda: len(watched.told()) >= 2, 20, "it has told")
    assert watched.told()[0] is None and watched.told()[1]
    assert is_alive(watched.watcher())
    watched.stop()
    server.stop()
