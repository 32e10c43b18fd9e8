"""The duration of POST /api/users/login does not reveal whether an account exists, behind any web server."""

import statistics
import time

import pytest
from support import behind, hashes, seed
from support.attempts import address_of, login
from support.cpu import spent_by
from support.pool import is_sanitized
from support.queueing import OFF
from support.site import Site

pytestmark = pytest.mark.alone

# With sanitizers only behind the default server, like all of the contract's tests.
KINDS = [behind.DEFAULT] if is_sanitized() else list(behind.KINDS)


@pytest.fixture(scope="module", params=KINDS)
def strangers(request, postgres, new_folder):
    """A site with one worker and a cost that can be measured, and the emails whose logins are refused."""
    site = Site(postgres, new_folder(), OFF, workers=1, cost=9, kind=request.param).start()
    yield site, {
        "known": site.seed.alice.email,
        "known, with a blank": f"{site.seed.user().email} ",
        "unknown": "nobody@example.org",
        "unknown, with a blank": "nobody-else@example.org ",
        "inactive": site.seed.user(active=False).email,
        "cheaper": site.seed.user(stored=seed.bcrypt(seed.PASSWORD, 4)).email,
        "expensive": site.seed.user(stored=(hashes.EXPENSIVE, hashes.EXPENSIVE[:29])).email,
        "legacy": site.seed.user(stored=seed.pbkdf2(seed.PASSWORD)).email,
    }
    site.stop()


# The second password is also tried in NFC, which takes a second hash.
@pytest.mark.parametrize("password", ["wrong password", "wrong pa\u0308ssword"], ids=["plain", "decomposed"])
def test_unknown_emails_cost_the_processor_as_much_as_known_ones(strangers, password):
    """A login that skips the hash, or takes a cheaper one, is many times as fast."""
    site, emails = strangers
    samples = {kind: [] for kind in emails}
    site.client.login(emails["known"], password)
    for _ in range(9):
        for kind, email in emails.items():
            begin = spent_by(site)
            assert site.client.login(email, password).status_code == 401
            samples[kind].append(spent_by(site) - begin)
    cost = {kind: statistics.median(values) for kind, values in samples.items()}
    assert_alike(cost)


# --- 60 attempts with each email, in turn: wrong passwords, and attempts that are refused unchecked ---


def are_alike(cost):
    return all(0.8 < value / cost["known"] < 1.25 for value in cost.values())


def assert_alike(cost):
    assert are_alike(cost), cost


def medians(site, emails, status):
    """The medians of the attempts' processor time and elapsed time. Other processes may share this machine: if the
    medians differ, the times of as many attempts again are added. A real difference stays."""
    samples = tuple({kind: [] for kind in emails} for _ in range(2))
    for _ in range(4):
        attempt(site, emails, status, *samples)
        found = tuple({kind: statistics.median(values) for kind, values in each.items()} for each in samples)
        if all(map(are_alike, found)):
            break
    return found


def attempt(site, emails, status, spent, seconds):
    """Adds the times of 60 attempts with each email."""
    for number in range(60):
        # No email is always the first.
        for kind, email in sorted(emails.items(), reverse=number % 2):
            cpu, clock = spent_by(site), time.perf_counter()
            answer = login(site.pool.address, email, client=address_of(number))
            seconds[kind].append(time.perf_counter() - clock)
            spent[kind].append(spent_by(site) - cpu)
            assert answer.status == status


def in_milliseconds(medians):
    return ", ".join(f"{kind} {value * 1000:.2f} ms" for kind, value in medians.items())


@pytest.fixture
def pair(make_site):
    """Returns a function that makes a site with one worker and two emails: (site, known and unknown)."""

    def make(attempts):
        site = make_site({"USER_API_LOGIN_ATTEMPTS": attempts}, workers=1, cost=9)
        return site, {"known": site.seed.user().email, "unknown": "stranger@example.org"}

    return make


def test_failed_logins_of_known_and_unknown_emails_take_the_same_time(pair, report):
    site, emails = pair(1000)
    for each in medians(site, emails, 401):
        report(in_milliseconds(each))
        assert_alike(each)


def test_blocked_logins_of_known_and_unknown_emails_take_the_same_time_and_no_hash(pair, report):
    site, emails = pair(1)
    begin = spent_by(site)
    for email in emails.values():
        assert login(site.pool.address, email).status == 401
    of_a_hash = (spent_by(site) - begin) / 2
    spent, seconds = medians(site, emails, 429)
    report(f"processor {in_milliseconds(spent)}, clock {in_milliseconds(seconds)}")
    assert_alike(spent)
    assert_alike(seconds)
    assert max(spent.values()) < of_a_hash / 5
