"""POST /api/users/login tells by no clock whether somebody has an account, behind whatever web server."""

import statistics
import time

import pytest
from support import behind, seed
from support.pool import is_sanitized
from support.site import Site

pytestmark = pytest.mark.alone

# With sanitizers behind one of them, as everything of the contract.
KINDS = [behind.DEFAULT] if is_sanitized() else list(behind.KINDS)


@pytest.fixture(scope="module", params=KINDS)
def strangers(request, postgres, new_folder):
    """A site with one worker and a cost that shows, and the emails of everybody who is refused."""
    site = Site(postgres, new_folder(), workers=1, cost=9, kind=request.param).start()
    site.kind = request.param
    yield site, {
        "known": site.seed.alice.email,
        "unknown": "nobody@example.org",
        "inactive": site.seed.user(active=False).email,
        "cheaper": site.seed.user(stored=seed.bcrypt(seed.PASSWORD, 4)).email,
        "legacy": site.seed.user(stored=seed.pbkdf2(seed.PASSWORD)).email,
    }
    site.stop()


def measure(site, emails, clock, rounds):
    """What `clock` says that a refused login takes, for each email `rounds` times, interleaved."""
    samples = {kind: [] for kind in emails}
    for _ in range(rounds):
        for kind, address in emails.items():
            begin = clock()
            assert site.client.login(address, "wrong password").status_code == 401
            samples[kind].append(clock() - begin)
    return samples


def test_unknown_emails_cost_the_processor_as_much_as_known_ones(strangers):
    """The CPU time of the worker, dead threads included, is the same however busy the machine is."""
    site, emails = strangers
    if behind.is_started_by_the_server(site.kind):
        pytest.skip("the processor time of a worker of the pool is measured; the server starts workers of its own")
    (worker,) = site.pool.pids()
    samples = measure(site, emails, lambda: time.clock_gettime((~worker << 3) | 2), 9)
    cost = {kind: statistics.median(values) for kind, values in samples.items()}
    for kind, value in cost.items():
        assert 0.8 < value / cost["known"] < 1.25, (kind, cost)


def test_unknown_emails_take_as_long_as_known_ones(strangers):
    """Whoever skips the hash, or takes a cheaper one, is many times as fast. The quickest of interleaved
    samples tells that apart from noise; on a busy machine it takes many more of them."""
    site, emails = strangers
    quickest = {kind: float("inf") for kind in emails}
    for _ in range(20):
        for kind, values in measure(site, emails, time.perf_counter, 6).items():
            quickest[kind] = min(quickest[kind], *values)
        if max(quickest.values()) < 1.4 * min(quickest.values()):
            return
    assert max(quickest.values()) < 2 * min(quickest.values()), quickest
