#!/usr/bin/python3
"""stalled.py [SECONDS] [--only peers|searches] [--rounds N] [--users N]: how long an answer takes while clients stall.

Token checks and guards through nginx: alone, and with 32 or 256 peers at the pool's socket that have sent half a request,
or sometimes send a byte. New peers replace those that the pool drops. Then guards while eight admins search continuously
among 100 000 users. Rounds are interleaved; the result is the median of the ratios within a round."""

import argparse
import contextlib
import itertools
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
from support.guard_fixtures import make_guarded_site  # noqa: E402
from support.guarded import Nginx, Surroundings  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.processes import Process  # noqa: E402
from support.stalled import KINDS, Dripping, connect, is_open  # noqa: E402

CONNECTIONS = 4
WORKERS = 4
SEARCHERS = 8
AWAITED = {"p99": 1.5, "p95": 5.0}  # maximum ratios
LONGEST_MS = 200
REPORT = """
done = function(summary, latency)
  io.write(string.format("p95=%d p99=%d max=%d\\n", latency:percentile(95), latency:percentile(99), latency.max))
end
"""


class Stalling(Dripping):
    """Peers that send one of several kinds of half a request, and nothing more."""

    def __init__(self, address, count):
        self.kinds = itertools.cycle(KINDS)
        super().__init__(address, count, seconds=0.2)

    def connect(self):
        peer = connect(self.address, self.over)
        if peer is not None:
            peer.sendall(next(self.kinds))
            peer.setblocking(False)
        return peer

    def drip(self, at):
        return is_open(self.peers[at])


# title, and the load during the measurement
PEERS = (
    ("alone", lambda address: contextlib.nullcontext()),
    ("32 stalled", lambda address: Stalling(address, 32)),
    ("256 stalled", lambda address: Stalling(address, 256)),
    ("256 dripping", lambda address: Dripping(address, 256, seconds=0.2)),
)


class Targets:
    """A guarded site behind nginx, with the configuration of deploy/guard/ as shipped."""

    def __init__(self, postgres, folder):
        self.folder = folder
        self.site = make_guarded_site(postgres, os.path.join(folder, "site"), workers=WORKERS)
        os.mkdir(os.path.join(folder, "around"))
        self.around = Surroundings(os.path.join(folder, "around"), self.site, self.site.tcp)
        self.server = Nginx(os.path.join(folder, "nginx"), self.around).start()
        self.report = os.path.join(folder, "report.lua")
        with open(self.report, "w", encoding="ascii") as file:
            file.write(REPORT)
        # Each search has its own admin of customer A, because the service limits the searches of one caller.
        self.admins = [self.site.seed.user(f"admin{number}", roles=("admin",)) for number in range(SEARCHERS)]
        token = self.site.token(self.site.seed.alice)
        self.urls = {
            "token check": (f"{self.site.nginx.url}/api/users/token", f"Authorization: Bearer {token}"),
            "guard": (f"{self.server.url}/private/index.html", f"Cookie: user-api-credentials={token}"),
        }

    def wait(self, name, seconds):
        """Milliseconds that an answer takes: {"p95": …, "p99": …, "max": …}. Each answer must be a success."""
        url, header = self.urls[name]
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-s", self.report]
        words = subprocess.run([*command, "-H", header, url], stdout=subprocess.PIPE, text=True, check=True).stdout
        assert "Non-2xx" not in words and "Socket errors" not in words, f"{url}:\n{words}"
        return {key: int(value) / 1000 for key, value in re.findall(r"(p95|p99|max)=(\d+)", words)}

    @contextlib.contextmanager
    def searches(self):
        """Each admin searches for a name that no user has, so the search reads all users."""
        running = []
        for admin in self.admins:
            header = f"Authorization: Bearer {self.site.mint(admin)}"
            command = ["wrk", "-t1", "-c1", "-d600s", "--timeout", "20s", "-H", header]
            log = os.path.join(self.folder, "searches.log")
            url = f"{self.site.nginx.url}/api/users/?name=qq&count=true"
            running.append(Process([*command, url], log_path=log, stop_signal=signal.SIGINT).start())
        yield
        for process in running:
            process.stop()


def show(title, name, rounds, percentile):
    """Prints a row: the medians, and the medians of the ratios to the same round alone."""
    pairs = [(each[title, name], each["alone", name]) for each in rounds]
    value = statistics.median(found[percentile] for found, _ in pairs)
    ratio = statistics.median(found[percentile] / alone[percentile] for found, alone in pairs)
    longest = max(found["max"] for found, _ in pairs)
    print(f"{name:<14}{title:<16}{percentile:>4}{value:>10.2f}{ratio:>9.2f}{longest:>11.1f}", flush=True)


def print_head():
    print(f"{'':<14}{'':<16}{'':>4}{'ms':>10}{'/ alone':>9}{'longest ms':>11}")


def measure_peers(targets, options):
    def one_round():
        found = {}
        for title, peers in PEERS:
            with peers(targets.site.pool.address):
                for name in targets.urls:
                    found[title, name] = targets.wait(name, options.seconds)
        return found

    rounds = [one_round() for _ in range(options.rounds + 1)][1:]  # the first one warms up
    print_head()
    for name in targets.urls:
        for title, _ in PEERS:
            show(title, name, rounds, "p99")
    print(f"awaited: at most {AWAITED['p99']} of p99 alone, and no answer beyond {LONGEST_MS} ms")


def measure_searches(targets, options):
    insert = (
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'm' || n || '@many.example', 'Many ' || n, '*', '*', true, %s FROM generate_series(1, %s) n"
    )
    targets.site.sql(insert, (targets.site.seed.a, options.users))
    targets.site.sql("ANALYZE _user")

    def one_round():
        found = {("alone", "guard"): targets.wait("guard", options.seconds)}
        with targets.searches():
            found["8 searches", "guard"] = targets.wait("guard", options.seconds)
        return found

    rounds = [one_round() for _ in range(options.rounds + 1)][1:]
    print_head()
    for title in ("alone", "8 searches"):
        show(title, "guard", rounds, "p95")
    print(f"awaited: at most {AWAITED['p95']} of p95 alone; {options.users} users")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=3)
    parser.add_argument("--only", choices=("peers", "searches"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--users", type=int, default=100_000)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="ua-stalled-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        os.mkdir(os.path.join(folder, "db"))
        targets = Targets(Postgres(os.path.join(folder, "db")).start(), folder)
        if options.only != "searches":
            measure_peers(targets, options)
        if options.only != "peers":
            measure_searches(targets, options)
        print(f"{os.cpu_count()} CPUs, {WORKERS} workers, {CONNECTIONS} connections, medians of", end=" ")
        print(f"{options.rounds} rounds of {options.seconds} s")
        targets.around.stop()
        targets.site.stop()
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
