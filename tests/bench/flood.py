#!/usr/bin/python3
"""flood.py [SECONDS]: how many users can still log in, and how long token checks take, while others guess passwords.

Loops send wrong passwords from 1, 4 and 16 addresses, or 32 loops from one address, and 16 loops register a taken email.
Meanwhile, a login from another address begins every second, and token checks arrive. This runs with the counters of
failed logins off and on, if the program has them. Then it compares logins with crypt_r alone, and shows the pool's memory.

nginx has the shipped configuration without its limit of logins, so that the pool is measured. A loop rests 20 ms after
each answer. Without a rest, loops that are refused at once would keep the machine busy. With the rest, a loop can still
try five times as often as the shipped limit allows one address."""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import logins  # noqa: E402
from support import nginx, pool, processes  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.processes import Process, children_of, wait_until  # noqa: E402
from support.seed import PASSWORD, bcrypt  # noqa: E402
from support.site import Site  # noqa: E402

WORKERS = max(4, os.cpu_count())
ALONE_SECONDS = 3
LEAD_SECONDS = 1  # from the start of the flood to the start of the measurement
PATIENCE_SECONDS = 5
LOGIN_ROUNDS = 3
WANTED_P99 = 3.0
WANTED_LOGINS = 0.97
WANTED_KIB = 6 * 1024

CHECKS = """
function delay() return 10 end
function done(summary, latency)
  io.write(string.format("p50=%d p99=%d\\n", latency:percentile(50), latency:percentile(99)))
end
"""

# Arguments: body and address (both may contain the loop's number), and optionally a token.
LOOPS = """
local threads = {}
function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end
function init(arguments)
  statuses = {}
  wrk.method = "POST"
  wrk.body = string.format(arguments[1], number)
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-Forwarded-For"] = string.format(arguments[2], number)
  if arguments[3] then wrk.headers["Authorization"] = "Bearer " .. arguments[3] end
end
function delay() return 20 end
function response(status) statuses[status] = (statuses[status] or 0) + 1 end
function done()
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do io.write(status, "=", count, "\\n") end
  end
end
"""


@dataclasses.dataclass(frozen=True)
class Flood:
    title: str
    loops: int
    wanted: int  # target: percent of the other logins within 5 s
    addresses: bool = True  # one for each loop
    registers: bool = False
    counted: bool = True  # gets a row if the counters are on


FLOODS = (
    Flood("1 address", 1, 100),
    Flood("4 addresses", 4, 100),
    Flood("16 addresses", 16, 95),
    Flood("1 address, 32 loops", 32, 95, addresses=False, counted=False),
    Flood("16 register", 16, 95, registers=True),
)


# Modes of the counters of failed logins, with their settings.
KINDS = (
    ("off", {"USER_API_LOGIN_ATTEMPTS": 0, "USER_API_LOGIN_ATTEMPTS_ADDRESS": 0}),
    ("on", {}),
)


class Unlimited(nginx.Nginx):
    """nginx with the shipped configuration, without its limit of logins."""

    def write(self, name, text):
        if name == "site.conf":
            text, found = re.subn(r"(?m)^ *limit_req zone=.*\n", "", text)
            assert found == 1, "one line limits logins"
        super().write(name, text)


