"""Loops of wrong passwords keep nobody out: other people can log in, and all other requests stay quick."""

import statistics
import time
from types import SimpleNamespace

import pytest
from support import hashes
from support.attempts import ELSEWHERE, HERE, Loops, address_of, login
from support.client import Client
from support.queueing import COUNTING, OFF, timed
from support.site import Site

pytestmark = [pytest.mark.alone, pytest.mark.long]

COST = 10
SECONDS = 5
TURNS = 15


def wrong_loops(site, addresses, email="nobody{}@example.org", each=1):
    """Loops of wrong passwords: `each` loops from every address, with one account for each address."""
    send = lambda n: login(site.pool.address, email.format(n), client=address_of(n))  # noqa: E731
    return Loops([lambda n=n: send(n) for n in range(addresses) for _ in range(each)])


def person(site, turns=1, flood=None, client=ELSEWHERE):
    """One person's logins, all successful: the seconds of each, and how many of the flood were answered meanwhile."""
    alice = site.seed.alice
    logins = []
    for _ in range(turns):
        before = len(flood.all()) if flood else 0
        answer, seconds = timed(lambda: login(site.pool.address, alice.email, alice.password, client))
        assert answer.status == 200, answer
        logins.append((seconds, len(flood.all()) - before if flood else 0))
    return logins


def slowest(logins):
    return max(seconds for seconds, _ in logins)


def hash_seconds(site):
    attempt = lambda: login(site.pool.address, "one@example.org", client="192.0.2.9")  # noqa: E731
    return statistics.median(timed(attempt)[1] for _ in range(3))


@pytest.fixture(
    scope="module",
    params=[(4, 4, OFF), (16, 4, OFF), (16, 4, {}), (4, 0, OFF), (16, 0, OFF)],
    ids=["4", "16", "16 that are counted", "4 in a single process", "16 in a single process"],
)
def flooded(request, postgres, new_folder):
    """One person's logins and token checks during such loops, and their results."""
    loops, workers, settings = request.param
    site = Site(postgres, new_folder(), settings, workers=workers, cost=COST).start()
    seen = SimpleNamespace(counted=not settings, loops=loops, hash_seconds=hash_seconds(site), logins=[], checks=[])
    client = site.client.bearer(site.mint(site.seed.alice))
    with wrong_loops(site, loops) as seen.flood:
        seen.flood.more()
        seen.logins += person(site, TURNS, seen.flood)
        while len(seen.checks) < 100:
            answer, seconds = timed(lambda: client.get("/api/users/token"))
            assert answer.status_code == 200
            seen.checks.append(seconds)
        seen.flood.more(11 if seen.counted else 1)
    seen.afterwards = person(site)
    yield seen
    site.stop()


def test_a_person_logs_in_beside_it_every_time(flooded, report):
    seconds, overtaken = zip(*flooded.logins)
    report(f"login {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s, hash {flooded.hash_seconds:.2f} s")
    assert max(seconds) < SECONDS
    # Logins that have a slot continue. Logins that wait for a slot do not overtake.
    assert flooded.counted or statistics.median(overtaken) <= 4, overtaken


def test_token_checks_beside_it_stay_far_quicker_than_a_hash(flooded):
    checks = sorted(flooded.checks)
    assert statistics.median(checks) < flooded.hash_seconds / 5, (statistics.median(checks), flooded.hash_seconds)
    assert checks[90] < flooded.hash_seconds, (checks[-10:], flooded.hash_seconds)


def test_everybody_in_it_is_answered(flooded):
    flood = flooded.flood
    if not flooded.counted:
        assert flood.statuses() == {401}
        return
    assert flood.statuses() == {401, 429}
    assert [sum(o.answer.status == 401 for o in each) for each in flood.outcomes] == [10] * flooded.loops
    assert all(o.answer.is_blocked for o in flood.all() if o.answer.status == 429)


def test_its_addresses_have_one_turn_after_the_other(flooded):
    turns = [len(each) for each in flooded.flood.outcomes]
    assert flooded.counted or max(turns) - min(turns) <= 4, turns


def test_afterwards_a_login_is_quick(flooded):
    ((seconds, _),) = flooded.afterwards
    assert seconds < 3 * flooded.hash_seconds + 0.5


# --- each source has its turn ---


