"""Sites whose hashing and queue the tests can observe."""

import concurrent.futures
import contextlib
import time

from . import hashes
from .attempts import login, read_answer, send_login
from .processes import wait_until

# No address of these tests is blocked, and every hash is counted.
COUNTING = {"USER_API_LOGIN_ATTEMPTS": 1000000, "USER_API_LOGIN_ATTEMPTS_ADDRESS": 1000000}
OFF = {"USER_API_LOGIN_ATTEMPTS": 0, "USER_API_LOGIN_ATTEMPTS_ADDRESS": 0}
SLOW_CLIENT = "192.0.2.1"


def with_somebody_slow(site, cost=15):
    """The site, with a user whose stored hash takes seconds. No password matches it."""
    site.slow = site.seed.user("slow", stored=(hashes.of_cost(cost), hashes.of_cost(cost)[:29]))
    return site


def failures_of(site, user):
    """The number of login attempts of an account that failed or are being hashed."""
    found = site.sql("SELECT failures FROM failed_login WHERE kind = 'account' AND user_id = %s", (user.id,))
    return found[0][0] if found else 0


@contextlib.contextmanager
def occupied(site, until=True):
    """In this context, a slot hashes the password of a slow user. Gives the future of the answer. If `until` is set,
    the code in the context must end before that answer arrives."""
    before = failures_of(site, site.slow)
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        slow = thread.submit(login, site.pool.address, site.slow.email, client=SLOW_CLIENT)
        wait_until(lambda: failures_of(site, site.slow) > before, 20, "the slot is taken")
        yield slow
        assert not until or not slow.done(), "the slow login ended too early"


def timed(send):
    """(answer, seconds)"""
    begin = time.monotonic()
    answer = send()
    return answer, time.monotonic() - begin


class Waiting:
    """Logins that are sent at the same time, and answered later."""

    def __init__(self, site, attempts):
        self.peers = [send_login(site.pool.address, *attempt) for attempt in attempts]
        self.pool = concurrent.futures.ThreadPoolExecutor(len(self.peers))
        self.answers = [self.pool.submit(read_answer, peer) for peer in self.peers]

    def answered(self):
        return [answer.result() for answer in self.answers if answer.done()]

    def all(self):
        return [answer.result() for answer in self.answers]

    def statuses(self):
        return sorted((answer.status if answer else 0) for answer in self.all())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown()
