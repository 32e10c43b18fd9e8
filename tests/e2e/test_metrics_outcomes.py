"""GET /metrics: the results of logins, hashes, checks of sessions, statements and log lines."""

import os
import signal

import pytest
from support import fastcgi
from support.attempts import HERE, assert_wrong, block, login
from support.metrics import ON, assert_never_fell, scrape
from support.pool_peers import events, send
from support.postgres import Postgres
from support.processes import wait_until
from support.queueing import COUNTING, SLOW_CLIENT, Waiting, occupied, with_somebody_slow
from support.site import Site, end_sessions

pytest_plugins = ["support.pool_fixtures"]

MOST_OF_A_SOURCE = 16
# No proof is ever too old, even if this machine is slow.
FRESH = {"USER_API_SESSION_STALENESS_MS": 60000}
NONE = {"succeeded": 0, "refused": 0, "blocked": 0, "busy": 0, "failed": 0}


@pytest.fixture
def counted(make_site):
    return make_site({**ON, **FRESH}, workers=3)


def wait_until_current(site):
    wait_until(lambda: scrape(site.pool).get("session_table_stale") == 0, 30, "the session table counts")


# Logins


def test_logins_are_counted_by_what_became_of_them(counted):
    address, alice = counted.pool.address, counted.seed.alice
    inactive = counted.seed.user("idle", active=False)
    assert scrape(counted.pool).logins() == NONE, "all are there from the beginning"
    for _ in range(3):
        assert login(address, alice.email, alice.password).status == 200
    assert_wrong(login(address, alice.email))
    assert_wrong(login(address, "nobody@example.org"))
    assert login(address, inactive.email, inactive.password).status == 401
    assert fastcgi.request(address, fastcgi.environ("POST", "/api/users/login", b"{}"), b"{}")[0] == 422
    block(address, counted.seed.bob.email)
    metrics = scrape(counted.pool)
    assert metrics.logins() == {**NONE, "succeeded": 3, "refused": 2 + 1 + 10, "blocked": 1, "failed": 1}
    assert sum(metrics.logins().values()) == metrics.requests("/api/users/login")


@pytest.mark.alone
def test_hashes_under_way_and_refused_are_counted_and_such_logins_are_busy(make_site):
    site = with_somebody_slow(make_site({**ON, **COUNTING, "USER_API_HASH_SLOTS": 1}, workers=2))
    attempts = [("nobody@example.org", "x", HERE)] * (MOST_OF_A_SOURCE + 6)
    before = scrape(site.pool)
    assert (before.get("hash_slots"), before.get("hash_slots_in_use")) == (1, 0)
    with occupied(site, until=False) as slow, Waiting(site, attempts) as waiting:
        wait_until(lambda: len(waiting.answered()) >= 6, 20, "those beyond the bound are answered")
        during = scrape(site.pool)
        assert not slow.done() and during.get("hash_slots_in_use") == 1
        assert during.get("hash_refused_total") == 6
        assert during.logins() == {**NONE, "busy": 6}
        waiting.all()
    after = scrape(site.pool)
    assert after.logins() == {**NONE, "busy": 6, "refused": MOST_OF_A_SOURCE + 1}
    assert after.get("hash_refused_total") == 6
    wait_until(lambda: scrape(site.pool).get("hash_slots_in_use") == 0, 20, "nothing is hashed")


@pytest.mark.alone
def test_a_hash_that_was_lost_with_the_hasher_is_refused_and_no_slot_stays_in_use(make_site):
    site = with_somebody_slow(make_site({**ON, **COUNTING, "USER_API_HASH_SLOTS": 1}, workers=2))
    with occupied(site, until=False) as slow:
        wait_until(lambda: scrape(site.pool).get("hash_slots_in_use") == 1, 20, "it is hashed")
        send(site.pool.hasher(), signal.SIGKILL)
        assert slow.result().status == 503
    metrics = scrape(site.pool)
    assert metrics.get("hash_refused_total") == 1 and metrics.logins() == {**NONE, "busy": 1}
    wait_until(lambda: scrape(site.pool).get("hash_slots_in_use") == 0, 20, "nothing is hashed")
    assert login(site.pool.address, site.seed.alice.email, site.seed.alice.password, SLOW_CLIENT).status == 200


# Sessions


def test_checks_of_a_token_hit_the_table_once_the_database_has_accepted_it(counted):
    wait_until_current(counted)
    alice = counted.login(counted.seed.alice)
    for _ in range(20):
        assert alice.get("/api/users/token").status_code == 200
    metrics = scrape(counted.pool)
    assert metrics.get("session_lookups_total", result="miss") == 1
    assert metrics.get("session_lookups_total", result="hit") == 19
    assert metrics.total("database_errors_total") == 0


def test_a_token_that_ended_misses_and_one_that_is_forged_is_not_looked_up(counted):
    wait_until_current(counted)
    alice = counted.login(counted.seed.alice)
    assert alice.get("/api/users/token").status_code == 200
    assert alice.get("/api/users/logout").status_code == 200
    assert alice.get("/api/users/token").status_code == 401
    assert counted.client.bearer("a.b.c").get("/api/users/token").status_code == 401
    metrics = scrape(counted.pool)
    assert metrics.total("session_lookups_total") == 3
    assert metrics.get("session_lookups_total", result="miss") == 2


def test_without_a_table_nothing_is_looked_up_and_nothing_is_said_of_its_age(make_site):
    site = make_site({**ON, "USER_API_SESSION_TABLE_MIB": 0}, workers=2)
    assert site.login(site.seed.alice).get("/api/users/token").status_code == 200
    metrics = scrape(site.pool)
    assert metrics.total("session_lookups_total") == 0
    assert not [name for name in metrics.families if name.startswith(("user_api_session_table", "user_api_session_watcher"))]


