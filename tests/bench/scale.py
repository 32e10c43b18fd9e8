#!/usr/bin/python3
"""scale.py [--users N] [--rounds N] [--seconds S] [--only WORDS]: the cost of many users.

The same requests in a customer of 1000 users that has a database to itself, and in two customers of a database with a
million users of 1000 customers: the large one, a tenth of all users, and a small one of about 900. wrk runs them in turns,
through nginx; the result is the median of the ratios within a round. Then rates of writing users with and without the
indexes for searches and lists. No rate is asserted; the output has the targets next to the results."""

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
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import people  # noqa: E402
import scale_rows  # noqa: E402
import writes  # noqa: E402
from support import processes  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.seed import PASSWORD, User, bcrypt  # noqa: E402
from support.site import Site  # noqa: E402

FEW_USERS = 1000
USERS_A_CUSTOMER = 1000
LEAST_USERS = 20_000  # a tenth of them is still more than the users of a small customer
WORKERS = 4
CONNECTIONS = 8  # the service would refuse a user's ninth search at a time
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
ALONE, LARGE, SMALL = "alone", "large", "small"

# Each request uses the next path and the token of the next caller.
SCRIPT = """local requests, number = {{}}, 0
function init()
  for _, path in ipairs({{{paths}}}) do
    for _, token in ipairs({{{tokens}}}) do
      requests[#requests + 1] = wrk.format("GET", path, {{["Authorization"] = "Bearer " .. token}})
    end
  end
end
function request()
  number = number % #requests + 1
  return requests[number]
end
"""


def wrk(url, script, seconds):
    """Requests a second. Every answer must be a success."""
    argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-s", script, url]
    words = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    assert "Non-2xx" not in words and "Socket errors" not in words, f"{script}:\n{words}"
    return float(re.search(r"Requests/sec:\s+([\d.]+)", words)[1])


class Load:
    """The requests for one customer: tokens of several callers, and a script of wrk for each row."""

    def __init__(self, folder, customer, rows):
        self.customer, self.url = customer, customer.site.nginx.url
        callers = [User(number, email, "", PASSWORD, customer.number) for number, email in customer.callers]
        self.tokens = [customer.site.token(caller) for caller in callers]
        self.scripts = {}
        os.mkdir(folder)
        for number, row in enumerate(rows):
            self.look_at_answers(row)
            self.scripts[row] = os.path.join(folder, f"{number}.lua")
            quoted = {"paths": row.paths(customer), "tokens": self.tokens}
            quoted = {name: ", ".join(f'"{value}"' for value in values) for name, values in quoted.items()}
            with open(self.scripts[row], "w", encoding="utf-8") as file:
                file.write(SCRIPT.format(**quoted))

    def look_at_answers(self, row):
        for path in row.paths(self.customer):
            request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.tokens[0]}"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                wrong = row.check(self.customer, answer.read())
            assert not wrong, f"{row.title}: {path} of customer {self.customer.number} has {wrong}"

    def rate(self, row, seconds):
        return wrk(self.url, self.scripts[row], seconds)


def new_site(postgres, folder, users, customers, measured):
    """A filled site that is not started. No session is connected to its database."""
    site = Site(postgres, folder, workers=WORKERS)
    people.fill(site.seed.connection, users, customers, measured, bcrypt(PASSWORD))
    site.seed.connection.close()
    return site


class Bench:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.rows = [row for row in scale_rows.ROWS if options.only is None or options.only in row.title]
        began = time.monotonic()
        self.postgres = Postgres(os.path.join(folder, "pg"), SETTINGS).start()
        self.customers = options.users // USERS_A_CUSTOMER
        # With the seed's two users, the first customer has a thousand.
        alone = new_site(self.postgres, os.path.join(folder, "alone"), FEW_USERS - 2, 1, [1])
        self.many = new_site(self.postgres, os.path.join(folder, "many"), options.users, self.customers, [1, 2])
        self.before = writes.copy_before(self.postgres, self.many.database)
        for site in (alone, self.many):
            site.start()
        measured = {ALONE: (alone, 1), LARGE: (self.many, 1), SMALL: (self.many, 2)}
        self.loads = {}
        for name, (site, number) in measured.items():
            self.loads[name] = Load(os.path.join(folder, f"requests-{name}"), people.Customer(site, number), self.rows)
        print(f"{options.users} users of {self.customers} customers in {time.monotonic() - began:.0f} s", flush=True)
        print("users measured: " + ", ".join(f"{name} {self.size(name)}" for name in self.loads), flush=True)

    def size(self, name):
        return len(self.loads[name].customer.ids)

    def rates(self):
        """{row: {name of the customer: rate}}, of one round."""
        return {
            row: {name: load.rate(row, self.options.seconds) for name, load in self.loads.items()} for row in self.rows
        }

    def writes(self):
        variables = {"users": self.options.users, "customers": self.customers}
        databases = (self.many.database, self.before)
        return writes.measure(self.postgres, self.folder, databases, self.options, variables)


