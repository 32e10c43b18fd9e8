"""Grace: while the database is unreachable, guards and token checks accept sessions that were known to be good, for as
long as the operator allows. Nothing else works."""

import functools
import os
import time

import pytest
from support.away import BACK, BEGINS, TOO_LONG, last_pass, lose, said_of_grace, status, statuses, use
from support.checker import now
from support.fastcgi import environ, request
from support.pgbouncer import PgBouncer
from support.postgres import Postgres
from support.processes import wait_until
from support.silent_proxy import SilentProxy
from support.site import Site
from support.transactions import at_once
from support.trial import make_users, mint

pytestmark = pytest.mark.patient

LONG = 600
SHORT = 5
STALENESS_MS = 500
SETTINGS = {
    "USER_API_DATABASE_TIMEOUT_MS": 800,
    "USER_API_DATABASE_CONNECT_TIMEOUT_MS": 2000,
    "USER_API_SESSION_STALENESS_MS": STALENESS_MS,
}
# Seconds after which every check refuses a session that has ended.
BOUND = STALENESS_MS / 1000


class Away:
    """A site whose database can be taken away and given back. `form` says which processes serve, and how they reach the
    database."""

    def __init__(self, server, folder, form, grace):
        self.server, self.form = server, form
        self.pooler = None
        self.site = Site(server, folder, SETTINGS, workers=0 if form == "single process" else 2)
        self.site.pool.settings["USER_API_SESSION_GRACE_SECONDS"] = grace
        if form == "PgBouncer":
            os.mkdir(os.path.join(folder, "pooler"))
            self.pooler = PgBouncer(server, os.path.join(folder, "pooler")).start()
            url = self.pooler.url(self.site.database)
            self.site.pool.settings.update(USER_API_DATABASE_URL=url, USER_API_DATABASE_PREPARED="off")
        self.site.pool.write_config()
        self.pool = self.site.pool.start()
        self.users = make_users(self.site, 12)

    def take(self):
        """Stops the database, or its pooler. Returns the time."""
        (self.pooler.process if self.pooler else self.server).stop()
        return now()

    def take_from(self, *tokens):
        """The same, after all processes know these sessions."""
        return lose(self.pool, tokens, self.take, self.give_back, self.form == "pool")

    def give_back(self):
        (self.pooler or self.server).start()

    def stop(self):
        if not self.server.process.running():
            self.server.start()
        if self.pooler:
            self.pooler.stop()
        self.site.stop()


@pytest.fixture(scope="module")
def server(new_folder):
    """A separate cluster, because tests stop it."""
    own = Postgres(new_folder()).start()
    yield own
    own.stop()


@pytest.fixture
def make_away(server, new_folder):
    made = []

    def make(grace=LONG, form="pool"):
        made.append(Away(server, new_folder(), form, grace))
        return made[-1]

    yield make
    for each in made:
        each.stop()


FORMS = pytest.mark.parametrize("form", ["pool", "single process", "PgBouncer"])


def others(away, token, victim):
    """The statuses of requests of all kinds except checks."""
    document = f'{{"email":"{victim.email}","name":"changed","active":true}}'.encode()
    asked = [
        ("GET", "/api/users/", b""),
        ("GET", f"/api/users/{victim.id}", b""),
        ("GET", "/api/roles/", b""),
        ("PUT", f"/api/users/{victim.id}", document),
        ("DELETE", f"/api/users/{victim.id}", b""),
        ("POST", "/api/users/logout", b""),
        ("POST", "/api/users/reset-password", f'{{"email":"{victim.email}","password":"12345678"}}'.encode()),
    ]
    found = []
    for method, uri, body in asked:
        more = {"CONTENT_TYPE": "application/json"} if body else {}
        sent = environ(method, uri, body, HTTP_AUTHORIZATION=f"Bearer {token}", **more)
        found.append(request(away.pool.address, sent, body)[0])
    return found


