#!/usr/bin/python3
"""behind.py [SECONDS]: compares web servers in front of user-api with nginx on a unix socket, in one run.

Token checks by wrk through each server and mode of deploy/, in turn with nginx and a unix socket: the median of three
ratios. Then the requests lost while the web server, and the pool if there is one, are reloaded repeatedly."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from support import behind, processes  # noqa: E402
from support.load import Load  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.site import Site  # noqa: E402

ROUNDS = 3
CONNECTIONS = 16
RELOADS = 5


def rate(site, seconds):
    """Token checks a second. Any error makes the result invalid."""
    token = site.token(site.seed.alice)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}"]
    text = subprocess.run(
        [*command, site.nginx.url + "/api/users/token"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        print(text, file=sys.stderr)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", text)[1])


def lost(site, kind):
    """(requests, lost requests) during reloads of the web server and of the pool."""
    with Load(site.nginx.port) as load:
        for _ in range(RELOADS):
            site.nginx.reload()
            load.more(100)
            if not behind.is_started_by_the_server(kind):
                site.pool.reload_and_wait()
                load.more(100)
    return load.done + len(load.failed), len(load.failed)


def measure(postgres, folder, seconds):
    print(f"{'behind':24} {'req/s':>8} {'of nginx':>9} {'requests':>9} {'lost':>5}")
    with_nginx = Site(postgres, os.path.join(folder, "reference"), kind=behind.DEFAULT, workers=4).start()
    for number, kind in enumerate(behind.KINDS):
        site = Site(postgres, os.path.join(folder, str(number)), kind=kind, workers=4).start()
        ratios, rates = [], []
        for _ in range(ROUNDS):
            reference = rate(with_nginx, seconds)
            rates.append(rate(site, seconds))
            ratios.append(rates[-1] / reference)
        sent, failed = lost(site, kind)
        row = (statistics.median(rates), statistics.median(ratios), sent, failed)
        print(f"{kind:24} {row[0]:8.0f} {row[1]:9.2f} {row[2]:9d} {row[3]:5d}", flush=True)
        site.stop()
    with_nginx.stop()


def main():
    folder = tempfile.mkdtemp(prefix="ua-behind-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        os.mkdir(os.path.join(folder, "db"))
        postgres = Postgres(os.path.join(folder, "db"))
        postgres.start()
        measure(postgres, folder, int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