class Results:
    """Medians over rounds."""

    def __init__(self, rounds):
        self.rounds = rounds
        self.rows = list(rounds[0])
        self.first = next((row for row in self.rows if row.title == scale_rows.FIRST_PAGE), None)

    def rate(self, row, name):
        return statistics.median(each[row][name] for each in self.rounds)

    def ratio(self, row, name, to=ALONE):
        return statistics.median(each[row][name] / each[row][to] for each in self.rounds)

    def of_first_page(self, row, name):
        """The rate of a page, divided by that of the first page of the same customer."""
        return statistics.median(each[row][name] / each[self.first][name] for each in self.rounds)


def print_rates(results, sizes):
    heads = (f"{sizes[ALONE]} users", f"{sizes[LARGE]} users", "ratio", f"{sizes[SMALL]} of many", "ratio")
    print(f"{'requests a second':<32}" + "".join(f"{head:>13}" for head in heads) + f"{'of the first page':>24}")
    for row in results.rows:
        line = f"{row.title:<32}{results.rate(row, ALONE):>13.0f}"
        for name in (LARGE, SMALL):
            line += f"{results.rate(row, name):>13.0f}{results.ratio(row, name):>13.2f}"
        if row.kind == scale_rows.PAGES and results.first:
            line += "".join(f"{results.of_first_page(row, name):>8.2f}" for name in (ALONE, LARGE, SMALL))
        print(line)


def targets(results):
    """(target, minimum, [(title, ratio)]) for each target."""
    of_kind = lambda *kinds: [row for row in results.rows if row.kind in kinds]  # noqa: E731
    # A page has a ratio only if the first page was measured, too.
    titled = lambda title: [row for row in results.rows if row.title == title and results.first]  # noqa: E731
    large = lambda rows: [(row.title, results.ratio(row, LARGE)) for row in rows]  # noqa: E731
    first = lambda title: [(row.title, results.of_first_page(row, LARGE)) for row in titled(title)]  # noqa: E731
    yield "large customer, email and name, of 1000 users", 0.5, large(of_kind(scale_rows.SEARCH))
    yield "large customer, role and active, of 1000 users", 0.5, large(of_kind(scale_rows.FILTER))
    yield "large customer, counts, of 1000 users", 0.5, large(of_kind(scale_rows.COUNT))
    yield "last page by offset, of the first", 0.25, first(scale_rows.LAST_BY_OFFSET)
    yield "last page by after, of the first", 0.9, first(scale_rows.LAST_BY_AFTER)
    everything = [(row.title, results.ratio(row, SMALL)) for row in results.rows]
    yield "small customer among many, of 1000 users", 0.95, everything


def print_targets(results):
    for title, least, ratios in targets(results):
        missed = sorted((ratio, what) for what, ratio in ratios if ratio < least)
        if ratios:
            smallest = min(ratio for _, ratio in ratios)
            said = f"missed by {len(missed)} of {len(ratios)} rows" if missed else f"met by all {len(ratios)} rows"
            print(f"{title:<48}at least {least:<6}smallest {smallest:.2f}  {said}")
        for ratio, what in missed:
            print(f"{'':4}{what:<44}{ratio:.2f}  missed")


def print_writes(rounds):
    print(f"{'transactions a second':<32}{'before':>14}{'now':>14}{'ratio':>14}")
    for title in rounds[0]:
        now, before = (statistics.median(each[title][i] for each in rounds) for i in (0, 1))
        ratio = statistics.median(each[title][0] / each[title][1] for each in rounds)
        print(f"{title:<32}{before:>14.0f}{now:>14.0f}{ratio:>14.2f}")
    print("before: without the migration 'searches' and those after it; no commit waits for the disk")


def measure(folder, options):
    bench = Bench(folder, options)
    results = Results([bench.rates() for _ in range(options.rounds)])
    if results.rows:
        print_rates(results, {name: bench.size(name) for name in bench.loads})
        print_targets(results)
    written = bench.writes()
    if written[0]:
        print_writes(written)
    print(f"{os.cpu_count()} CPUs, {WORKERS} workers, {CONNECTIONS} connections, medians of", end=" ")
    print(f"{options.rounds} rounds of {options.seconds} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--only", metavar="WORDS", help="rows whose title has these words")
    options = parser.parse_args()
    if options.users < LEAST_USERS or options.rounds < 1 or options.seconds < 1:
        parser.error(f"at least {LEAST_USERS} users, one round and one second")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ua-scale-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        measure(folder, options)
        print(f"{time.monotonic() - started:.0f} s in all")
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
