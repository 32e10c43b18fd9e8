"""While all slots are busy, new hashes wait for their turn, and all other requests are answered."""

import concurrent.futures
import contextlib
import socket

import pytest
from support import fastcgi, seed
from support.attempts import ELSEWHERE, HERE, Answer, address_of, assert_wrong, counted, login, post, side_by_side
from support.client import assert_error, assert_wrong_document, canonical
from support.processes import wait_until
from support.queueing import COUNTING, SLOW_CLIENT, Waiting, failures_of, occupied, timed, with_somebody_slow

pytestmark = pytest.mark.alone

NEW = {"name": "n", "password": "12345678", "active": True, "roles": []}
MOST_OF_A_SOURCE = 16
BUSY = {"error_code": "SERVICE_UNAVAILABLE", "message": "The service is busy."}
TOO_MANY = {"error_code": "TOO_MANY_REQUESTS", "message": "Too many requests."}


@pytest.fixture(params=[3, 0], ids=["pool", "single process"])
def site(request, make_site):
    """A site with one slot, and a user whose hash takes long."""
    made = make_site({**COUNTING, "USER_API_HASH_SLOTS": 1}, workers=request.param)
    made.admin = made.client.bearer(made.mint(made.seed.alice))
    return with_somebody_slow(made)


def right(site, user, client=ELSEWHERE, device=None):
    return login(site.pool.address, user.email, user.password, client, device)


def bearer(site, user):
    return {"HTTP_AUTHORIZATION": f"Bearer {site.mint(user)}"}


def test_what_needs_no_hash_is_answered_meanwhile(site):
    admin, albert = site.admin, site.seed.albert
    taken = {**NEW, "email": site.seed.bob.email}
    unknown_role = {**NEW, "email": "new@example.org", "roles": [{"id": 99}]}
    kept = {"email": albert.email, "name": albert.name, "active": True}
    wrong_format = {"password": ["required field"]}
    site.seed.role("auditor", assignable=False)
    auditor = site.seed.user(roles=("auditor",))
    with occupied(site):
        assert admin.post("/api/users/reset-password", {"email": auditor.email, "password": "12345678"}).status_code == 403
        assert_error(admin.post("/api/users/", taken), 409, "CONFLICT", "User already exists.")
        assert_wrong_document(admin.post("/api/users/", unknown_role), {"roles": [{"0": ["unknown role"]}]})
        assert_error(admin.put(f"/api/users/{albert.id}", taken), 409, "CONFLICT", "Conflict.")
        assert_wrong_document(admin.put(f"/api/users/{albert.id}", unknown_role), {"roles": [{"0": ["unknown role"]}]})
        assert admin.put("/api/users/999999", {**NEW, "email": "x@example.org"}).status_code == 404
        reset = {"email": "nobody@example.org", "password": "12345678"}
        assert admin.post("/api/users/reset-password", reset).status_code == 422
        assert_wrong_document(site.client.post("/api/users/login", {"email": "a"}), wrong_format)
        nobody = site.client.bearer(site.mint(albert))
        assert nobody.post("/api/users/", {**NEW, "email": "new@example.org"}).status_code == 403
        assert admin.put(f"/api/users/{albert.id}", {**kept, "name": "hashes nothing"}).status_code == 200
        for _ in range(10):
            assert admin.get("/api/users/token").status_code == 200
            assert admin.get("/api/users/").status_code == 200


def test_a_full_quota_is_known_before_a_hash(make_site):
    site = with_somebody_slow(
        make_site({**COUNTING, "USER_API_HASH_SLOTS": 1, "USER_API_ENFORCE_QUOTA": "on"}, workers=2)
    )
    site.sql("UPDATE customer SET max_user_quota = 1 WHERE id = %s", (site.seed.a,))
    admin = site.client.bearer(site.mint(site.seed.alice))
    with occupied(site):
        answer = admin.post("/api/users/", {**NEW, "email": "beyond@example.org"})
        assert_error(answer, 409, "CONFLICT", "User quota exceeded.")


def test_every_request_that_hashes_waits_for_its_turn(site):
    admin, albert, other = site.admin, site.seed.albert, site.seed.user()
    with concurrent.futures.ThreadPoolExecutor(4) as threads, occupied(site, until=False) as slow:
        answers = [
            threads.submit(admin.post, "/api/users/", {**NEW, "email": "waits@example.org"}),
            threads.submit(admin.put, f"/api/users/{albert.id}", {**NEW, "email": albert.email}),
            threads.submit(admin.post, "/api/users/reset-password", {"email": other.email, "password": "12345678"}),
            threads.submit(right, site, site.seed.alice),
        ]
        while not slow.done():
            early = [answer.result() for answer in answers if answer.done()]
            assert admin.get("/api/users/token").status_code == 200
            assert slow.done() or not early
        codes = [answer.result().status_code for answer in answers[:3]] + [answers[3].result().status]
    assert codes == [201, 200, 200, 200]


def send_until_refused(site, attempt, refused):
    """Sends as many attempts of one source as may wait, and `refused` more."""
    waiting = Waiting(site, [attempt] * (MOST_OF_A_SOURCE + refused))
    wait_until(lambda: len(waiting.answered()) >= refused, 20, "those beyond the bound are answered")
    assert [(answer.status, answer.body) for answer in waiting.answered()] == [(429, canonical(TOO_MANY))] * refused
    return waiting


