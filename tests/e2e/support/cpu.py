"""The processor time of a pool, which does not depend on the load of the machine."""

import time

from .processes import children_of


def spent_by(site):
    """The processor time, in seconds, of all processes that may serve a login, including ended threads."""
    pids = site.nginx.processes() if site.nginx.starts_children else children_of(site.pool.pid)
    assert pids
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)
