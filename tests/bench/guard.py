#!/usr/bin/python3
"""guard.py [SECONDS]: what a guard costs behind each web server, with the configurations of deploy/guard/ as shipped.

A protected static file, asked for with the cookie of a login, beside the same file unprotected, by wrk, in turns and in
one run: the median of five ratios, and the time that a check adds to a request while everything is busy."""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from support import processes  # noqa: E402
from support.client import cookie_of  # noqa: E402
from support.guard_fixtures import SERVERS, make_guarded_site  # noqa: E402
from support.guarded import Surroundings  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.proxies import Caddy  # noqa: E402

ROUNDS = 5
CONNECTIONS = 16
WORKERS = 4


def rate(url, seconds, cookie):
    """Requests a second; every answer has to be a success."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-H", f"Cookie: {cookie}", url]
    words = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "Non-2xx" not in words and "Socket errors" not in words, f"{url}:\n{words}"
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", words)[1])


def rounds(server, seconds, cookie):
    """[(unprotected, protected)] of each round; a first one warms up and is not counted."""
    done = []
    for _ in range(ROUNDS + 1):
        pair = [rate(f"{server.url}/{folder}/index.html", seconds, cookie) for folder in ("open", "private")]
        done.append(pair)
    return done[1:]


def measure(postgres, folder, seconds):
    site = make_guarded_site(postgres, os.path.join(folder, "site"), workers=WORKERS)
    os.mkdir(os.path.join(folder, "around"))
    around = Surroundings(os.path.join(folder, "around"), site, site.tcp)
    cookie = cookie_of(site.token(site.seed.albert))["Cookie"]
    print(f"{'server':20} {'open/s':>8} {'guarded/s':>10} {'guarded/open':>13} {'us a check':>11}")
    for kind in (*SERVERS, Caddy):
        server = kind(os.path.join(folder, kind.kind), around).start()
        pairs = rounds(server, seconds, cookie)
        server.stop()
        unprotected, protected = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        cost = statistics.median(1e6 / pair[1] - 1e6 / pair[0] for pair in pairs)
        print(f"{kind.kind:20} {unprotected:8.0f} {protected:10.0f} {ratio:13.2f} {cost:11.0f}", flush=True)
    print(f"{os.cpu_count()} CPUs, {WORKERS} workers, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {seconds} s")
    around.stop()
    site.stop()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="ua-guard-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        os.mkdir(os.path.join(folder, "db"))
        postgres = Postgres(os.path.join(folder, "db"))
        postgres.start()
        measure(postgres, folder, int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
