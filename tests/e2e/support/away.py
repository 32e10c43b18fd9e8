"""What of a site can be asked for while its database is away, and what the log says of it."""

from .checker import ask, request_of
from .processes import wait_until
from .watched import told

CHECKS = ("/api/users/token", "/api/guard")


def status(pool, token, path=CHECKS[0]):
    return ask(pool.address, request_of(token, path))[1]


def statuses(pool, token):
    """Of a token check and a guard."""
    return {status(pool, token, path) for path in CHECKS}


def use(pool, token, times=20):
    """A session that every process of the pool has seen. The database of a busy machine may be slow now and then."""
    for _ in range(times):
        wait_until(lambda: statuses(pool, token) == {200}, 15, "the session is accepted")


def lose(pool, tokens, take, give_back, is_watched=True):
    """Calls `take`, which takes the database away, once all processes know these sessions; what it returns. A watcher
    that begins anew meanwhile, as on a busy machine, empties the table: then once again."""
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
    raise AssertionError("the watcher has begun anew each time")


def last_pass(pool, token, timeout):
    """When the last check that was accepted was sent, once one is answered that the database is away."""
    found = [None]

    def is_over():
        sent, answer = ask(pool.address, request_of(token, CHECKS[0]))
        if answer == 200:
            found[0] = sent
        return answer == 503

    wait_until(is_over, timeout, "a check is answered that the database is away")
    return found[0]


BEGINS = "the database cannot be reached: sessions that were good pass guards for a while"
TOO_LONG = "the database has been away for too long: sessions pass no more"
BACK = "the database is back: sessions are checked again"


def said_of_grace(pool):
    """What the log says of it, in order."""
    return [line["event"] for line in pool.log_lines() if line["event"] in (BEGINS, TOO_LONG, BACK)]
