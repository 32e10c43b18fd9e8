"""Which checks query the database, and which do not. The tests lock the table of users: a check that queries it has to
wait, and answers 503."""

import contextlib
import os
import signal
import time

import pytest
from support.away import status, statuses, use
from support.checker import now
from support.pgbouncer import PgBouncer
from support.processes import is_alive, wait_until
from support.trial import make_users, mint

pytestmark = pytest.mark.patient

STALENESS_MS = 1000
SETTINGS = {"USER_API_DATABASE_TIMEOUT_MS": 800, "USER_API_SESSION_STALENESS_MS": STALENESS_MS}


@contextlib.contextmanager
def locked(site):
    """In this context, no other session can read users."""
    connection = site.postgres.connect(site.database)
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE _user IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        connection.close()


@pytest.fixture
def make_used(make_site):
    """Makes a site, and users whose sessions it has seen."""

    def make(settings=None):
        site = make_site({**SETTINGS, **(settings or {})}, workers=2)
        users = make_users(site, 4)
        for user in users[:3]:
            use(site.pool, user.token)
        return site, users

    return make


def knows(site, user):
    """Whether the site checks this session without the database."""
    with locked(site):
        return statuses(site.pool, user.token) == {200}


def wait_until_known(site, user):
    wait_until(lambda: statuses(site.pool, user.token) == {200} and knows(site, user), 30, "the session is known")


def pass_bound():
    """Waits until the bound is over. After that, earlier knowledge counts only with a newer proof."""
    began = now()
    wait_until(lambda: now() > began + STALENESS_MS / 1000, 10, "the bound is over")


def test_a_session_that_is_known_needs_no_database(make_used):
    site, (known, _, _, unknown) = make_used({"USER_API_SESSION_STALENESS_MS": 10000})
    admin = mint(site, site.seed.alice)
    wait_until_known(site, known)
    with locked(site):
        for _ in range(20):
            assert statuses(site.pool, known.token) == {200}
        assert status(site.pool, unknown.token) == 503
        assert status(site.pool, admin, "/api/users/") == 503


def test_without_a_table_every_check_asks(make_used):
    site, (user, *_) = make_used({"USER_API_SESSION_TABLE_MIB": "0"})
    assert site.pool.watcher() is None
    with locked(site):
        assert statuses(site.pool, user.token) == {503}
    use(site.pool, user.token, 1)


@pytest.mark.parametrize("listens", [False, True], ids=["by itself", "with LISTEN_URL"])
def test_behind_a_pooler_checks_ask_unless_there_is_a_direct_way(make_used, postgres, folder, listens):
    site, (user, *_) = make_used({"USER_API_DATABASE_PREPARED": "off"})
    pooler = PgBouncer(postgres, folder).start()
    site.pool.settings["USER_API_DATABASE_URL"] = pooler.url(site.database)
    if listens:
        site.pool.settings["USER_API_SESSION_LISTEN_URL"] = postgres.url(site.database)
    site.pool.write_config()
    site.pool.reload_and_wait()
    use(site.pool, user.token)
    if listens:
        wait_until_known(site, user)
    else:
        pass_bound()
        for _ in range(5):
            use(site.pool, user.token, 1)
            assert not knows(site, user)
        assert any("LISTEN_URL" in str(line) for line in site.pool.log_lines())
    pooler.stop()


def test_a_watcher_of_another_database_is_not_believed(make_used, postgres):
    site, (user, *_) = make_used()
    other = postgres.create_database()
    site.pool.settings["USER_API_SESSION_LISTEN_URL"] = postgres.url(other)
    site.pool.write_config()
    site.pool.reload_and_wait()
    use(site.pool, user.token)
    wait_until(lambda: site.pool.log_text().count("sessions are watched") >= 2, 30, "the watcher listens there")
    use(site.pool, user.token)
    assert not knows(site, user)
    site.sql("UPDATE _user SET active = false WHERE id = %s", (user.id,))
    wait_until(lambda: statuses(site.pool, user.token) == {401}, 10, "an answer of the database")
    site.pool.terminate()
    postgres.drop_database(other)


def test_while_the_watcher_says_nothing_checks_ask(make_used):
    site, (user, *_) = make_used()
    wait_until_known(site, user)
    watcher = site.pool.watcher()
    os.kill(watcher, signal.SIGSTOP)
    pass_bound()
    assert not knows(site, user)
    os.kill(watcher, signal.SIGCONT)
    wait_until_known(site, user)
    os.kill(watcher, signal.SIGKILL)
    wait_until(lambda: not is_alive(watcher), 10, "the watcher is dead")
    wait_until(lambda: site.pool.watcher() not in (None, watcher), 30, "there is another one")
    wait_until_known(site, user)


@pytest.mark.parametrize("trigger", ["disabled", "dropped"])
def test_without_its_triggers_the_database_is_asked(make_used, trigger):
    site, (user, *_) = make_used()
    wait_until_known(site, user)
    names = "SELECT tgname FROM pg_trigger WHERE tgrelid = '_user'::regclass AND NOT tgisinternal"
    for (name,) in site.sql(names):
        site.sql(
            f"ALTER TABLE _user DISABLE TRIGGER {name}" if trigger == "disabled" else f"DROP TRIGGER {name} ON _user"
        )
    pass_bound()
    use(site.pool, user.token)
    assert not knows(site, user)
    site.sql("UPDATE _user SET active = false WHERE id = %s", (user.id,))
    wait_until(lambda: statuses(site.pool, user.token) == {401}, 10, "an answer of the database")
    for _ in range(5):
        assert statuses(site.pool, user.token) <= {401, 503}


def test_a_known_session_ends_when_its_token_expires(make_used):
    site, _ = make_used()
    expires = int(time.time()) + 3
    token = mint(site, site.seed.bob, exp=expires)

    def is_refused():
        sent = time.time()
        found = status(site.pool, token)
        assert found != 200 or sent < expires
        return found == 401

    wait_until(is_refused, 30, "the token has expired")
    assert time.time() >= expires


def test_a_token_that_is_known_does_not_count_under_another_secret(make_used):
    site, (user, *_) = make_used()
    site.pool.settings["USER_API_JWT_SECRET"] = "another secret of more than 32 bytes, for real"
    site.pool.write_config()
    site.pool.reload_and_wait()
    for _ in range(10):
        assert statuses(site.pool, user.token) == {401}
