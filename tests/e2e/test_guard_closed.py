"""Guards refuse if they cannot decide, and forget no revocation: outages, revocation across workers and servers."""

import concurrent.futures
import contextlib
import os

import pytest
import requests
from support.backend import received
from support.client import Client, cookie_of
from support.guard_fixtures import SERVERS, make_guarded_site
from support.guarded import PAGES, Surroundings
from support.processes import wait_until
from support.proxies import Caddy, HAProxy

PROGRAM = {"Accept": "application/json"}
PATHS = ["/private/index.html", "/admin/index.html", "/app/page", "/app-admin/page", "/cgi/show", "/cgi-admin/show"]


@pytest.fixture(scope="module")
def own_postgres(new_folder):
    from support.postgres import Postgres

    server = Postgres(new_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site(own_postgres, new_folder):
    made = make_guarded_site(own_postgres, new_folder())
    yield made
    made.stop()


@pytest.fixture(scope="module")
def around(site, new_folder):
    surroundings = Surroundings(new_folder(), site, site.tcp)
    yield surroundings
    surroundings.stop()


@pytest.fixture(scope="module")
def servers(around, new_folder):
    """All servers at once, in front of one pool and one database."""
    started = [server(os.path.join(new_folder(), "s"), around).start() for server in SERVERS]
    yield started
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def proxies(around, new_folder):
    started = [proxy(os.path.join(new_folder(), "s"), around).start() for proxy in (Caddy, HAProxy)]
    yield started
    for proxy in started:
        proxy.stop()


def get(server, path, token):
    return Client(server.url).get(path, headers={**PROGRAM, **cookie_of(token)})


def assert_closed(server, path, answer, before):
    assert answer.status_code >= 400, (server.kind, path, answer.status_code, answer.text)
    assert not any(page in answer.text for page in PAGES.values())
    assert '"environment"' not in answer.text and '"parameters"' not in answer.text
    assert server.around.http.seen == before


def all_closed(servers, token):
    before = list(servers[0].around.http.seen)
    for server in servers:
        for path in PATHS:
            assert_closed(server, path, get(server, path, token), before)
            assert_closed(server, path, Client(server.url).get(path, headers=PROGRAM), before)


def all_open(servers, token):
    for server in servers:
        for path in PATHS:
            answer = get(server, path, token)
            assert answer.status_code == 200, (server.kind, path, answer.status_code, answer.text)
            assert path.endswith(".html") or received(answer)


def test_closed_while_the_database_is_away_and_open_again_after(servers, site, own_postgres):
    token = site.token(site.seed.alice)
    all_open(servers, token)
    own_postgres.stop()
    try:
        all_closed(servers, token)
    finally:
        own_postgres.start()
    wait_until(lambda: all(get(server, "/private/index.html", token).status_code == 200 for server in servers), 30, "open again")
    all_open(servers, token)


def test_closed_while_the_application_is_stopped(servers, site):
    token = site.token(site.seed.alice)
    pooled = [server for server in servers if server.kind != "apache-fcgid"]  # that one starts its own processes
    site.pool.stop()
    try:
        all_closed(pooled, token)
    finally:
        site.pool.start()
    wait_until(lambda: all(get(server, "/private/index.html", token).status_code == 200 for server in servers), 30, "open again")


def test_closed_where_mod_fcgid_finds_no_program(servers, site):
    token = site.token(site.seed.alice)
    server = next(server for server in servers if server.kind == "apache-fcgid")
    server.stop()
    server.start()
    os.rename(server.program, server.program + ".away")
    before = list(server.around.http.seen)
    try:
        # The server tries to start the program for a while, and answers nothing until it gives up.
        for path in ("/private/index.html", "/app/page"):
            with contextlib.suppress(requests.exceptions.Timeout):
                answer = Client(server.url).get(path, headers={**PROGRAM, **cookie_of(token)}, timeout=1)
                assert_closed(server, path, answer, before)
        assert server.around.http.seen == before
    finally:
        os.rename(server.program + ".away", server.program)
    wait_until(lambda: get(server, "/private/index.html", token).status_code == 200, 30, "open again")
    all_open([server], token)


def admin_update(site, user, **changes):
    document = {"email": user.email, "name": user.name, "active": user.active, **changes}
    assert site.login(site.seed.alice).put(f"/api/users/{user.id}", document).status_code == 200


ENDINGS = {
    "logout": lambda site, user, token: site.client.bearer(token).get("/api/users/logout"),
    "deactivation": lambda site, user, token: admin_update(site, user, active=False),
    "password change": lambda site, user, token: admin_update(site, user, password="another password"),
    "own reset": lambda site, user, token: site.client.bearer(token).post(
        "/api/users/reset-password", {"email": user.email, "password": "another password"}
    ),
    "role change": lambda site, user, token: admin_update(site, user, roles=[{"id": 1}, {"id": 2}]),
}


def statuses(servers, ways):
    """The statuses of all servers for all kinds of credentials, asked at the same time."""
    asked = [(server, way) for server in servers for way in ways]
    ask = lambda pair: Client(pair[0].url).get("/private/index.html", headers={**PROGRAM, **pair[1]}).status_code  # noqa: E731
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as crowd:
        return set(crowd.map(ask, asked))


def refusing_workers(site, start):
    return {line["pid"] for line in site.pool.log_lines(start) if line.get("outcome") == "invalid token"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_that_ended_anywhere_has_ended_behind_every_server_and_worker(servers, proxies, site, ending):
    user = site.seed.user(roles=("admin",))
    token = site.token(user)
    all_open(servers, token)
    ways = [cookie_of(token), {"Authorization": f"Bearer {token}"}, {"Authentication": f"Bearer {token}"}]
    assert statuses(servers + proxies, ways) == {200}
    start = site.pool.process.log_size()
    ENDINGS[ending](site, user, token)

    def refused_by_every_worker():
        assert statuses(servers + proxies, ways) == {401}
        return refusing_workers(site, start) == set(site.pool.pids())

    wait_until(refused_by_every_worker, 30, "each worker has refused")


def test_logout_leaves_the_users_other_session_alone(servers, site):
    user = site.seed.user(roles=("admin",))
    one, other = site.token(user), site.token(user)
    site.client.bearer(one).get("/api/users/logout")
    for server in servers:
        assert get(server, "/private/index.html", one).status_code == 401
        assert get(server, "/private/index.html", other).status_code == 200


def test_revocations_that_outlived_their_tokens_are_cleared_away(site):
    user = site.seed.user()
    kept = site.token(user)
    site.client.bearer(kept).get("/api/users/logout")
    site.sql(
        "INSERT INTO revoked_token (digest, user_id, expires_at) SELECT sha256(n::text::bytea), %s, now() - interval '3 days'"
        " FROM generate_series(1, 50) n",
        (user.id,),
    )
    site.client.bearer(site.token(user)).get("/api/users/logout")
    rows = site.sql("SELECT count(*) FILTER (WHERE expires_at < now()), count(*) FROM revoked_token WHERE user_id = %s", (user.id,))
    assert rows[0] == (0, 2)
    assert site.client.bearer(kept).get("/api/users/token").status_code == 401


def test_a_long_backlog_goes_by_pieces_and_no_logout_waits_for_it(site):
    """Only logouts add rows, and each logout deletes up to a hundred expired rows, so they cannot pile up."""
    user = site.seed.user()
    site.sql(
        "INSERT INTO revoked_token (digest, user_id, expires_at) SELECT sha256(('backlog' || n)::bytea), %s, now() - interval '3 days'"
        " FROM generate_series(1, 250) n",
        (user.id,),
    )
    left = []
    for _ in range(3):
        site.client.bearer(site.token(user)).get("/api/users/logout")
        left.append(site.sql("SELECT count(*) FROM revoked_token WHERE user_id = %s AND expires_at < now()", (user.id,))[0][0])
    assert left == [150, 50, 0]
