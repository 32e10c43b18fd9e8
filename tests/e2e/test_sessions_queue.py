"""PostgreSQL's queue of notifications is full. Changes that would end a session fail as a whole, and everything else
works. Only PostgreSQL 17 and later can have a queue that is small enough for a test to fill."""

import json

import pytest
from support.away import statuses, use
from support.disturbances import QueueFull, full_queue
from support.fastcgi import environ, request
from support.postgres import Postgres
from support.processes import wait_until
from support.site import Site
from support.trial import make_users, mint

pytest_plugins = ["support.trial_fixtures"]
pytestmark = pytest.mark.patient


def test_beside_a_full_queue_no_session_counts_beyond_the_bound(run_trial):
    run_trial(QueueFull, 2)[1].assert_kept_and_meant()


@pytest.fixture
def site(postgres, new_folder):
    if postgres.execute("SELECT current_setting('server_version_num')::integer")[0][0] < QueueFull.server_version:
        pytest.skip("only PostgreSQL 17 and later have max_notify_queue_pages")
    server = Postgres(new_folder(), QueueFull.server_settings).start()
    made = Site(server, new_folder(), workers=2)
    made.pool.start()
    yield made
    made.stop()
    server.stop()


def send(site, token, method, uri, document=None):
    body = b"" if document is None else json.dumps(document).encode()
    more = {"CONTENT_TYPE": "application/json"} if body else {}
    return request(site.pool.address, environ(method, uri, body, HTTP_AUTHORIZATION=f"Bearer {token}", **more), body)[0]


def test_a_change_that_nobody_could_hear_of_answers_503_and_nothing_is_half_done(site):
    admin, users = mint(site, site.seed.alice), make_users(site, 6)
    for user in users:
        use(site.pool, user.token, 5)

    def changes(user):
        put, same = f"/api/users/{user.id}", {"email": user.email, "name": "changed", "active": True}
        return [
            (admin, "PUT", put, {**same, "active": False}),
            (admin, "PUT", put, {**same, "password": "a new password"}),
            (admin, "PUT", put, {**same, "email": "new-" + user.email}),
            (admin, "PUT", put, {**same, "roles": [{"id": 3}]}),
            (admin, "DELETE", put, None),
            (user.token, "POST", "/api/users/logout", None),
        ]

    before = [site.seed.row(user.id) for user in users]
    with full_queue(lambda: site.postgres.connect(site.database)):
        for number, user in enumerate(users):
            assert send(site, *changes(user)[number]) == 503
            assert site.seed.row(user.id) == before[number]
            assert statuses(site.pool, user.token) == {200}
        name_alone = {"email": users[0].email, "name": "renamed", "active": True}
        assert send(site, admin, "PUT", f"/api/users/{users[0].id}", name_alone) == 200
        login = {"email": "new@example.org", "password": "12345678"}
        somebody = {**login, "name": "n", "active": True, "roles": [{"id": 2}]}
        assert send(site, admin, "POST", "/api/users/", somebody) == 201
        assert send(site, "", "POST", "/api/users/login", login) == 200
    failed = [line for line in site.pool.log_lines() if line["event"] == "statement failed"]
    assert len(failed) == len(users) and all("notification queue is full" in line["hint"] for line in failed)
    for number, user in enumerate(users):
        sent = changes(user)[number]
        wait_until(lambda: send(site, *sent) in (200, 204), 30, "the queue has room again")  # noqa: B023
        assert statuses(site.pool, user.token) == {401}
