"""The database stops, returns, is slow or refuses: answers are 503 in bounded time, and the next request works.

The pool has no table of sessions, so every request queries the database; test_sessions_*.py use one."""

import contextlib
import socket
import threading
import time

import pytest
from support.client import assert_json, canonical
from support.pgbouncer import PgBouncer
from support.postgres import SERVICE_ACCOUNT, Postgres
from support.processes import wait_until
from support.site import Site, end_sessions

pytestmark = pytest.mark.patient

# The pool's timeout, and the most seconds that an answer may take: to detect a dead connection, to try a new one, and
# to wait for a statement, on two cores shared with other tests.
TIMEOUT_MS = 600
BOUND = 8.0


@pytest.fixture(scope="module")
def server(new_folder):
    """A cluster of these tests' own, so that they may stop it."""
    own = Postgres(new_folder())
    own.start()
    yield own
    own.stop()


@pytest.fixture
def site(server, new_folder):
    settings = {
        "USER_API_DATABASE_TIMEOUT_MS": TIMEOUT_MS,
        "USER_API_DATABASE_CONNECT_TIMEOUT_MS": 2000,
        "USER_API_SESSION_TABLE_MIB": 0,
    }
    made = Site(server, new_folder(), settings, workers=2).start()
    yield made
    if not server.process.running():
        server.start()
    server.resume()
    made.stop()


def timed(send):
    begin = time.monotonic()
    answer = send()
    return answer, time.monotonic() - begin


NO_SCHEMA = "there is no User API schema in this database: run init, or name another"


def assert_unavailable(answer):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert set(answer.json()) == {"error_code", "message"}
    assert answer.json()["error_code"] == "SERVICE_UNAVAILABLE"
    assert answer.content == canonical(answer.json())
    assert answer.headers["Content-Type"] == "application/json"


def requests_of(site, admin):
    """One request for each kind of work on the database."""
    albert = site.seed.albert
    document = {"email": albert.email, "name": "changed", "active": True}
    return [
        lambda: admin.get("/api/users/token"),
        lambda: admin.get("/api/users/"),
        lambda: admin.get(f"/api/users/{albert.id}"),
        lambda: admin.get("/api/roles/"),
        lambda: admin.put(f"/api/users/{albert.id}", document),
        lambda: site.client.login(albert.email, albert.password),
        lambda: admin.post("/api/users/reset-password", {"email": albert.email, "password": albert.password}),
        lambda: admin.get("/api/users/logout"),
    ]


def assert_all_unavailable(site, admin):
    for send in requests_of(site, admin):
        answer, took = timed(send)
        assert_unavailable(answer)
        assert took < BOUND


def assert_every_worker_works(site, admin):
    for _ in range(4 * site.pool.workers):
        assert admin.get("/api/users/token").status_code == 200
        assert admin.get(f"/api/users/{site.seed.bob.id}").status_code == 404
        assert site.client.login(site.seed.albert.email, site.seed.albert.password).status_code == 200


def warm(site):
    """Logs the admin in, and makes every worker connect."""
    admin = site.login(site.seed.alice)
    assert_every_worker_works(site, admin)
    return admin


def test_stopped_and_started(site, server):
    admin = warm(site)
    workers = site.pool.pids()
    server.stop()
    assert_all_unavailable(site, admin)
    assert site.client.get("/healthz").status_code == 200
    assert_unavailable(site.client.get("/readyz"))
    server.start()
    assert_every_worker_works(site, admin)
    assert_json(admin.get(f"/api/users/{site.seed.albert.id}"), 200, site.seed.albert.full())
    assert site.client.get("/readyz").status_code == 200
    assert site.pool.pids() == workers, "nobody had to be replaced"


