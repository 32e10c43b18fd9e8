"""Requests to a site while its database is unavailable, and the log lines about that."""

from .checker import ask, request_of
from .processes import wait_until
from .watched import told

CHECKS = ("/api/users/token", "/api/guard")


def status(pool, token, path=CHECKS[0]):
    return ask(pool.address, request_of(token, path))[1]


def statuses(pool, token):
    """The statuses of a token check and a guard."""
    return {status(pool, token, path) for path in CHECKS}


def use(pool, token, times=20):
    """Uses a session until every process of the pool has seen it. On a busy machine, the database is sometimes slow."""
    for _ in range(times):
        wait_until(lambda: statuses(pool, token) == {200}, 15, "the session is accepted")


def lose(pool, tokens, take, give_back, is_watched=True):
    """Calls `take`, which stops the database, after all processes know these sessions. Returns the result of `take`. If
    the watcher restarts meanwhile, as on a busy machine, it empties the table. Then this tries again."""
    hears = lambda: told(pool.log_text())[-1:] == [None]  # noqa: E731
    for _ in range(5):
        wait_until(lambda: hears() or not is_watched, 30, "sessions are watched")
        begun = told(pool.log_text()).count(None)
        for token in tokens:
            use(pool, token)
        gone = take()
        wait_until(lambda: not hears(), 30, "the watcher has noticed")
        if told(pool.log_text()).count(None) == begun:
            return gone
        give_back()
        wait_until(lambda: pool.request("GET", "/readyz")[0] == 200, 30, "the database is back")
    raise AssertionError("the watcher lost its connection in every attempt")


def last_pass(pool, token, timeout):
    """Checks until the answer is that the database is unavailable. Returns when the last accepted check was sent."""
    found = [None]

    def is_over():
        sent, answer = ask(pool.address, request_of(token, CHECKS[0]))
        if answer == 200:
            found[0] = sent
        return answer == 503

    wait_until(is_over, timeout, "a check is answered that the database is away")
    return found[0]


BEGINS = "the database cannot be reached: recent sessions still pass guards"
TOO_LONG = "the database has been away for too long: sessions are refused"
BACK = "the database is back: sessions are checked again"


def said_of_grace(pool):
    """The lines of the log about the grace period, in order."""
    return [line["event"] for line in pool.log_lines() if line["event"] in (BEGINS, TOO_LONG, BACK)]
