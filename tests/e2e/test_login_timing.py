"""POST /api/users/login tells by no clock whether somebody has an account, behind whatever web server."""

import statistics
import time

import pytest
from support import behind, hashes, seed
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
        "expensive": site.seed.user(stored=(hashes.EXPENSIVE, hashes.EXPENSIVE[:29])).email,
        "legacy": site.seed.user(stored=seed.pbkdf2(seed.PASSWORD)).email,
    }
    site.stop()


def spent_by(site):
    """Seconds of processor time that all processes which may serve a login have spent, dead threads included: the same
    however busy the machine is."""
    pids = site.nginx.processes() if behind.is_started_by_the_server(site.kind) else site.pool.pids()
    assert pids
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def test_unknown_emails_cost_the_processor_as_much_as_known_ones(strangers):
    """Who skips the hash, or takes a cheaper one, is many times as fast."""
    site, emails = strangers
    samples = {kind: [] for kind in emails}
    site.client.login(emails["known"], "wrong password")
    for _ in range(9):
        for kind, email in emails.items():
            begin = spent_by(site)
            assert site.client.login(email, "wrong password").status_code == 401
            samples[kind].append(spent_by(site) - begin)
    cost = {kind: statistics.median(values) for kind, values in samples.items()}
    for kind, value in cost.items():
        assert 0.8 < value / cost["known"] < 1.25, (kind, cost)