def test_sixteen_of_an_address_wait_and_more_are_told_at_once(site):
    with occupied(site, until=False) as slow:
        with send_until_refused(site, ("nobody@example.org", "x", HERE), 6) as waiting:
            assert all(answer.retry_after >= 1 for answer in waiting.answered())
            assert not slow.done()
            assert right(site, site.seed.alice).status == 200, "nobody else is concerned"
    assert waiting.statuses() == [401] * MOST_OF_A_SOURCE + [429] * 6


def test_a_browser_and_a_caller_are_sources_of_their_own(site):
    """A known browser or a logged-in caller at a flood's address is not part of the flood."""
    alice = site.seed.alice
    device = right(site, alice, HERE).device
    new = {**NEW, "email": "shared@example.org"}
    with occupied(site, until=False) as slow, send_until_refused(site, ("nobody@example.org", "x", HERE), 4):
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            known = threads.submit(right, site, alice, HERE, device)
            caller = threads.submit(post, site.pool.address, "/api/users/", new, HERE, **bearer(site, alice))
            assert right(site, alice, HERE).status == 429 and not slow.done()
            assert known.result().status == 200
            assert caller.result().status == 201


def test_a_caller_has_sixteen_requests_waiting_from_however_many_addresses(site):
    who = bearer(site, site.seed.alice)
    sends = [
        lambda n=number: post(
            site.pool.address, "/api/users/", {**NEW, "email": f"n{n}@example.org"}, address_of(n), **who
        )
        for number in range(20)
    ]
    with occupied(site, until=False):
        answers = side_by_side(sends)
    codes = sorted(answer.status for answer in answers)
    assert codes == [201] * MOST_OF_A_SOURCE + [429] * 4
    assert {answer.body for answer in answers if answer.status == 429} == {canonical(TOO_MANY)}


@pytest.mark.parametrize("workers", [3, 0])
def test_who_waits_longer_than_the_setting_is_told_to_come_back(make_site, workers):
    site = with_somebody_slow(
        make_site({**COUNTING, "USER_API_HASH_SLOTS": 1, "USER_API_HASH_WAIT_SECONDS": 1}, workers=workers)
    )
    user = site.seed.user()
    with occupied(site, until=False) as slow:
        answer, seconds = timed(lambda: right(site, user))
        assert not slow.done()
        assert (answer.status, answer.body) == (503, canonical(BUSY))
        assert answer.retry_after >= 1 and answer.cookies == []
        assert 0.9 < seconds < 2.5
        assert failures_of(site, user) == 0, "it was never tried"
        assert_wrong(slow.result())
    assert right(site, user).status == 200


def test_who_goes_away_is_not_hashed(site):
    since = site.pool.process.log_size()
    user = site.seed.user()
    with occupied(site, until=False) as slow:
        with send_until_refused(site, (site.slow.email, "x", HERE), 4) as waiting:
            for peer in waiting.peers:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)

            # If the sixteen still waited, they would be first, and no other login from their address could wait.
            def is_let_in():
                assert not slow.done(), "their places are free at once"
                return right(site, user, HERE).status == 200

            wait_until(is_let_in, 30, "their places are free")
    failed = [line for line in site.pool.log_lines(since) if line["event"] == "login failed"]
    assert [line["address"] for line in failed] == [SLOW_CLIENT]
    assert failures_of(site, site.slow) == 1


def test_logins_whose_hash_is_replaced_while_they_are_hashed_succeed(make_site):
    """The first login stores a better hash; the service checks the others again."""
    site = make_site(COUNTING, cost=9)
    for _ in range(4):
        user = site.seed.user(stored=seed.pbkdf2(seed.PASSWORD))
        answers = side_by_side([lambda n=n, u=user: right(site, u, address_of(n)) for n in range(4)])  # noqa: B023
        assert [answer.status for answer in answers] == [200] * 4
    assert counted(site) == []


def test_token_checks_go_on_beside_hashes_that_wait(site):
    client = site.admin
    alone = sorted(timed(lambda: client.get("/api/users/token"))[1] for _ in range(50))
    attempts = [(f"nobody{number}@example.org", "x", address_of(number)) for number in range(40)]
    with occupied(site, until=False) as slow, Waiting(site, attempts):
        beside = []
        for _ in range(50):
            answer, seconds = timed(lambda: client.get("/api/users/token"))
            assert answer.status_code == 200
            beside.append(seconds)
        assert not slow.done()
    assert sorted(beside)[25] < 4 * alone[25] + 0.01, (alone[25], sorted(beside)[25])


def test_more_than_all_places_are_answered_and_nobody_hangs(site):
    """200 addresses at once: a login without a place in the queue is refused."""
    attempts = [(f"nobody{number}@example.org", "x", address_of(number)) for number in range(200)]
    with occupied(site, until=False), Waiting(site, attempts) as waiting:
        answer = Answer(*fastcgi.get(site.pool.address, "/healthz"))
        assert answer.status == 200
    assert set(waiting.statuses()) <= {401, 503}
    assert waiting.statuses().count(401) >= 40
    for answer in waiting.all():
        assert answer.status == 401 or (answer.body == canonical(BUSY) and answer.retry_after >= 1)
