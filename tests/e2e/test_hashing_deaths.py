"""The hashing queue survives reloads and the death of any process. It is answered when the service ends."""

import concurrent.futures
import functools
import os
import random
import signal

import pytest
from support.attempts import ELSEWHERE, Loops, address_of, assert_wrong, counted, login
from support.client import canonical
from support.pool_peers import connections_of, events, send
from support.processes import children_of, is_alive, wait_until
from support.queueing import COUNTING, OFF, Waiting, failures_of, occupied, timed, with_somebody_slow

pytestmark = [pytest.mark.alone, pytest.mark.long]

HASH_WAIT, WATCHDOG = 4, 4
# Seconds that a busy machine may need to deliver an answer.
SLACK = 4
SLOW_COST = 14
SETTINGS = {
    **COUNTING,
    "USER_API_HASH_SLOTS": 2,
    "USER_API_HASH_WAIT_SECONDS": HASH_WAIT,
    "USER_API_WATCHDOG_SECONDS": WATCHDOG,
}
BUSY = {"error_code": "SERVICE_UNAVAILABLE", "message": "The service is busy."}
LOOPS = 8


@pytest.fixture
def make(make_site):
    """Makes sites with a user whose hash is slow, and with one slot unless `settings` say otherwise."""

    def made(workers=3, cost=8, **settings):
        fixed = {**SETTINGS, "USER_API_HASH_SLOTS": 1, **settings}
        return with_somebody_slow(make_site(fixed, workers=workers, cost=cost), SLOW_COST)

    return made


def right(site, user=None, **options):
    user = user or site.seed.alice
    return login(site.pool.address, user.email, user.password, ELSEWHERE, **options)


def wrong_loops(site, timeout=HASH_WAIT + WATCHDOG + SLACK):
    """Loops of wrong logins, each for another account and from another address."""

    def attempt(number):
        return login(site.pool.address, f"nobody{number}@example.org", client=address_of(number), timeout=timeout)

    return Loops([functools.partial(attempt, number) for number in range(LOOPS)])


def failures_from(site, number):
    """The failures counted for a loop's address. No other address tries the loop's account."""
    return sum(row[3] for row in counted(site, "address") if row[2] == f"{address_of(number)}/32")


def assert_both_slots_work(site):
    """A slow login takes one slot; another person can log in with the other slot."""
    with occupied(site):
        for _ in range(5):
            assert right(site).status == 200


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_nobody_waits_for_ever_no_slot_is_lost_and_no_failure_forgotten(make, seed, report):
    site = make(USER_API_HASH_SLOTS=2)
    chance, kills = random.Random(seed), {"worker": 0, "hasher": 0}
    with wrong_loops(site) as flood:
        flood.more()
        for number in range(16):
            # The last ones are workers: a new hasher would start with all slots free.
            kind = "hasher" if number in (2, 5, 8) else "worker"
            pids = [site.pool.hasher()] if kind == "hasher" else site.pool.pids()
            if pids and pids[0]:
                send(chance.choice(pids), signal.SIGKILL)
                kills[kind] += 1
            before = len(flood.all())
            wanted = before + chance.randrange(30)
            wait_until(lambda: len(flood.all()) >= wanted, 60, "requests are answered")  # noqa: B023
    assert kills["worker"] >= 8 and kills["hasher"] >= 2, kills
    assert flood.statuses() <= {401, 503, None} and 401 in flood.statuses()
    longest = max(outcome.seconds for outcome in flood.all())
    report(f"longest {longest:.1f} s, kills {kills}, {len(flood.all())} requests")
    assert longest < HASH_WAIT + WATCHDOG + SLACK
    for number, outcomes in enumerate(flood.outcomes):
        failed = sum(outcome.answer is not None and outcome.answer.status == 401 for outcome in outcomes)
        unknown = sum(outcome.answer is None for outcome in outcomes)
        assert failed <= failures_from(site, number) <= failed + unknown, (failed, unknown)
    wait_until(lambda: right(site).status == 200, 60, "logins work again")
    assert_both_slots_work(site)