class Target:
    """A pool behind nginx, with these settings."""

    def __init__(self, postgres, folder, title, settings):
        self.folder, self.title, self.settings = folder, title, settings
        self.numbers = iter(range(1, 250))
        self.site = Site(postgres, folder, settings, workers=WORKERS, cost=logins.COST)
        self.site.pool.start()
        self.nginx = Unlimited(os.path.join(folder, "unlimited"), self.site.pool.address).start()
        self.stored = bcrypt(PASSWORD, logins.COST)
        self.person = self.site.seed.user("person", stored=self.stored)
        self.users = [self.site.seed.user(stored=self.stored) for _ in range(os.cpu_count())]
        self.token = self.site.mint(self.site.seed.alice)
        self.scripts = {name: self.script(name, text) for name, text in (("checks", CHECKS), ("loops", LOOPS))}
        self.kib = {"at rest": [], "amid a flood": []}

    def script(self, name, text):
        path = os.path.join(self.folder, f"{name}.lua")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def settle(self):
        """Waits until the pool has finished the work of a flood."""
        wait_until(lambda: logins.log_in(self.nginx.port, self.person, "10.255.0.1")[0] == 200, 60, "a login succeeds")

    def checks(self, seconds):
        """Milliseconds that a token check takes while about 400 a second arrive: {"p50": …, "p99": …}."""
        command = ["wrk", "-t1", "-c4", f"-d{seconds}s", "--timeout", "20s", "-s", self.scripts["checks"]]
        command += ["-H", f"Authorization: Bearer {self.token}", f"{self.nginx.url}/api/users/token"]
        words = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        assert "Non-2xx" not in words and "Socket errors" not in words, words
        return {key: int(value) / 1000 for key, value in re.findall(r"(p50|p99)=(\d+)", words)}

    def start(self, flood, seconds):
        """Starts the loops of a flood, with new addresses and accounts."""
        number = next(self.numbers)
        address = f"10.{number}.0.%d" if flood.addresses else f"10.{number}.0.1"
        path, body, token = "login", {"email": f"flood{number}-%d@example.org", "password": "a wrong password"}, []
        if flood.registers:
            path, token = "", [self.token]
            body = {**self.person.plain(roles=[], password=PASSWORD)}
            del body["id"], body["customer"]
        else:
            for loop in range(flood.loops):
                self.site.seed.user(f"flood{number}-{loop + 1}", stored=self.stored)
        command = ["wrk", f"-t{flood.loops}", f"-c{flood.loops}", f"-d{seconds}s", "--timeout", "60s"]
        command += ["-s", self.scripts["loops"], f"{self.nginx.url}/api/users/{path}", "--", json.dumps(body), address]
        return Process(command + token, log_path=os.path.join(self.folder, f"flood{number}.log")).start()

    def people(self, seconds, halfway):
        """(status, seconds) of a login every second."""
        begin = time.monotonic() + LEAD_SECONDS
        with concurrent.futures.ThreadPoolExecutor(seconds) as threads:
            begun = []
            for number in range(seconds):
                time.sleep(max(0, begin + number - time.monotonic()))
                begun.append(threads.submit(logins.log_in, self.nginx.port, self.person, "10.255.0.1"))
                if number == seconds // 2:
                    halfway()
            return [each.result() for each in begun]

    def private_kib(self):
        """The private memory of all processes of the pool."""
        found, pids = 0, [self.site.pool.pid]
        while pids:
            pid = pids.pop()
            pids += children_of(pid)
            found += logins.private_kib(pid)
        return found

    def weigh(self, when):
        if os.geteuid() == 0:
            self.kib[when].append(self.private_kib())

    def measure(self, flood, seconds):
        self.settle()
        self.weigh("at rest")
        alone = self.checks(ALONE_SECONDS)
        loops = self.start(flood, LEAD_SECONDS + seconds)
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            checks = thread.submit(self.checks, LEAD_SECONDS + seconds)
            people = self.people(seconds, lambda: self.weigh("amid a flood"))
        loops.wait(60)
        show(flood, self.title, loops, LEAD_SECONDS + seconds, people, alone, checks.result())


def print_head():
    columns = f"{'within':>8}{'':>8}{'median':>8}{'check p50':>11}{'':>8}{'check p99':>11}{'':>8}"
    print(f"{'':<29}{columns}  answers to")
    columns = f"{'5 s':>8}{'wanted':>8}{'s':>8}{'ms':>11}{'/ alone':>8}{'ms':>11}{'/ alone':>8}"
    print(f"{'flood':<20}{'counters':>9}{columns}  the flood a second", flush=True)


def show(flood, title, loops, seconds, people, alone, checks):
    """Prints a row. The median is that of successful logins."""
    waits = [wait for status, wait in people if status == 200]
    share = 100 * sum(wait <= PATIENCE_SECONDS for wait in waits) / len(people)
    median = f"{statistics.median(waits):.2f}" if waits else "-"
    row = f"{flood.title:<20}{title:>9}{share:>7.0f}%{flood.wanted:>7}%{median:>8}"
    for name in ("p50", "p99"):
        row += f"{checks[name]:>11.2f}{checks[name] / alone[name]:>8.2f}"
    answers = {}
    for status, count in re.findall(r"(?m)^(\d+)=(\d+)$", loops.log_text()):
        answers[status] = answers.get(status, 0) + int(count)
    said = ", ".join(f"{status}: {count / seconds:.1f}" for status, count in sorted(answers.items()))
    print(f"{row}  {said or 'none'}", flush=True)


def has_counters():
    """Whether this version counts failed logins."""
    example = subprocess.run([pool.binary(), "--print-example"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return "USER_API_LOGIN_ATTEMPTS=" in example


def measure_logins(target, programs):
    target.settle()
    found = [logins.rates(programs, target.nginx.port, target.users) for _ in range(LOGIN_ROUNDS)]
    ratio = statistics.median(each["login"] / each["bcrypt"] for each in found)
    print(f"logins: {ratio:.2f} of the rate of crypt_r alone, median of {LOGIN_ROUNDS} rounds of {logins.SECONDS} s")


def measure(postgres, folder, options):
    print_head()
    targets = []
    for title, settings in KINDS if has_counters() else (("none", {}),):
        target = Target(postgres, os.path.join(folder, title), title, settings)
        for flood in FLOODS:
            if flood.counted or title != "on":
                target.measure(flood, options.seconds)
        if not target.settings:
            measure_logins(target, os.path.join(os.path.dirname(pool.binary()), "tests", "bench"))
        targets.append(target)
        target.nginx.stop()
        target.site.stop()
    for when in ("at rest", "amid a flood"):
        kib = sum((target.kib[when] for target in targets), [])
        print(f"the pool's private memory {when}: {f'at most {max(kib)} KiB' if kib else 'only root can look'}")
    print(f"wanted: p99 at most {WANTED_P99} times alone, logins at least {WANTED_LOGINS}", end=", ")
    print(f"memory at most {WANTED_KIB} KiB")
    print(f"{os.cpu_count()} CPUs, {WORKERS} workers, {options.seconds} s a flood")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=30)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ua-flood-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        measure(Postgres(os.path.join(folder, "pg")).start(), folder, options)
        print(f"{time.monotonic() - started:.0f} s in all")
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