def test_a_server_that_takes_connections_and_says_nothing_is_passed_over_for_the_next_of_the_url(site, server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{server.port}"
        url = server.url(site.database, tcp=True).replace(f"127.0.0.1:{server.port}", ports)
        site.pool.settings["USER_API_DATABASE_URL"] = url
        site.pool.write_config()
        site.pool.reload_and_wait()
        answer, took = timed(lambda: site.client.get("/readyz"))
        assert answer.status_code == 200
        assert took < BOUND


def test_away_from_the_beginning(site, server):
    token = site.mint(site.seed.alice)
    site.pool.terminate()
    server.stop()
    site.pool.start()
    admin = site.client.bearer(token)
    assert_all_unavailable(site, admin)
    server.start()
    assert_every_worker_works(site, admin)


def test_restarted_between_two_requests_nobody_notices(site, server):
    admin = warm(site)
    server.restart()
    assert_every_worker_works(site, admin)


def test_sessions_ended_by_the_server_nobody_notices(site, server):
    admin = warm(site)
    for _ in range(3):
        assert end_sessions(site) >= 1
        document = {"email": site.seed.albert.email, "name": "renamed", "active": True}
        assert admin.put(f"/api/users/{site.seed.albert.id}", document).status_code == 200
        assert_every_worker_works(site, admin)


def test_frozen_it_is_unavailable_in_bounded_time_and_works_again_when_it_thaws(site, server):
    admin = warm(site)
    server.pause()
    try:
        for send in requests_of(site, admin)[3:6]:
            answer, took = timed(send)
            assert_unavailable(answer)
            assert took < BOUND
        answer, took = timed(lambda: site.client.get("/readyz"))
        assert_unavailable(answer)
        assert took < BOUND
        assert site.client.get("/healthz").status_code == 200
    finally:
        server.resume()
    wait_until(server.accepts, 10, "the server is back")
    assert_every_worker_works(site, admin)


def statements_at(site):
    """The state of every worker's session, and the statement that it is busy with."""
    running = "SELECT state, query FROM pg_stat_activity WHERE datname = %s AND usename = %s AND application_name = 'user-api'"
    return site.sql(running, (site.database, SERVICE_ACCOUNT))


@contextlib.contextmanager
def locked(site, statement):
    """Holds the statement's locks in a transaction of its own, which it rolls back at the end."""
    connection = site.postgres.connect(site.database)
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        yield
        connection.rollback()
    finally:
        connection.close()


def test_slow_reads_are_given_up_in_bounded_time(site):
    admin = warm(site)
    with locked(site, "LOCK TABLE _user IN ACCESS EXCLUSIVE MODE"):
        for send in requests_of(site, admin)[:3]:
            answer, took = timed(send)
            assert_unavailable(answer)
            assert TIMEOUT_MS / 1000 * 0.9 < took < BOUND
    assert_every_worker_works(site, admin)


def test_slow_writes_are_given_up_and_happen_neither_then_nor_later(site):
    admin = warm(site)
    albert = site.seed.albert
    before = site.seed.row(albert)
    document = {
        "email": albert.email,
        "name": "too late",
        "active": False,
        "password": "too late too",
        "roles": [],
    }
    with locked(site, f"SELECT 1 FROM _user WHERE id = {albert.id} FOR UPDATE"):
        answer, took = timed(lambda: admin.put(f"/api/users/{albert.id}", document))
        assert_unavailable(answer)
        assert took < BOUND
    assert_every_worker_works(site, admin)
    assert site.seed.row(albert) == before
    idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state LIKE 'idle in transaction%%'"
    assert site.sql(idle, (site.database,)) == [(0,)]


@pytest.mark.parametrize("prepared", ["on", "off"])
def test_clients_that_try_again_and_again_pile_up_no_statements(site, prepared):
    """The server cancels each statement before the client gives up, so there are never more sessions than workers."""
    site.pool.settings["USER_API_DATABASE_PREPARED"] = prepared
    site.pool.write_config()
    site.pool.reload_and_wait()
    admin, albert, codes, most = warm(site), site.seed.albert, [], 0
    document = {"email": albert.email, "name": "changed", "active": True}

    def insist():
        for _ in range(3):
            codes.append(admin.put(f"/api/users/{albert.id}", document).status_code)

    with locked(site, f"SELECT 1 FROM _user WHERE id = {albert.id} FOR UPDATE"):
        threads = [threading.Thread(target=insist) for _ in range(8)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most = max(most, len(statements_at(site)))
        assert set(codes) == {503} and len(codes) == 24
        assert 1 <= most <= site.pool.workers
    assert_every_worker_works(site, admin)


def assert_cancelled(site, admin, path):
    """A statement that catches the server's timeout and continues. It ends when the service cancels it."""
    site.sql(
        "CREATE FUNCTION public.stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL;"
        " EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(60); RETURN NULL; END $$"
    )
    site.sql(
        "CREATE TRIGGER stay AFTER UPDATE ON public._user FOR EACH STATEMENT EXECUTE FUNCTION public.stay()"
    )
    document = {"email": site.seed.albert.email, "name": "never", "active": True}
    answer, took = timed(lambda: admin.put(path, document))
    assert_unavailable(answer)
    assert took < BOUND
    wait_until(
        lambda: all("UPDATE _user" not in query or state == "idle" for state, query in statements_at(site)),
        10,
        "the statement that was given up has ended",
    )
    site.sql("DROP TRIGGER stay ON public._user")
    assert admin.put(path, document).status_code == 200


@pytest.mark.parametrize("prepared", ["on", "off"])
def test_a_statement_that_is_given_up_is_cancelled(site, prepared):
    site.pool.settings["USER_API_DATABASE_PREPARED"] = prepared
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert_cancelled(site, warm(site), f"/api/users/{site.seed.albert.id}")


def test_a_statement_that_is_given_up_is_cancelled_through_a_pooler_too(site, server, new_folder):
    pooler = PgBouncer(server, new_folder()).start()
    site.pool.settings["USER_API_DATABASE_URL"] = pooler.url(site.database)
    site.pool.settings["USER_API_DATABASE_PREPARED"] = "off"
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert_cancelled(site, warm(site), f"/api/users/{site.seed.albert.id}")
    pooler.stop()


# How the database is broken, how that is undone, and the hint in the log.
MISCONFIGURED = [
    ("REVOKE SELECT ON _user FROM user_api_sa", "GRANT SELECT ON _user TO user_api_sa", "user-api-admin doctor"),
    ("ALTER TABLE _user RENAME TO gone", "ALTER TABLE gone RENAME TO _user", "user-api-admin migrate and doctor"),
    ("ALTER TABLE _user RENAME epoch TO gone", "ALTER TABLE _user RENAME gone TO epoch", "user-api-admin migrate"),
]


@pytest.mark.parametrize("spoil,mend,hint", MISCONFIGURED, ids=[spoil for spoil, _, _ in MISCONFIGURED])
def test_a_database_that_is_not_as_the_service_needs_it_is_an_outage_with_a_hint(site, spoil, mend, hint):
    admin, alice = warm(site), site.seed.alice
    site.sql(spoil)
    assert_unavailable(admin.get("/api/users/token"))
    assert_unavailable(site.client.login(alice.email, alice.password))
    failed = [line for line in site.pool.log_lines() if line["event"] == "statement failed"]
    assert failed and all(line["level"] == "error" and hint in line["hint"] for line in failed)
    site.sql(mend)
    assert_every_worker_works(site, admin)


def test_a_write_whose_connection_breaks_is_never_repeated(site, server):
    admin = warm(site)
    email = "once@example.org"
    document = {"email": email, "name": "n", "password": "12345678", "active": True, "roles": []}
    answers = []
    waiting = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = 'user_api_sa' AND wait_event_type = 'Lock'"
    )
    with locked(site, "LOCK TABLE _user IN SHARE MODE"):
        thread = threading.Thread(target=lambda: answers.append(admin.post("/api/users/", document)))
        thread.start()
        wait_until(lambda: server.execute(waiting, (site.database,)), 20, "the insert waits for the lock")
        thread.join(BOUND)
    assert answers and answers[0].status_code in (500, 503)
    assert_every_worker_works(site, admin)
    assert site.sql("SELECT count(*) FROM _user WHERE email = %s", (email,)) == [(0,)]
    assert admin.post("/api/users/", document).status_code == 201


def test_a_login_whose_counting_breaks_off_is_neither_counted_twice_nor_let_in(site, server):
    warm(site)
    albert = site.seed.albert
    answers = []
    waiting = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = 'user_api_sa' AND wait_event_type = 'Lock'"
    )
    with locked(site, "LOCK TABLE failed_login IN SHARE MODE"):
        thread = threading.Thread(target=lambda: answers.append(site.client.login(albert.email, albert.password)))
        thread.start()
        wait_until(lambda: server.execute(waiting, (site.database,)), 20, "the counter waits for the lock")
    thread.join(BOUND)
    assert_unavailable(answers[0])
    assert site.client.login(albert.email, albert.password).status_code == 200


