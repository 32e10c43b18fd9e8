#!/usr/bin/python3
"""guard.py [SECONDS]: what a guard costs behind each web server, with the configurations of deploy/guard/ as shipped.

wrk requests a protected static file with the cookie of a login, and the same file unprotected, in turns and in one run.
The result is the median of five ratios, and the processor time of a check in web server, pool and database together.
Unlike rates, the processor time depends little on the load of the machine."""

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
from support.processes import children_of  # noqa: E402
from support.proxies import Caddy  # noqa: E402

ROUNDS = 5
CONNECTIONS = 16
WORKERS = 4


def processor_seconds(roots):
    """The processor time of the processes and their descendants so far."""
    used, pids = 0, list(roots)
    while pids:
        pid = pids.pop()
        pids += children_of(pid)
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:  # the process has ended
            continue
        used += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
    return used / os.sysconf("SC_CLK_TCK")


def load(url, seconds, cookie, roots):
    """(requests a second, processor time of a request in microseconds). Every answer must be a success."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-H", f"Cookie: {cookie}", url]
    before = processor_seconds(roots)
    words = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    used = processor_seconds(roots) - before
    assert "Non-2xx" not in words and "Socket errors" not in words, f"{url}:\n{words}"
    requests = int(re.search(r"(\d+) requests in", words)[1])
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", words)[1]), used / requests * 1e6


def measure(postgres, folder, seconds):
    site = make_guarded_site(postgres, os.path.join(folder, "site"), workers=WORKERS)
    os.mkdir(os.path.join(folder, "around"))
    around = Surroundings(os.path.join(folder, "around"), site, site.tcp)
    cookie = cookie_of(site.token(site.seed.albert))["Cookie"]
    print(f"{'server':20} {'open/s':>8} {'guarded/s':>10} {'guarded/open':>13} {'CPU us a check':>15}")
    for kind in (*SERVERS, Caddy):
        server = kind(os.path.join(folder, kind.kind), around).start()
        # Caddy asks through the site's nginx.
        roots = [process.pid for process in (server.process, site.pool.process, postgres.process, site.nginx.process)]
        done = []
        for _ in range(ROUNDS + 1):
            done.append([load(f"{server.url}/{name}/index.html", seconds, cookie, roots) for name in ("open", "private")])
        server.stop()
        done = done[1:]  # the first warms up
        rates = [statistics.median(pair[i][0] for pair in done) for i in (0, 1)]
        ratio = statistics.median(pair[1][0] / pair[0][0] for pair in done)
        cost = statistics.median(pair[1][1] - pair[0][1] for pair in done)
        print(f"{kind.kind:20} {rates[0]:8.0f} {rates[1]:10.0f} {ratio:13.2f} {cost:15.0f}", flush=True)
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