@FORMS
def test_without_grace_nobody_passes_while_the_database_is_away(make_away, form):
    away = make_away(0, form)
    token = away.users[0].token
    gone = away.take_from(token)
    wait_until(lambda: now() > gone + BOUND, 10, "the bound is over")
    assert statuses(away.pool, token) == {503}
    away.give_back()
    wait_until(lambda: statuses(away.pool, token) == {200}, 30, "the database is back")


@FORMS
def test_a_session_that_was_good_passes_checks_and_nothing_else(make_away, form):
    away = make_away(LONG, form)
    site, (known, unknown, victim) = away.site, away.users[:3]
    admin = mint(site, site.seed.alice)
    away.take_from(known.token, admin)
    for token in (known.token, admin):
        wait_until(lambda: statuses(away.pool, token) == {200}, 15, "grace has begun")  # noqa: B023
    for _ in range(5):
        assert statuses(away.pool, unknown.token) == {503}
        assert statuses(away.pool, known.token) == {200}
    assert others(away, admin, victim) == [503] * 7
    assert away.pool.request("GET", "/readyz")[0] == 503
    assert away.pool.request("GET", "/healthz")[0] == 200
    away.give_back()
    wait_until(lambda: away.pool.request("GET", "/readyz")[0] == 200, 30, "the database is back")
    use(away.pool, unknown.token, 1)
    assert site.sql("SELECT name FROM _user WHERE id = %s", (victim.id,)) == [(victim.name,)]


@FORMS
def test_grace_ends_by_itself(make_away, form):
    """Grace lasts for this time after the session was last known to be good. That was before the database was taken
    away."""
    away = make_away(SHORT, form)
    token = away.users[0].token
    gone = away.take_from(token)
    last = last_pass(away.pool, token, SHORT + 30)
    assert last is not None and last <= gone + max(SHORT, BOUND)
    for _ in range(10):
        assert statuses(away.pool, token) == {503}


@FORMS
def test_the_log_says_once_when_grace_begins_and_once_when_it_ends(make_away, form):
    away = make_away(LONG, form)
    token = away.users[0].token
    away.take_from(token)
    wait_until(lambda: statuses(away.pool, token) == {200}, 15, "grace has begun")
    for _ in range(10):
        assert statuses(away.pool, token) == {200}
    away.give_back()
    wait_until(lambda: away.pool.request("GET", "/readyz")[0] == 200, 30, "the database is back")
    use(away.pool, token)
    wait_until(lambda: said_of_grace(away.pool)[-1:] == [BACK], 10, "the log says that grace is over")
    assert said_of_grace(away.pool) == [BEGINS, BACK]


@FORMS
def test_the_log_says_when_the_database_is_away_for_too_long(make_away, form):
    away = make_away(SHORT, form)
    token = away.users[0].token
    away.take_from(token)
    last_pass(away.pool, token, SHORT + 30)
    away.give_back()
    wait_until(lambda: statuses(away.pool, token) == {200}, 30, "the database is back")
    wait_until(lambda: said_of_grace(away.pool)[-1:] == [BACK], 10, "the log says that the database is back")
    assert said_of_grace(away.pool) == [BEGINS, TOO_LONG, BACK]


def end_all_ways(away, by_logout, by_sql, deleted):
    sent = environ("POST", "/api/users/logout", HTTP_AUTHORIZATION=f"Bearer {by_logout.token}")
    assert request(away.pool.address, sent)[0] == 200
    away.site.sql("UPDATE _user SET active = false WHERE id = %s", (by_sql.id,))
    away.site.sql("DELETE FROM user_has_role WHERE user_id = %s", (deleted.id,))
    away.site.sql("DELETE FROM _user WHERE id = %s", (deleted.id,))


def assert_out_in_grace(away, good, *ended):
    gone = away.take_from(good.token)
    wait_until(lambda: now() > gone + BOUND and statuses(away.pool, good.token) == {200}, 15, "grace has begun")
    for _ in range(10):
        for user in ended:
            assert statuses(away.pool, user.token) <= {401, 503}, user.email