def test_a_commit_whose_outcome_is_unknown_is_said_to_be_so_and_never_repeated(site):
    """The session ends during the commit. A sequence counts the attempts, because no rollback resets it."""
    admin = warm(site)
    site.sql("CREATE SEQUENCE attempts")
    site.sql(
        "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
        " BEGIN PERFORM nextval('attempts'); PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    site.sql(
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON _user DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION end_session()"
    )
    document = {"email": "unknown@example.org", "name": "n", "password": "12345678", "active": True, "roles": []}
    answer = admin.post("/api/users/", document)
    assert_unavailable(answer)
    assert "not known" in answer.json()["message"]
    assert site.sql("SELECT last_value FROM attempts") == [(1,)]
    site.sql("DROP TRIGGER at_commit ON _user")
    assert admin.post("/api/users/", document).status_code == 201


def test_a_change_whose_answer_cannot_be_read_is_not_made(site):
    admin, albert = site.login(site.seed.alice), site.seed.albert
    before = site.seed.row(albert)
    site.sql(f"REVOKE SELECT ON role FROM {SERVICE_ACCOUNT}")
    document = {"email": "lost@example.org", "name": "n", "password": "12345678", "active": True, "roles": []}
    assert admin.post("/api/users/", document).status_code == 503
    reset = {"email": albert.email, "password": "another password"}
    assert admin.post("/api/users/reset-password", reset).status_code == 503
    site.sql(f"GRANT SELECT ON role TO {SERVICE_ACCOUNT}")
    assert site.sql("SELECT count(*) FROM _user WHERE email = 'lost@example.org'") == [(0,)]
    assert site.seed.row(albert) == before
    assert admin.post("/api/users/", document).status_code == 201


