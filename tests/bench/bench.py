"""bench.py BUILD [--only requests|import] [--rounds N] [--seconds S] [--users N]: compares rates through
nginx with libfcgi programs that do almost nothing, and imports of users with a bare COPY.

Everything runs on this machine at once (load generator, nginx, programs, database), so rates are noisy. The
rounds are interleaved, and the result is the median of the ratios within a round."""

import argparse
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
from guarded_file import GuardedFile  # noqa: E402
from support import processes  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.processes import Process, wait_until  # noqa: E402
from support.seed import PASSWORD, bcrypt  # noqa: E402

CONNECTIONS = 32
USERS = 30


def wrk(url, seconds, token=None, more=()):
    """Requests a second. Every answer must be a success."""
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
    if token:
        argv += ["-H", f"Authorization: Bearer {token}"]
    words = subprocess.run([*argv, *more, url], check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    assert "Non-2xx" not in words and "Socket errors" not in words, f"{url}:\n{words}"
    return float(re.search(r"Requests/sec:\s+([\d.]+)", words).group(1))


class Targets:
    """The pool and the two responders, each behind an nginx of its own with the same configuration."""

    def __init__(self, build, postgres, folder):
        # These variables are read when the module is imported or a pool is created.
        os.environ["USER_API_BINARY"] = os.path.abspath(os.path.join(build, "user-api"))
        os.environ["USER_API_ADMIN_BINARY"] = os.path.abspath(os.path.join(build, "user-api-admin"))
        from support.site import Site

        self.programs = os.path.join(os.path.abspath(build), "tests", "bench")
        self.folder = folder
        self.workers = max(4, os.cpu_count())
        self.site = Site(postgres, os.path.join(folder, "site"), workers=self.workers, cost=logins.COST).start()
        for _ in range(USERS):
            self.site.seed.user(stored=("*", "*"))
        self.token = self.site.token(self.site.seed.alice)
        trivial = self.responder("trivial_responder")
        self.trivial = Nginx(os.path.join(folder, "trivial"), trivial).start().url
        select = self.responder("select_responder", postgres.url(self.site.database))
        self.select = Nginx(os.path.join(folder, "select"), select).start().url
        self.guarded = GuardedFile(os.path.join(folder, "guarded"), self.site.pool.address).start().url
        self.guarded_trivial = GuardedFile(os.path.join(folder, "guarded-trivial"), trivial).start().url
        stored = bcrypt(PASSWORD, logins.COST)
        self.users = [self.site.seed.user(stored=stored) for _ in range(os.cpu_count())]

    def responder(self, name, *arguments):
        path = os.path.join(self.folder, f"{name}.sock")
        log = os.path.join(self.folder, f"{name}.log")
        Process([os.path.join(self.programs, name), path, self.workers, *arguments], log_path=log).start()
        wait_until(lambda: os.path.exists(path), 15, f"{name} listens")
        os.chmod(path, 0o666)
        return f"unix:{path}"

    def rates(self, seconds):
        users = self.site.nginx.url + "/api/users"
        load = {
            "trivial": (self.trivial, None),
            "select": (self.select, None),
            "token": (f"{users}/token", self.token),
            "user": (f"{users}/{self.site.seed.albert.id}", self.token),
            "list": (f"{users}/?limit=20", self.token),
            "open": (f"{self.guarded}/open/index.html", self.token),
            "guarded": (f"{self.guarded}/private/index.html", self.token),
            "guarded_trivial": (f"{self.guarded_trivial}/private/index.html", self.token),
        }
        return {name: wrk(url, seconds, token) for name, (url, token) in load.items()}

    def private_kib(self):
        """The private memory of each worker. Only root can read it."""
        return [logins.private_kib(pid) for pid in self.site.pool.pids()] if os.geteuid() == 0 else []


def median(rounds, name, to=None):
    return statistics.median(each[name] / (each[to] if to else 1) for each in rounds)


def print_table(rounds, hashed, memory):
    print(f"{'':<24}{'rate/s':>10}{'/ trivial':>12}{'/ SELECT':>12}{'/ crypt_r':>12}")
    rows = [("trivial responder", "trivial"), ("one prepared SELECT", "select"), ("token check", "token")]
    for title, name in rows + [("get user", "user"), ("list of 20", "list")]:
        ratios = f"{median(rounds, name, 'trivial'):>12.2f}{median(rounds, name, 'select'):>12.2f}"
        print(f"{title:<24}{median(rounds, name):>10.0f}{ratios}")
    print(f"{'a file without a guard':<24}{median(rounds, 'open'):>10.0f}")
    print(f"{'guarded by trivial':<24}{median(rounds, 'guarded_trivial'):>10.0f}")
    print(f"{'guarded':<24}{median(rounds, 'guarded'):>10.0f}{median(rounds, 'guarded', 'guarded_trivial'):>12.2f}")
    print(f"{'crypt_r alone, cost ' + str(logins.COST):<24}{median(hashed, 'bcrypt'):>10.2f}{1:>36.2f}")
    print(f"{'login':<24}{median(hashed, 'login'):>10.2f}{median(hashed, 'login', 'bcrypt'):>36.2f}")
    if memory:
        print(f"private memory of a worker: {statistics.median(memory):.0f} KiB (at most {max(memory)} KiB)")
    else:
        print("private memory of a worker: not measured, only root can look")


def measure_requests(options, folder):
    postgres = Postgres(os.path.join(folder, "pg")).start()
    targets = Targets(options.build, postgres, folder)
    # The first round warms up and is not counted.
    rounds = [targets.rates(options.seconds) for _ in range(options.rounds + 1)][1:]
    memory = targets.private_kib()
    nginx = targets.site.nginx
    hashed = [logins.rates(targets.programs, nginx.port, targets.users) for _ in range(max(3, options.rounds // 2))]
    print_table(rounds, hashed, memory)
    print(f"{os.cpu_count()} CPUs, {targets.workers} workers, {CONNECTIONS} connections, medians of", end=" ")
    print(f"{options.rounds} rounds of {options.seconds} s")
    processes.stop_everything()


def measure_import(options, folder):
    os.environ["USER_API_ADMIN_BINARY"] = os.path.abspath(os.path.join(options.build, "user-api-admin"))
    import import_users

    settings = {"shared_buffers": "256MB", "max_wal_size": "4GB"}
    postgres = Postgres(os.path.join(folder, "pg-import"), settings).start()
    rounds = import_users.measure(postgres, folder, options.users, options.import_rounds)
    print(f"{'importing ' + str(options.users) + ' users':<32}{'rows/s':>10}{'/ bare COPY':>13}")
    for title, name in (("bare COPY", "bare"), ("import", "import"), ("import --exclusive", "exclusive")):
        ratio = statistics.median(each["bare"] / each[name] for each in rounds)
        print(f"{title:<32}{options.users / median(rounds, name):>10.0f}{ratio:>13.2f}")
    print(f"peak memory of the program: {max(each['kib'] for each in rounds)} KiB, medians of {len(rounds)} rounds")
    processes.stop_everything()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", choices=("requests", "import"))
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--import-rounds", type=int, default=1)
    options = parser.parse_args()
    # Ends like an interrupt, so that all processes are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ua-bench-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        if options.only != "import":
            measure_requests(options, folder)
        if options.only != "requests":
            measure_import(options, folder)
        print(f"{time.monotonic() - started:.0f} s in all")
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
