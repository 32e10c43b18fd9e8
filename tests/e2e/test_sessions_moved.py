"""Another server takes the place of the database. The old server still runs, and the watcher still listens to it."""

import os

import pytest
from support.away import status, use
from support.postgres import Postgres
from support.processes import wait_until
from support.silent_proxy import SilentProxy
from support.site import Site
from support.standby import WAITING, Standby
from support.trial import make_users

pytestmark = pytest.mark.patient

MOVED = "the workers have come to another server"


@pytest.fixture
def moved(new_folder):
    """A pool that reaches the database through a proxy, and whose watcher connects directly to the first server."""
    folder = new_folder()
    first = Postgres(os.path.join(folder, "one"), WAITING).start()
    site = Site(first, os.path.join(folder, "site"), {"USER_API_SESSION_STALENESS_MS": 1000}, workers=2)
    proxy = SilentProxy(folder, first).start()
    site.pool.settings["USER_API_DATABASE_URL"] = proxy.url(site.database)
    site.pool.settings["USER_API_SESSION_LISTEN_URL"] = first.url(site.database)
    site.pool.write_config()
    site.pool.start()
    second = Standby(first, os.path.join(folder, "two"))
    yield site, proxy, second, folder
    site.pool.terminate()
    proxy.stop()
    second.stop()
    first.stop()


def goes_on(pool, user):
    """Whether the session is accepted. A process that has not reached the new server yet may answer 503, but no process
    refuses the session."""
    found = status(pool, user.token)
    assert found in (200, 503)
    return found == 200


def test_what_the_old_server_says_counts_no_more(moved):
    site, proxy, second, folder = moved
    ended, other = make_users(site, 2)
    for user in (ended, other):
        use(site.pool, user.token)
    second.start()
    there = "SELECT count(*) FROM _user WHERE active AND id IN (%s, %s)"
    ids = (ended.id, other.id)
    wait_until(lambda: second.execute(there, ids, site.database) == [(2,)], 10, "the second server has both users")
    second.promote()
    proxy.stop()
    onward = SilentProxy(folder, second, proxy.port).start()
    second.execute("UPDATE _user SET active = false WHERE id = %s", (ended.id,), database=site.database)
    try:
        wait_until(lambda: status(site.pool, ended.token) == 401, 10, "the end at the new server counts")
        assert {status(site.pool, ended.token) for _ in range(20)} == {401}
        wait_until(lambda: goes_on(site.pool, other), 10, "the other session goes on")
        wait_until(lambda: MOVED in [line.get("reason") for line in site.pool.log_lines()], 10, "the watcher is told")
    finally:
        onward.stop()