@pytest.mark.parametrize(
    "refuse,allow",
    [
        ("ALTER ROLE user_api_sa NOLOGIN", "ALTER ROLE user_api_sa LOGIN"),
        ("ALTER ROLE user_api_sa CONNECTION LIMIT 0", "ALTER ROLE user_api_sa CONNECTION LIMIT -1"),
        ('ALTER DATABASE "{}" CONNECTION LIMIT 0', 'ALTER DATABASE "{}" CONNECTION LIMIT -1'),
    ],
    ids=["no login", "too many connections of the role", "too many connections to the database"],
)
def test_connections_refused(site, server, refuse, allow):
    admin = warm(site)
    server.execute(refuse.format(site.database))
    try:
        end_sessions(site)
        assert_all_unavailable(site, admin)
    finally:
        server.execute(allow.format(site.database))
    assert_every_worker_works(site, admin)


def test_after_a_failover_to_a_read_only_server_writes_are_unavailable(site, server):
    admin = warm(site)
    server.execute(f'ALTER DATABASE "{site.database}" SET default_transaction_read_only = on')
    end_sessions(site)
    document = {"email": site.seed.albert.email, "name": "changed", "active": True}
    assert_unavailable(admin.put(f"/api/users/{site.seed.albert.id}", document))
    assert admin.get("/api/users/").status_code == 200
    server.execute(f'ALTER DATABASE "{site.database}" RESET default_transaction_read_only')
    end_sessions(site)
    assert admin.put(f"/api/users/{site.seed.albert.id}", document).status_code == 200