@FORMS
def test_a_session_that_was_refused_before_the_outage_stays_so(make_away, form):
    """A check was refused before the outage, so all processes know that the session has ended."""
    away = make_away(LONG, form)
    good, *ended = away.users[:4]
    for user in (good, *ended):
        use(away.pool, user.token)
    end_all_ways(away, *ended)
    for user in ended:
        wait_until(lambda: status(away.pool, user.token) == 401, BOUND + 5, "it is refused")  # noqa: B023
    assert_out_in_grace(away, good, *ended)


def test_where_somebody_listens_what_was_ended_before_the_outage_stays_so(make_away):
    """Even if no client has used the session since."""
    away = make_away(LONG)
    good, *ended = away.users[:4]
    for user in (good, *ended):
        use(away.pool, user.token)
    end_all_ways(away, *ended)
    known = now()
    wait_until(lambda: now() > known + BOUND, 10, "the bound is over")
    assert_out_in_grace(away, good, *ended)


def test_a_token_that_expires_is_refused_in_grace_too(make_away):
    away = make_away(LONG)
    expires = int(time.time()) + 4
    token = mint(away.site, away.site.seed.bob, exp=expires)
    assert status(away.pool, token) == 200
    away.take()

    def is_refused():
        sent = time.time()
        found = status(away.pool, token)
        assert found != 200 or sent < expires
        return found == 401

    wait_until(is_refused, 30, "a token that has expired is refused")


def test_what_ends_elsewhere_meanwhile_counts_once_the_database_is_back(server, new_folder):
    """The database still runs, but this machine cannot reach it."""
    folder = new_folder()
    proxy = SilentProxy(folder, server).start()
    site = Site(server, folder, {**SETTINGS, "USER_API_SESSION_GRACE_SECONDS": LONG}, workers=2)
    site.pool.settings["USER_API_DATABASE_URL"] = proxy.url(site.database)
    site.pool.write_config()
    pool = site.pool.start()
    good, ended = make_users(site, 2)

    def fall_silent():
        proxy.fall_silent()
        return now()

    silent = lose(pool, (good.token, ended.token), fall_silent, proxy.speak)
    wait_until(lambda: now() > silent + BOUND and statuses(pool, ended.token) == {200}, 30, "grace has begun")
    site.sql("UPDATE _user SET active = false WHERE id = %s", (ended.id,))
    proxy.speak()
    wait_until(lambda: pool.request("GET", "/readyz")[0] == 200, 30, "the database is back")
    back = now()
    wait_until(lambda: now() > back + BOUND, 10, "the bound is over")
    for _ in range(10):
        assert statuses(pool, ended.token) <= {401, 503}
        use(pool, good.token, 1)
    site.stop()
    proxy.stop()


def test_where_only_the_watcher_has_a_way_one_process_at_a_time_tries_to_connect(server, new_folder):
    """The watcher's proofs say nothing about the connections of the other processes."""
    folder = new_folder()
    proxy = SilentProxy(folder, server).start()
    site = Site(server, folder, SETTINGS, workers=4)
    site.pool.settings.update(
        USER_API_DATABASE_URL=proxy.url(site.database), USER_API_SESSION_LISTEN_URL=server.url(site.database)
    )
    site.pool.write_config()
    pool = site.pool.start()
    known, *unknown = make_users(site, 5)
    use(pool, known.token)
    proxy.fall_silent()
    failed = lambda: sum(line["event"] == "database unavailable" for line in pool.log_lines())  # noqa: E731

    def check(until, user):
        while now() < until:
            status(pool, user.token)

    # Within these 5 seconds, each connected process notices that its server does not answer.
    at_once(*(functools.partial(check, now() + 5, user) for user in unknown))
    began, before = now(), failed()
    at_once(*(functools.partial(check, now() + 8, user) for user in unknown))
    # libpq waits for at least 2 seconds.
    assert failed() - before <= (now() - began) / 2 + 1
    # A known session counts only for a connection to the watcher's server, and no process knows where this one leads.
    assert status(pool, known.token) == 503
    proxy.speak()
    site.stop()
    proxy.stop()
