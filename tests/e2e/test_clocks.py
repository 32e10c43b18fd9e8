"""Machines whose clocks are 20 days ahead or behind: a logged-out token stays logged out, and the later clock decides
what has expired."""

import json
import time

import pytest
from support import admin
from support.client import assert_invalid_token
from support.clocks import shifted
from support.pool import Pool

pytestmark = pytest.mark.unsanitized

DAY = 86400


@pytest.fixture
def machine(site, new_folder):
    """Makes further machines on the site's database: the clock of machine(days) is wrong by that many days."""
    return lambda days: Pool(new_folder(), site.pool.settings, workers=1, env=shifted(days)).start()


def ask(pool, token, path="/api/users/token"):
    """The status of a request with that token."""
    return pool.request("GET", path, HTTP_AUTHORIZATION=f"Bearer {token}")[0]


def ending(site, days):
    """A new user's token that expires that many days from now."""
    return site.mint(site.seed.user(), exp=int(time.time()) + days * DAY)


def command(site, action, token, days):
    """The output of `user-api-admin token` about this token, on a machine whose clock is wrong by that many days."""
    settings = {"USER_API_DATABASE_URL": site.postgres.url(site.database), "USER_API_JWT_SECRET": site.secret}
    result = admin.run("token", action, "--json", token, check=False, **settings, **shifted(days))
    return json.loads(result.stdout)


def revoked(site):
    """When the stored revocations expire, in days from now."""
    found = site.sql("SELECT extract(epoch FROM expires_at - now()) / %s FROM revoked_token ORDER BY 1", (DAY,))
    return [round(row[0]) for row in found]


def clocks_warned_of(pool):
    return [line for line in pool.log_lines() if line["event"].startswith("clocks differ")]


def test_a_logout_where_the_clock_is_ahead_brings_no_logged_out_token_back(site, machine):
    client = site.login(site.seed.user())
    assert client.get("/api/users/logout").status_code == 200
    ahead = machine(20)
    assert ask(ahead, ending(site, 60), "/api/users/logout") == 200
    assert_invalid_token(client.get("/api/users/token"))


def test_a_logout_where_the_clock_is_behind_forgets_nothing_that_counts_there(fresh_site, new_folder):
    site = fresh_site
    for days in (-19, -10, -2):
        site.sql(
            "INSERT INTO revoked_token VALUES (sha256(%s), %s, now() + make_interval(days => %s))",
            (str(days).encode(), site.seed.alice.id, days),
        )
    behind = Pool(new_folder(), site.pool.settings, workers=1, env=shifted(-15)).start()
    assert ask(behind, ending(site, 1), "/api/users/logout") == 200
    assert revoked(site) == [-10, -2, 1]
    assert site.client.bearer(ending(site, 2)).get("/api/users/logout").status_code == 200
    assert revoked(site) == [1, 2]


def test_what_has_expired_by_the_databases_clock_is_dead_where_the_clock_is_behind(site, machine):
    behind = machine(-20)
    expired = ending(site, -2)
    assert ask(behind, expired) == 401
    assert ask(behind, expired) == 401
    (warning,) = clocks_warned_of(behind)
    assert warning["level"] == "warn" and abs(warning["seconds"] - 20 * DAY) < 60
    assert ask(behind, ending(site, 1)) == 200


def test_what_has_expired_by_a_machines_own_clock_is_dead_there(site, machine):
    ahead = machine(20)
    token = ending(site, 15)
    assert ask(ahead, token) == 401
    assert clocks_warned_of(ahead) == []
    assert ask(site.pool, token) == 200


def test_a_clock_that_is_a_second_behind_is_not_warned_of(site, new_folder):
    behind = Pool(new_folder(), site.pool.settings, workers=1, env=shifted(seconds=-1)).start()
    assert ask(behind, ending(site, 0)) == 401
    assert clocks_warned_of(behind) == []


def test_the_command_revokes_what_counts_on_machines_with_another_clock(site):
    token = ending(site, 15)
    assert command(site, "revoke", token, 20)["revoked"] is True
    assert ask(site.pool, token) == 401


def test_the_command_shows_what_has_expired_by_the_later_clock(site):
    for days, clock in ((-2, -20), (15, 20)):
        told = command(site, "inspect", ending(site, days), clock)
        assert (told["expired"], told["counts"]) == (True, False)
    told = command(site, "inspect", ending(site, 1), -20)
    assert (told["expired"], told["counts"]) == (False, True)


def test_a_token_that_has_not_begun_can_be_revoked(site):
    token = site.mint(site.seed.user(), nbf=int(time.time()) + 3600)
    assert command(site, "revoke", token, 0)["revoked"] is True