def test_a_flood_of_requests_at_a_stopped_server_is_answered(site, server):
    admin = warm(site)
    server.stop()
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(admin.get("/api/users/token"))) for _ in range(10)
    ]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begin < 2 * BOUND
    assert [answer.status_code for answer in answers] == [503] * 10


@pytest.mark.parametrize("migrations_missing", [1, "all but one"])
def test_a_schema_older_than_needed_is_not_ready_and_the_log_says_so(site, migrations_missing):
    (needed,) = site.sql("SELECT max(version::integer) FROM schema_spec")[0]
    version = needed - 1 if migrations_missing == 1 else 1
    site.sql("UPDATE schema_spec SET version = %s", (str(version),))
    answer = site.client.get("/readyz", headers={"X-Request-Id": "old-schema"})
    assert_unavailable(answer)
    lines = [line for line in site.pool.log_lines() if line.get("request_id") == "old-schema"]
    assert any("schema" in str(line).lower() and line["level"] in ("warn", "error") for line in lines)
    site.sql("DELETE FROM schema_spec")
    assert_unavailable(site.client.get("/readyz"))


def test_a_schema_newer_than_the_program_works_and_each_worker_says_so_once(site):
    site.sql("INSERT INTO schema_spec (version) VALUES ('99')")
    site.pool.reload_and_wait()
    for _ in range(20):
        assert site.client.get("/readyz").status_code == 200
    lines = [line for line in site.pool.log_lines() if "newer than this program" in line["event"]]
    assert {(line["level"], line["version"]) for line in lines} == {("warn", 99)}
    workers = [line["pid"] for line in lines]
    assert workers and len(workers) == len(set(workers))


def test_a_database_that_was_never_migrated_is_not_ready(site, server):
    empty = server.create_database(migrated=False)
    site.pool.settings["USER_API_DATABASE_URL"] = server.url(empty)
    site.pool.write_config()
    site.pool.reload_and_wait()
    answer = site.client.get("/readyz", headers={"X-Request-Id": "no-schema"})
    assert_unavailable(answer)
    assert answer.json()["message"] == NO_SCHEMA
    lines = [line for line in site.pool.log_lines() if line.get("request_id") == "no-schema"]
    assert [line["level"] for line in lines if line["event"] == NO_SCHEMA] == ["error"]
    assert site.client.get("/healthz").status_code == 200


def test_a_missing_right_is_logged_with_the_account_that_lacks_it(site):
    site.sql("REVOKE SELECT ON schema_spec FROM user_api_sa")
    answer = site.client.get("/readyz", headers={"X-Request-Id": "no-right"})
    site.sql("GRANT SELECT ON schema_spec TO user_api_sa")
    assert_unavailable(answer)
    assert "user_api_sa" not in answer.text
    lines = [line for line in site.pool.log_lines() if line.get("request_id") == "no-right"]
    refused = [line for line in lines if line.get("sqlstate") == "42501"]
    assert [line["account"] for line in refused] == ["user_api_sa"]


def test_the_outage_is_logged_without_the_password_of_the_database(site, server):
    url = server.url(site.database, password="s3cret-of-the-database")
    site.pool.settings["USER_API_DATABASE_URL"] = url
    site.pool.write_config()
    site.pool.reload_and_wait()
    server.stop()
    assert_unavailable(site.client.get("/readyz"))
    assert_unavailable(site.client.login(site.seed.alice.email, site.seed.alice.password))
    assert any(line["level"] in ("warn", "error") for line in site.pool.log_lines())
    assert "s3cret-of-the-database" not in site.pool.log_text()
