#!/usr/bin/python3
"""metrics.py [--rounds N] [--seconds S] [--instructions]: the cost of the metrics for a token check.

Token checks through nginx, with metrics on, then off, then off again. The ratio of the last two shows the error by chance.
The result is the median of the ratios within a round; every second round runs in the opposite order. With --instructions,
it counts the instructions of a worker for a check instead, by valgrind. They do not depend on the load of the machine."""

import argparse
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

from bench import wrk  # noqa: E402
from support import fastcgi, processes  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.site import Site  # noqa: E402

PATH = "/api/users/token"
SETTINGS = {"on": {"USER_API_METRICS": "on"}, "off": {}, "off again": {}}
# Checks in two runs. Only their difference counts, so the start of a worker does not.
FEW, MANY = 500, 2500


def measure_rates(postgres, folder, options):
    """Reloads one pool, because two pools that do the same differ by more than the cost of the metrics."""
    site = Site(postgres, os.path.join(folder, "site")).start()
    bearer = site.token(site.seed.alice)
    rounds = []
    for number in range(options.rounds):
        row = {}
        for name in list(SETTINGS) if number % 2 == 0 else list(SETTINGS)[::-1]:
            site.pool.settings["USER_API_METRICS"] = SETTINGS[name].get("USER_API_METRICS", "off")
            site.pool.write_config()
            site.pool.reload_and_wait()
            wrk(site.nginx.url + PATH, 1, bearer)  # warms up the new workers
            row[name] = wrk(site.nginx.url + PATH, options.seconds, bearer)
        rounds.append(row)
    for name in ("on", "off again"):
        ratios = sorted(row[name] / row["off"] for row in rounds)
        print(
            f"{name + ' / off':16} {statistics.median(ratios):.4f}, from {ratios[0]:.3f} to {ratios[-1]:.3f};"
            f" {statistics.median(row[name] for row in rounds):.0f} checks a second"
        )
    print(f"{os.cpu_count()} CPUs, 3 workers, {options.rounds} rounds of {options.seconds} s")
    site.stop()


def instructions_of(postgres, folder, settings, checks):
    """The instructions of the only worker of a pool from its start to its end."""
    unhurried = {"USER_API_WORKER_MEMORY_MIB": 0, "USER_API_WATCHDOG_SECONDS": 0, "USER_API_LOG_LEVEL": "warn"}
    site = Site(postgres, folder, {**unhurried, "USER_API_SESSION_STALENESS_MS": 60000, **settings}, workers=1)
    out = os.path.join(folder, "callgrind.out")
    site.pool.process.argv[:0] = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}.%p"]
    site.start()
    (worker,) = site.pool.pids()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {site.mint(site.seed.alice)}"}
    for _ in range(checks):
        assert fastcgi.get(site.pool.address, PATH, timeout=60, **headers)[0] == 200
    site.nginx.stop()
    site.pool.terminate(60)
    site.release()
    with open(f"{out}.{worker}", encoding="ascii") as found:
        return int(re.search(r"(?m)^(?:summary|totals): (\d+)", found.read())[1])


def measure_instructions(postgres, folder):
    per_check = {}
    for name, settings in SETTINGS.items():
        few, many = (
            instructions_of(postgres, os.path.join(folder, f"{name.replace(' ', '-')}-{checks}"), settings, checks)
            for checks in (FEW, MANY)
        )
        per_check[name] = (many - few) / (MANY - FEW)
        print(f"{name:10} {per_check[name]:10.0f} instructions a check", flush=True)
    for name in ("on", "off again"):
        print(f"{name + ' / off':16} {per_check[name] / per_check['off']:.4f}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--instructions", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="ua-metrics-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        os.mkdir(os.path.join(folder, "db"))
        postgres = Postgres(os.path.join(folder, "db"))
        postgres.start()
        if options.instructions:
            measure_instructions(postgres, folder)
        else:
            measure_rates(postgres, folder, options)
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