def test_a_watcher_that_stands_still_is_not_up_and_one_that_goes_on_is(make_site):
    """The watcher is stopped for less than ten seconds, because after that it is replaced. Its proofs get too old
    meanwhile."""
    site = make_site({**ON, "USER_API_SESSION_STALENESS_MS": 1000}, workers=2)
    wait_until_current(site)
    assert scrape(site.pool).get("session_watcher_up") == 1
    send(site.pool.watcher(), signal.SIGSTOP)
    page = wait_until(lambda: is_down(scrape(site.pool)), 30, "the page says that it is down")
    assert page.get("session_table_stale") == 1 and page.get("session_table_age_seconds") > 1
    send(site.pool.watcher(), signal.SIGCONT)
    wait_until(lambda: scrape(site.pool).get("session_watcher_up") == 1, 30, "it is up again")
    wait_until_current(site)
    assert scrape(site.pool).get("session_table_age_seconds") < 30


def test_a_watcher_that_has_died_and_is_not_yet_replaced_is_not_up(counted):
    """The next watcher starts after a pause that doubles each time. During the pause, the last sign of life of the
    previous watcher would still be recent."""
    pool, seen = counted.pool, []

    def dies():
        before = pool.watcher()
        send(before, signal.SIGKILL)
        while pool.watcher() in (None, before):
            seen.append(scrape(pool).get("session_watcher_up"))

    for _ in range(4):
        wait_until(pool.watcher, 30, "there is a watcher")
        dies()
    assert 0 in seen
    wait_until(lambda: scrape(pool).get("session_watcher_up") == 1, 30, "it is up again")


def is_down(metrics):
    return metrics if metrics.get("session_watcher_up") == 0 else None


# The database


@pytest.fixture
def server(new_folder):
    """A separate cluster, because tests stop it."""
    own = Postgres(new_folder())
    own.start()
    yield own
    own.stop()


def errors(site):
    return {kind: scrape(site.pool).get("database_errors_total", kind=kind) for kind in ("connection", "statement")}


def test_while_the_database_is_away_connections_that_fail_are_counted(server, new_folder):
    site = Site(server, new_folder(), {**ON, "USER_API_SESSION_STALENESS_MS": 1000}, workers=2).start()
    try:
        alice = site.login(site.seed.alice)
        assert alice.get("/api/users/").status_code == 200
        wait_until_current(site)
        before = scrape(site.pool)
        server.stop()
        assert alice.get("/api/users/").status_code == 503
        assert login(site.pool.address, site.seed.alice.email, site.seed.alice.password).status == 503
        page = wait_until(lambda: is_stale(scrape(site.pool)), 30, "the table does not count")
        assert page.get("session_table_age_seconds") > 0 and page.get("session_watcher_up") == 1
        after = scrape(site.pool)
        assert after.get("database_errors_total", kind="connection") >= 2
        assert after.get("database_errors_total", kind="statement") == 0
        assert after.logins()["failed"] == 1
        assert after.requests("/api/users/", "GET", "5xx") == 1
        assert_never_fell(before, after)
        server.start()
        wait_until_current(site)
        assert alice.get("/api/users/").status_code == 200
    finally:
        if not server.process.running():
            server.start()
        site.stop()


def is_stale(metrics):
    return metrics if metrics.get("session_table_stale") == 1 else None


def test_a_session_that_the_server_ends_is_a_lost_connection_also_where_nobody_notices(make_site):
    site = make_site({**ON, "USER_API_SESSION_TABLE_MIB": 0}, workers=1)
    alice = site.login(site.seed.alice)
    assert errors(site) == {"connection": 0, "statement": 0}
    assert end_sessions(site) == 1
    assert alice.get("/api/users/token").status_code == 200
    assert errors(site) == {"connection": 1, "statement": 0}


def test_statements_that_fail_are_counted_and_ordinary_refusals_are_not(make_site):
    site = make_site(ON, workers=1)
    alice = site.login(site.seed.alice)
    taken = {"email": site.seed.bob.email, "name": "n", "active": True}
    assert alice.put(f"/api/users/{site.seed.albert.id}", taken).status_code == 409
    assert [line["sqlstate"] for line in events(site.pool, "statement failed")] == ["23505"], "the database has refused it"
    assert errors(site) == {"connection": 0, "statement": 0}
    site.sql("REVOKE SELECT ON role FROM user_api_sa")
    assert alice.get("/api/roles/").status_code == 503
    assert errors(site) == {"connection": 0, "statement": 1}


# The log


def test_lines_that_nobody_takes_are_counted_for_good(make_pool):
    """Every line is either in the pipe or was dropped."""
    reader, writer = os.pipe()
    pool = make_pool(ON, workers=2, stderr=writer).start()
    asked = 1200
    for _ in range(asked):
        assert fastcgi.get(pool.address, "/api/users/token")[0] == 401
    dropped = scrape(pool).get("log_lines_dropped_total")
    os.set_blocking(reader, False)
    text = b""
    while chunk := read_some(reader):
        text += chunk
    assert dropped > 0 and text.count(b'"path":"/api/users/token"') + dropped == asked
    victim = pool.pids()[0]
    send(victim, signal.SIGKILL)
    wait_until(lambda: victim not in pool.pids() and len(pool.pids()) == 2, 30, "it is replaced")
    for _ in range(20):
        assert fastcgi.get(pool.address, "/healthz")[0] == 200
    # The line of the first scrape was dropped after its page was written. Lines that are written later do not lower the
    # number.
    assert scrape(pool).get("log_lines_dropped_total") == dropped + 1
    pool.stop()
    os.close(reader)
    os.close(writer)


def read_some(reader):
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return b""
