"""A flood of logins leaves everything else quick, and what is beyond the slots is told to come back."""

import statistics
import threading
import time

import pytest
from support.client import canonical
from support.processes import wait_until
from support.site import Site

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def flooded(postgres, new_folder):
    """Token checks beside a flood at the cost that the service has by default: (site, answers of the flood,
    seconds of one hash, seconds of each token check)."""
    site = Site(postgres, new_folder(), {"USER_API_BCRYPT_COST": 12}, workers=4).start()
    minted = site.client.bearer(site.mint(site.seed.alice))
    stop, answers = threading.Event(), []

    def flood(number):
        client = site.client.bearer(None)
        while not stop.is_set():
            answers.append(client.login(f"nobody{number}@example.org", "wrong password"))

    begin = time.perf_counter()
    assert site.client.login("nobody@example.org", "wrong password").status_code == 401
    hash_seconds = time.perf_counter() - begin
    threads = [threading.Thread(target=flood, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    checks = []
    deadline = time.monotonic() + 60
    try:
        while len(checks) < 200 or {answer.status_code for answer in list(answers)} != {401, 503}:
            assert time.monotonic() < deadline, f"{len(checks)} checks, {len(answers)} logins"
            begin = time.perf_counter()
            answer = minted.get("/api/users/token")
            checks.append(time.perf_counter() - begin)
            assert answer.status_code == 200
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    yield site, answers, hash_seconds, checks
    site.stop()


def test_token_checks_beside_it_stay_far_quicker_than_a_hash(flooded):
    _, _, hash_seconds, checks = flooded
    assert statistics.median(checks) < hash_seconds / 5, (statistics.median(checks), hash_seconds)
    assert statistics.quantiles(checks, n=10)[-1] < hash_seconds, (sorted(checks)[-10:], hash_seconds)


def test_beyond_the_slots_the_answer_is_503_with_retry_after(flooded):
    _, answers, _, _ = flooded
    statuses = {answer.status_code for answer in answers}
    assert statuses == {401, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.content == canonical(answer.json())
            assert answer.json()["error_code"] == "SERVICE_UNAVAILABLE"


def test_who_is_told_to_come_back_is_told_at_once(flooded):
    _, answers, hash_seconds, _ = flooded
    refused = [answer.elapsed.total_seconds() for answer in answers if answer.status_code == 503]
    assert statistics.median(refused) < hash_seconds / 2


def test_afterwards_logins_work_again(flooded):
    site, _, _, _ = flooded
    assert site.client.login(site.seed.alice.email, site.seed.alice.password).status_code == 200


def test_every_request_that_hashes_is_limited(make_site):
    site = make_site({"USER_API_BCRYPT_COST": 11, "USER_API_HASH_SLOTS": 1}, workers=3)
    admin = site.client.bearer(site.mint(site.seed.alice))
    email, stop = site.seed.albert.email, threading.Event()
    new = {"email": "limited@example.org", "name": "n", "password": "12345678", "active": True, "roles": []}
    operations = [
        lambda: admin.post("/api/users/", new),
        lambda: admin.put(f"/api/users/{site.seed.albert.id}", {**new, "email": email}),
        lambda: admin.post("/api/users/reset-password", {"email": email, "password": "12345678"}),
    ]

    def occupy():
        client = site.client.bearer(None)
        while not stop.is_set():
            client.login("nobody@example.org", "wrong password")

    thread = threading.Thread(target=occupy)
    thread.start()
    try:
        for operation in operations:
            wait_until(lambda: operation().status_code == 503, 20, "the slot is taken")
        update = {"email": email, "name": "hashes nothing", "active": True}
        for _ in range(10):
            assert admin.put(f"/api/users/{site.seed.albert.id}", update).status_code == 200
    finally:
        stop.set()
        thread.join()
    for operation in operations:
        assert operation().status_code in (200, 201, 409)
