"""The processor time of a pool: the same however busy the machine is."""

import time

from .processes import children_of


def spent_by(site):
    """Seconds of processor time that all processes which may serve a login have spent, dead threads included."""
    pids = site.nginx.processes() if site.nginx.starts_children else children_of(site.pool.pid)
    assert pids
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)
