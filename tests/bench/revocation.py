#!/usr/bin/python3
"""revocation.py [SECONDS] [--only WORDS]: how long an ended session is still accepted, and whether longer than the
bound.

Two pools on one database. 50 sessions a second are ended by the API of either pool, by SQL and by user-api-admin, with as
many checks on both as this machine allows. A check counts from when it was sent, and an end from its answer on. The delay
is the time from the end to the last accepted check, or 0. Then the same with repeated failures. The exit code is 1 if any
check was accepted too late."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

from support import changes, disturbances, processes  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.reloads import Reloads  # noqa: E402
from support.verdict import OTHER, SAME, percentile  # noqa: E402

RATE = 50
SPARE_SECONDS = 60  # more ends are prepared than the requested time needs
SHARES = (0.5, 0.99, 1)
WANTED_P99_MS = 50
COLUMNS = (
    ("API, same machine", SAME, changes.API),
    ("API, other machine", OTHER, changes.API),
    ("SQL", OTHER, (*changes.SQL, disturbances.ManyAtOnce.kind)),
    ("command line", OTHER, changes.COMMANDS),
)


class ReloadsElsewhere(Reloads):
    title = "reload, other server"


def delays(verdict, where, kinds):
    """p50, p99 and the longest, in milliseconds."""
    found = verdict.of(where, *kinds)
    return "/".join(f"{1000 * percentile(found, share):.0f}" for share in SHARES) if found else "-"


def print_head():
    print("delays in ms: p50/p99/max", flush=True)
    titles = "".join(f"{title:>20}" for title, _, _ in COLUMNS)
    print(f"{'':<24}{'ends':>6}{'/s':>6}{'checks/s':>10}{'503, none':>10}{'too late':>10}{titles}", flush=True)


def print_row(title, ends, seconds, verdict):
    row = f"{title:<24}{ends:>6}{ends / seconds:>6.0f}{verdict.checks / seconds:>10.0f}"
    row += f"{100 * verdict.failed / verdict.checks:>9.1f}%{len(verdict.late):>10}"
    print(row + "".join(f"{delays(verdict, where, kinds):>20}" for _, where, kinds in COLUMNS), flush=True)


def print_kinds(verdict):
    print(f"\n{'where nothing goes wrong':<24}{'same machine':>20}{'other machine':>20}")
    for kind in (*changes.API, *changes.SQL, *changes.COMMANDS):
        print(f"{kind:<24}{delays(verdict, SAME, [kind]):>20}{delays(verdict, OTHER, [kind]):>20}")
    print()


class Bench:
    def __init__(self, folder, seconds):
        self.folder, self.seconds = folder, seconds
        self.postgres = Postgres(os.path.join(folder, "pg")).start()
        self.version = int(self.postgres.execute("SHOW server_version_num")[0][0])
        self.number = 0
        self.faults = []

    def new_folder(self):
        self.number += 1
        return os.path.join(self.folder, str(self.number))

    def server(self, settings):
        """The server of a trial that needs its own, else the shared one."""
        return self.postgres if settings is None else Postgres(self.new_folder(), settings).start()

    def note(self, title, verdict):
        self.faults += [f"{title}: {fault}" for fault in verdict.late + verdict.wrong]

    def trial(self, kind):
        if self.version < kind.server_version:
            print(f"{kind.title:<24}skipped: PostgreSQL {kind.server_version // 10000} or later is wanted", flush=True)
            return
        server = self.server(kind.server_settings)
        trial = kind(server, self.new_folder(), (self.seconds + SPARE_SECONDS) * RATE)
        try:
            verdict = trial.start().run(1, self.seconds)
        finally:
            trial.stop()
        print_row(kind.title, trial.ended(), trial.seconds, verdict)
        self.note(kind.title, verdict)
        if kind is disturbances.Quiet:
            self.quiet = verdict

    def reloads(self, kind, elsewhere):
        reloads = kind(self.postgres, self.new_folder(), self.server({}) if elsewhere else None)
        began = time.monotonic()
        try:
            verdict = reloads.start().run(1, self.seconds)
        finally:
            reloads.stop()
        print_row(kind.title, len(reloads.phases) - 1, time.monotonic() - began, verdict)
        self.note(kind.title, verdict)


def measure(folder, options):
    bench = Bench(folder, options.seconds)
    wanted = lambda kind: options.only is None or options.only in kind.title  # noqa: E731
    print_head()
    for kind in filter(wanted, disturbances.ALL):
        bench.trial(kind)
    for kind, elsewhere in ((Reloads, False), (ReloadsElsewhere, True)):
        if wanted(kind):
            bench.reloads(kind, elsewhere)
    if wanted(disturbances.Quiet):
        print_kinds(bench.quiet)
        p99 = 1000 * percentile(bench.quiet.of(OTHER), 0.99)
        print(f"until another machine refuses: p99 {p99:.0f} ms (wanted: at most {WANTED_P99_MS})")
    for fault in bench.faults[:20]:
        print(fault)
    print(f"{len(bench.faults)} faults; {os.cpu_count()} CPUs, {options.seconds} s a row")
    return bool(bench.faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=15)
    parser.add_argument("--only", metavar="WORDS", help="rows whose title has these words")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ua-revocation-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        failed = measure(folder, options)
        print(f"{time.monotonic() - started:.0f} s in all")
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
