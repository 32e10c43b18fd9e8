#!/usr/bin/python3
"""events.py [SECONDS]: requests lost while a pool behind nginx is reloaded, recycled, stopped, and its workers die.

Each row repeats one kind of event for SECONDS (6) under steady load: half of the requests are small, half have a body of
27 kB. A killed worker may lose the one request that had reached it."""

import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from support import processes  # noqa: E402
from support.load import Load  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from support.pool import Pool  # noqa: E402
from support.processes import wait_until  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.site import Site  # noqa: E402


def full(pool):
    return len(pool.pids()) == pool.workers


def end_worker(pool, number):
    victim = random.choice(wait_until(pool.pids, 15, "a worker"))
    try:
        os.kill(victim, number)
    except ProcessLookupError:
        return
    wait_until(lambda: victim not in pool.pids() and full(pool), 30, "it is replaced")


def restart(pool):
    """As with systemd: another program holds the socket, which outlives the pool."""
    pool.terminate()
    pool.start()


class Held(Pool):
    """A pool on a listening socket that this process holds, as descriptor 0."""

    def __init__(self, folder, settings):
        super().__init__(folder, settings)
        self.held = socket.socket(socket.AF_UNIX)
        self.held.bind(self.address[len("unix:") :])
        os.chmod(self.address[len("unix:") :], 0o666)
        self.held.listen(1024)
        self.process.argv = [self.process.argv[0], "--config", self.config_path, "--workers", str(self.workers)]
        self.process.popen_arguments = {"stdin": self.held}


# title, kind of pool, more settings, event
EVENTS = (
    ("HUP, all workers replaced one by one", Pool, {}, Pool.reload_and_wait),
    ("HUP, faster than workers are replaced", Pool, {}, Pool.reload),
    ("recycling after 50 requests", Pool, {"USER_API_MAX_REQUESTS": "50"}, lambda pool: None),
    ("TERM to a worker", Pool, {}, lambda pool: end_worker(pool, signal.SIGTERM)),
    ("KILL to a worker", Pool, {}, lambda pool: end_worker(pool, signal.SIGKILL)),
    ("stop and start on a socket that stays", Held, {}, restart),
)


def measure(kind, settings, event, folder, seconds):
    """(events, requests, failed)"""
    pool = kind(folder, settings).start()
    nginx = Nginx(os.path.join(folder, "nginx"), pool.address).start()
    count = 0
    with Load(nginx.port) as load:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event(pool)
            count += 1
            load.more(20)
        wait_until(lambda: full(pool), 30, "the pool is whole again")
    nginx.stop()
    pool.stop()
    return count, load.done + len(load.failed), len(load.failed)


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    folder = tempfile.mkdtemp(prefix="ua-events-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        postgres = Postgres(os.path.join(folder, "pg")).start()
        settings = Site(postgres, os.path.join(folder, "site")).pool.settings
        print(f"{'event under load':40} {'events':>7} {'requests':>9} {'failed':>7}")
        for number, (title, kind, more, event) in enumerate(EVENTS):
            row = measure(kind, {**settings, **more}, event, os.path.join(folder, str(number)), seconds)
            print(f"{title:40} {row[0]:7d} {row[1]:9d} {row[2]:7d}", flush=True)
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