@pytest.fixture(params=[3, 0], ids=["pool", "single process"])
def slot(request, make_site):
    """A site with one slot."""
    return make_site({**COUNTING, "USER_API_HASH_SLOTS": 1}, workers=request.param, cost=8)


def test_who_sends_eight_at_once_has_no_more_turns_than_who_sends_one(slot):
    greedy = [lambda: login(slot.pool.address, "greedy@example.org", client=HERE)] * 8
    modest = lambda: login(slot.pool.address, "modest@example.org", client=ELSEWHERE)  # noqa: E731
    with Loops([*greedy, modest]) as flood:
        flood.more()
        before = [len(each) for each in flood.outcomes]
        flood.more(5)
        turns = [len(each) - was for each, was in zip(flood.outcomes, before)]
    assert flood.statuses() == {401}
    # The eight continue while the other one sends its next request.
    assert sum(turns[:8]) <= 2.5 * turns[8] + 4, turns


def test_who_mistyped_is_let_in_beside_loops_of_those_who_did_not(slot):
    """Sources with failures wait for sources without, but not for all of them."""
    people = [slot.seed.user() for _ in range(6)]
    sends = [
        lambda u=user, n=number: login(slot.pool.address, u.email, u.password, address_of(n))
        for number, user in enumerate(people)
    ]
    alice = slot.seed.alice
    with Loops(sends) as flood:
        flood.more()
        assert login(slot.pool.address, alice.email).status == 401
        for _ in range(5):
            before = len(flood.all())
            answer = login(slot.pool.address, alice.email, alice.password)
            assert answer.status == 200
            # Every fourth turn is for sources with failures. One turn may be under way, and answers are counted late.
            assert len(flood.all()) - before <= 12
            assert login(slot.pool.address, alice.email).status == 401
    assert flood.statuses() == {200}


def test_who_did_not_mistype_goes_before_those_who_did(slot):
    """Sixteen wait. At most one of them gets a turn between the one that is under way and the person's."""
    with wrong_loops(slot, 16) as flood:
        flood.more()
        for number in range(8):
            ((_, overtaken),) = person(slot, 1, flood, f"198.51.100.{number}")
            assert overtaken <= 4
    assert flood.statuses() == {401}


# --- hashes that take longer than a turn ---


def test_a_hash_of_cost_20_in_the_database_shuts_no_logins(make_site):
    """It does not matter how the hash got there."""
    site = make_site(OFF, workers=3, cost=8)
    slow = site.seed.user(stored=(hashes.EXPENSIVE, hashes.EXPENSIVE[:29]))
    with wrong_loops(site, 4, slow.email) as flood:
        flood.more()
        assert slowest(person(site, TURNS)) < SECONDS
        flood.more()
        begin = time.monotonic()
        assert login(site.pool.address, slow.email, slow.password).status == 401
        assert time.monotonic() - begin < SECONDS
    assert flood.statuses() == {401}


def test_a_password_of_sixty_thousand_bytes_shuts_no_logins(make_site):
    site = make_site(OFF, workers=3, cost=8)
    old = site.seed.user(stored=(hashes.OLD_HASH, hashes.OLD_SALT))
    sends = [
        lambda e=email, n=number: login(site.pool.address, e, "x" * 60000, address_of(n))
        for number, email in enumerate([site.seed.albert.email, old.email] * 2)
    ]
    with Loops(sends) as flood:
        flood.more()
        assert slowest(person(site, TURNS)) < SECONDS
        flood.more()
    assert flood.statuses() == {401}


# --- behind mod_fcgid, whose processes share nothing ---


def test_a_person_logs_in_beside_loops_behind_mod_fcgid(postgres, new_folder):
    site = Site(postgres, new_folder(), OFF, workers=1, cost=COST, kind="apache-fcgid").start()
    try:
        clients = [Client(site.nginx.url, address=f"127.0.8.{number}") for number in range(1, 5)]
        alice = Client(site.nginx.url, address="127.0.9.1")
        with Loops([lambda c=client: c.login("nobody@example.org", "wrong") for client in clients]) as flood:
            for _ in range(TURNS):
                answer, seconds = timed(lambda: alice.login(site.seed.alice.email, site.seed.alice.password))
                assert answer.status_code == 200 and seconds < SECONDS, (answer.text, seconds)
        assert {outcome.answer.status_code for outcome in flood.all()} == {401}
    finally:
        site.stop()
