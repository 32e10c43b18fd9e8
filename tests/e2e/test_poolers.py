"""PgBouncer between the service and PostgreSQL: everything works although each transaction may get another session,
or the log names the setting to change."""

import threading

import pytest
from support.client import assert_json
from support.pgbouncer import PgBouncer, tracks_statements
from support.postgres import SERVICE_ACCOUNT
from support.processes import wait_until
from support.site import end_sessions

TIMEOUT_MS = 1500
WORKERS = 4
FLOOD = 240

OFF = {"USER_API_DATABASE_PREPARED": "off"}


@pytest.fixture
def make_pooled(make_site, postgres, new_folder):
    """Makes sites whose pools use PgBouncer: make_pooled({"USER_API_…": …}, pool_mode="session")."""
    started = []

    def make(settings=None, **options):
        site = make_site(settings, workers=WORKERS)
        pooler = PgBouncer(postgres, new_folder(), **options).start()
        started.append(pooler)
        site.pool.settings["USER_API_DATABASE_URL"] = pooler.url(site.database)
        site.pool.write_config()
        site.pool.reload_and_wait()
        site.pooler = pooler
        return site

    yield make
    for pooler in started:
        pooler.stop()


def at_once(send, count):
    """The status codes of `count` requests, sixteen at a time."""
    codes = []
    todo = list(range(count))

    def work():
        while True:
            try:
                todo.pop()
            except IndexError:
                return
            codes.append(send().status_code)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def assert_everything_works(site):
    admin, seed = site.login(site.seed.alice), site.seed
    document = {"email": "pooled@example.org", "name": "n", "password": "12345678", "active": True, "roles": [{"id": 2}]}
    made = admin.post("/api/users/", document)
    assert made.status_code == 201
    assert admin.post("/api/users/", document).status_code == 409
    update = {"email": "pooled@example.org", "name": "m", "active": True, "password": "87654321"}
    assert admin.put(f"/api/users/{made.json()['id']}", update).status_code == 200
    assert set(at_once(lambda: admin.get("/api/users/token"), FLOOD)) == {200}
    assert_json(admin.get(f"/api/users/{seed.albert.id}"), 200, seed.albert.full())
    changed = {"email": seed.albert.email, "name": "at once", "active": True}
    assert set(at_once(lambda: admin.put(f"/api/users/{seed.albert.id}", changed), 40)) == {200}
    assert site.client.login("pooled@example.org", "87654321").status_code == 200
    assert site.client.get("/readyz").status_code == 200
    assert admin.get("/api/users/logout").status_code == 200
    assert set(at_once(lambda: admin.get("/api/users/token"), 8)) == {401}


def test_without_named_statements_everything_works(make_pooled):
    assert_everything_works(make_pooled(OFF, default_pool_size=2))


def test_with_a_session_for_each_client_named_statements_work(make_pooled):
    assert_everything_works(make_pooled(pool_mode="session"))


def test_named_statements_that_collide_are_503_and_the_log_names_the_setting(make_pooled):
    """The status is never 500. The site is not ready, even if some workers succeed by chance."""
    site = make_pooled(**({"max_prepared_statements": 0} if tracks_statements() else {}))
    token = site.mint(site.seed.alice)
    admin = site.client.bearer(token)
    codes = at_once(lambda: admin.get("/api/users/token"), FLOOD)
    assert 503 in codes and set(codes) <= {200, 503}
    for _ in range(2 * WORKERS):
        assert site.client.get("/readyz", headers={"X-Request-Id": "collides"}).status_code == 503
    lines = [line for line in site.pool.log_lines() if line.get("request_id") == "collides" and line["level"] == "error"]
    assert any("USER_API_DATABASE_PREPARED=off" in str(line) for line in lines)
    assert any("max_prepared_statements" in str(line) for line in lines)
    site.pool.settings.update(OFF)
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert set(at_once(lambda: admin.get("/api/users/token"), FLOOD)) == {200}


@pytest.mark.skipif(not tracks_statements(), reason="this PgBouncer does not track prepared statements (1.21 does)")
def test_named_statements_that_the_pooler_tracks_work(make_pooled):
    assert_everything_works(make_pooled(max_prepared_statements=100, default_pool_size=2))


@pytest.mark.parametrize("hostile", ["SET search_path = pg_catalog", "SET statement_timeout = '10min'"])
def test_what_other_clients_leave_in_a_session_does_not_matter(make_pooled, hostile):
    site = make_pooled(OFF, default_pool_size=1)
    admin = site.login(site.seed.alice)
    settings = "ALTER ROLE {} IN DATABASE \"{}\" {}"
    site.sql(settings.format(SERVICE_ACCOUNT, site.database, hostile))
    pids = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
    site.sql(pids, (site.database, SERVICE_ACCOUNT))
    wait_until(lambda: admin.get("/api/users/token").status_code == 200, 10, "the pooler has a new session")
    connection = site.postgres.connect(site.database)
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE _user IN ACCESS EXCLUSIVE MODE")
    running = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    assert admin.get("/api/users/").status_code == 503
    wait_until(lambda: site.sql(running, (site.database,)) == [(0,)], 10, "the server has given up too")
    connection.rollback()
    connection.close()
    assert admin.get("/api/users/").status_code == 200


def test_through_a_pooler_that_allows_no_transactions_changes_are_an_outage_and_the_log_blames_it(make_pooled):
    site = make_pooled(OFF, pool_mode="statement")
    admin, albert = site.client.bearer(site.mint(site.seed.alice)), site.seed.albert
    before = site.seed.row(albert)
    assert site.client.login(albert.email, albert.password).status_code == 503, "its event is a change"
    document = {"email": albert.email, "name": "changed", "active": True}
    assert admin.put(f"/api/users/{albert.id}", document).status_code == 503
    assert site.seed.row(albert) == before
    assert any("pooler" in line.get("hint", "") for line in site.pool.log_lines())


def test_a_pooler_that_ends_and_comes_back_is_an_outage_until_then(make_pooled):
    site = make_pooled({**OFF, "USER_API_DATABASE_TIMEOUT_MS": TIMEOUT_MS})
    admin = site.login(site.seed.alice)
    site.pooler.stop()
    document = {"email": site.seed.albert.email, "name": "changed", "active": True}
    for _ in range(WORKERS):
        assert admin.get("/api/users/token").status_code == 503
        assert admin.put(f"/api/users/{site.seed.albert.id}", document).status_code == 503
        assert site.client.get("/readyz").status_code == 503
    site.pooler.start()
    change = lambda: admin.put(f"/api/users/{site.seed.albert.id}", document).status_code  # noqa: E731
    wait_until(lambda: change() == 200, 10, "the pause after the last failed attempt is over")
    for _ in range(WORKERS):
        assert change() == 200


def test_a_server_that_restarts_behind_the_pooler_is_an_outage_until_then(make_pooled):
    """PgBouncer loses its sessions on the server, and reports that with its own messages."""
    site = make_pooled(OFF, default_pool_size=2)
    admin = site.login(site.seed.alice)
    document = {"email": site.seed.albert.email, "name": "changed", "active": True}
    for _ in range(5):
        end_sessions(site)
        codes = at_once(lambda: admin.get("/api/users/token"), 16)
        codes += at_once(lambda: admin.put(f"/api/users/{site.seed.albert.id}", document), 16)
        assert set(codes) <= {200, 503}
    assert set(at_once(lambda: admin.get("/api/users/token"), 16)) == {200}
