"""Requests with errors of thousands of kinds: no worker dies, no answer has an unexpected byte, and no memory is lost.

USER_API_MUTATED_CONNECTIONS sets their number, and USER_API_MUTATED_SEED selects others. A failure names its
case: Case(seed, number) of support/mutated.py sends the same bytes again."""

import collections
import os

from support import fastcgi
from support.mutated import Case, check
from support.pool import is_sanitized
from support.pool_peers import events, wait_until_held
from support.processes import wait_until
from support.stalled import anonymous

pytest_plugins = ["support.pool_fixtures"]

CONNECTIONS = int(os.environ.get("USER_API_MUTATED_CONNECTIONS", 3000))
SEED = int(os.environ.get("USER_API_MUTATED_SEED", 1))
AT_A_TIME = 12
MIB = 1024 * 1024


def test_mutated_requests_kill_nobody_and_give_nothing_away(make_pool, record_property):
    pool = make_pool(workers=2).start()
    workers = pool.pids()
    kinds, memory, open_cases = collections.Counter(), None, collections.deque()

    def finish(case):
        try:
            received = case.finish()
            if received is not None:
                check(case, received)
        except Exception as error:
            raise AssertionError(f"{case.name}: {error!r}; sent {case.sent[:2000]!r}") from error
        answer = fastcgi.parse_response(received or b"")
        kinds[answer and answer[0]] += 1

    for number in range(CONNECTIONS):
        case = Case(SEED, number)
        case.begin(pool.address)
        open_cases.append(case)
        if len(open_cases) > AT_A_TIME:
            finish(open_cases.popleft())
        if number % 500 == 499:
            assert fastcgi.get(pool.address, "/healthz")[0] == 200, case.name
            assert pool.pids() == workers, f"before {case.name}"
            memory = memory or sum(map(anonymous, workers))
    while open_cases:
        finish(open_cases.popleft())

    record_property("measured", f"{CONNECTIONS} connections of seed {SEED}: {dict(sorted(kinds.items(), key=str))}")
    assert pool.pids() == workers and events(pool, "worker died") == []
    assert {200, 400, 401, 404, 413, 422, 431, None} <= set(kinds), "mutations that reach what they are for"
    wait_until_held(pool, 0)
    if memory and not is_sanitized():
        wait_until(lambda: sum(map(anonymous, workers)) < memory + MIB, 20, "no memory is kept")
