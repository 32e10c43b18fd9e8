"""The session watcher: a process of the pool that listens to the database, and says so while it hears everything."""

import os
import signal

import pytest
from support.pool_peers import events, send
from support.processes import is_alive, name_of, wait_until

WATCHED = "sessions are watched"
UNWATCHED = "sessions are not watched, every check asks the database"


def lines(pool):
    """What the log says of it, in order: None for the good, the reason for the bad."""
    return [line.get("reason") for line in pool.log_lines() if line["event"] in (WATCHED, UNWATCHED)]


def wait_for(pool, count):
    wait_until(lambda: len(lines(pool)) >= count, 20, f"{count} lines of the watcher")
    return lines(pool)


def test_it_has_a_name_and_is_no_worker(fresh_site):
    pool = fresh_site.pool
    assert name_of(pool.watcher()) == "user-api-watch"
    assert pool.watcher() not in pool.pids() and len(pool.pids()) == pool.workers
    assert wait_for(pool, 1) == [None]