def test_when_the_hasher_dies_what_it_hashes_is_503_and_what_waits_keeps_its_place(make):
    site = make()
    hasher = site.pool.hasher()
    alice = site.seed.alice
    attempts = [(alice.email, alice.password, address_of(number)) for number in range(10)]
    with occupied(site, until=False) as slow, Waiting(site, attempts) as waiting:
        wait_until(lambda: connections_of(site.pool) == 11, 20, "they wait")
        send(hasher, signal.SIGKILL)
        answer = slow.result()
        assert (answer.status, answer.body) == (503, canonical(BUSY)) and answer.retry_after >= 1
        assert waiting.statuses() == [200] * 10
    assert failures_of(site, site.slow) == 0, "nobody has learned anything"
    assert wait_until(site.pool.hasher, 30, "there is a hasher") != hasher
    wait_until(lambda: len(events(site.pool, "hasher started")) == 2, 10, "the log says so")
    assert len(events(site.pool, "hasher died")) == 1 and len(events(site.pool, "worker died")) == 0


def test_a_hasher_that_hangs_is_replaced_by_the_watchdog(make):
    site = make()
    hasher = site.pool.hasher()
    os.kill(hasher, signal.SIGSTOP)
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(timed, lambda: right(site))
        for _ in range(20):
            assert site.client.get("/healthz").status_code == 200
        answer, seconds = waiting.result()
    assert answer.status in (200, 503) and seconds < HASH_WAIT + WATCHDOG + SLACK
    wait_until(lambda: not is_alive(hasher), 30, "it is killed")
    wait_until(lambda: right(site).status == 200, 30, "logins work again")


def test_a_worker_that_dies_takes_its_requests_along_and_no_slot_and_leaves_a_failure(make):
    site = make(workers=1)
    (worker,) = site.pool.pids()
    with occupied(site, until=False) as slow:
        with Waiting(site, [("nobody@example.org", "x", address_of(number)) for number in range(8)]) as waiting:
            wait_until(lambda: connections_of(site.pool) == 9, 20, "they wait")
            send(worker, signal.SIGKILL)
            assert slow.result() is None
            assert waiting.statuses() == [0] * 8
    assert failures_of(site, site.slow) == 1
    wait_until(lambda: right(site).status == 200, 30, "logins work again")
    assert failures_of(site, site.slow) == 1
    assert [row[:2] for row in counted(site, "account")] == [("account", site.slow.id)], "no other was hashed"


def test_reloads_during_a_flood_lose_nothing(make):
    site = make(USER_API_HASH_SLOTS=2)
    hasher = site.pool.hasher()
    with wrong_loops(site) as flood:
        flood.more()
        for _ in range(5):
            site.pool.reload()
            flood.more()
        site.pool.reload_and_wait()
        flood.more()
    assert flood.statuses() == {401}
    answered = [len(outcomes) for outcomes in flood.outcomes]
    assert [failures_from(site, number) for number in range(LOOPS)] == answered
    assert site.pool.hasher() == hasher


def test_workers_that_recycle_during_a_flood_lose_nothing(make):
    site = make(USER_API_HASH_SLOTS=2, USER_API_MAX_REQUESTS=20)
    with wrong_loops(site) as flood:
        wait_until(lambda: len(events(site.pool, "worker ended")) >= 6, 60, "workers have recycled")
        flood.more()
    assert flood.statuses() == {401}


def test_a_reload_changes_the_number_of_slots(make):
    site = make(USER_API_HASH_SLOTS=1)
    site.pool.settings["USER_API_HASH_SLOTS"] = 2
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert_both_slots_work(site)


@pytest.mark.parametrize("workers", [3, 0], ids=["pool", "single process"])
@pytest.mark.parametrize("whom", ["supervisor", "all"])
def test_what_waits_when_the_service_ends_is_answered(make, workers, whom):
    """Also if every process receives TERM, as from a terminal or a service manager."""
    site = make(workers=workers)
    alice = site.seed.alice
    attempts = [(f"nobody{number}@example.org", "x", address_of(number)) for number in range(8)]
    attempts.append((alice.email, alice.password, ELSEWHERE))
    everybody = [site.pool.pid, *children_of(site.pool.pid)]
    with occupied(site, until=False) as slow, Waiting(site, attempts) as waiting:
        wait_until(lambda: connections_of(site.pool) == 10, 20, "they wait")
        for pid in everybody if whom == "all" else everybody[:1]:
            send(pid, signal.SIGTERM)
        assert not slow.done()
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            code = thread.submit(site.pool.process.wait, 30)
            assert_wrong(slow.result())
            assert waiting.statuses() == [200] + [401] * 8
            assert code.result() == 0
    assert not any(map(is_alive, everybody))


def test_a_single_process_has_no_hasher_beside_it(make_site):
    site = make_site(OFF, workers=0)
    assert right(site).status == 200
    assert children_of(site.pool.pid) == []
    assert events(site.pool, "hasher started") == []
