#!/usr/bin/python3
"""record.py [--rounds N] [--seconds S] [--events N] [--only WORDS]: the cost of the record of events.

Writing: updates and logins through nginx, compared with the same pool on a database whose triggers and functions write no
event. Reading: pages of events in a database with many events, compared with one that has 1000, both within this month or
both spread over thirteen. The rounds are interleaved, and the result is the median of the ratios within a round."""

import argparse
import os
import shutil
import statistics
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import logins  # noqa: E402
from bench import wrk  # noqa: E402
from support import processes  # noqa: E402
from support.postgres import Postgres  # noqa: E402
from support.site import Site  # noqa: E402

FEW = 1000
USERS = 40
# The settings of a real server: commits survive a loss of power.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB", "autovacuum": "on"}
# Every request changes the name of one of the users.
UPDATES = """local n = 0
function request()
  n = n + 1
  local id = {first} + n % {users}
  local body = string.format('{{"active":true,"email":"bench%d@example.org","name":"n%d"}}', n % {users}, n)
  return wrk.format("PUT", "/api/users/" .. id, {{["Authorization"] = "Bearer {token}", ["Content-Type"] = "application/json"}}, body)
end
"""
NO_EVENTS = """
ALTER TABLE _user DISABLE TRIGGER user_api_event_user_updated;
CREATE OR REPLACE FUNCTION user_api_session_opened(in_customer integer, of_user integer, days integer) RETURNS boolean
LANGUAGE sql AS $$ SELECT false $$
"""
PAGES = {
    "newest": "",
    "older than the middle one": "&before={middle}",
    "newer than the middle one": "&after={middle}",
    "of a kind": "&kind=user.updated",
    "of a rarer kind": "&kind=user.deleted",
    "of a user": "&user={user}",
}


def new_site(postgres, folder, **options):
    site = Site(postgres, folder, {"USER_API_LOGIN_ATTEMPTS_ADDRESS": "0"}, **options).start()
    first = site.sql("SELECT max(id) + 1 FROM _user")[0][0]
    site.bench = [site.seed.user(email=f"bench{n}@example.org") for n in range(USERS)]
    assert site.bench[0].id == first
    return site


# --- writing ---


def update_rate(site, seconds):
    path = os.path.join(site.folder, "updates.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write(UPDATES.format(first=site.bench[0].id, users=USERS, token=site.mint(site.seed.alice)))
    return wrk(site.nginx.url, seconds, more=["-s", path])


def login_rate(site, seconds):
    return logins.rate(site.nginx.port, site.bench[: os.cpu_count()], seconds)


def measure_writes(postgres, folder, options):
    sites = {name: new_site(postgres, os.path.join(folder, name), cost=logins.COST) for name in ("with", "without")}
    sites["without"].sql(NO_EVENTS)
    for title, rate in (("updates", update_rate), ("logins", login_rate)):
        if options.only and options.only not in title:
            continue
        rows = []
        for number in range(options.rounds):
            order = ("with", "without") if number % 2 == 0 else ("without", "with")
            rows.append({name: rate(sites[name], options.seconds) for name in order})
        report(title, [(row["with"], row["without"]) for row in rows])
    for site in sites.values():
        site.stop()


# --- reading ---


def fill(site, count, months):
    """Events of customer A's users, one in 50 of a rarer kind, with times that rise with the ids."""
    for ago in range(1, months):
        first = "date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => %s)"
        name, low, high = site.sql(
            f"SELECT 'event_' || to_char({first}, 'YYYYMM'), ({first}) AT TIME ZONE 'UTC',"
            f" ({first} + interval '1 month') AT TIME ZONE 'UTC'",
            (ago, ago, ago),
        )[0]
        site.sql(f"CREATE TABLE {name} PARTITION OF event FOR VALUES FROM (%s) TO (%s)", (low, high))
    site.sql("TRUNCATE event")
    site.sql(
        "INSERT INTO event (id, at, kind, customer_id, user_id, user_name, data)"
        " SELECT n, date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
        " - make_interval(days => (365.0 * (%(count)s - n) / %(count)s * %(spread)s)::integer),"
        " CASE WHEN n %% 50 = 0 THEN 'user.deleted' WHEN n %% 2 = 0 THEN 'user.updated' ELSE 'session.opened' END,"
        " %(customer)s, %(first)s + n %% %(users)s, 'name', '{\"changed\": [\"name\"]}' FROM generate_series(1, %(count)s) n",
        {"count": count, "spread": int(months > 1), "customer": site.seed.a, "first": site.bench[0].id, "users": USERS},
    )
    site.sql("SELECT setval('event_id_seq', %s)", (count,))
    site.sql("VACUUM (ANALYZE) event")


def measure_reads(postgres, folder, options):
    sites = {(count, months): new_site(postgres, os.path.join(folder, f"r{count}-{months}"))
             for months in (1, 13) for count in (FEW, options.events)}
    for layout, site in sites.items():
        fill(site, *layout)
    for title, query in PAGES.items():
        if options.only and options.only not in title:
            continue
        rows = []
        for number in range(options.rounds):
            order = list(sites) if number % 2 == 0 else list(sites)[::-1]
            rows.append({})
            for count, months in order:
                site = sites[count, months]
                asked = query.format(middle=count // 2, user=site.bench[0].id)
                url = f"{site.nginx.url}/api/events/?limit=20{asked}"
                rows[-1][count, months] = wrk(url, options.seconds, site.mint(site.seed.alice))
        for months, where in ((1, ""), (13, ", in 13 months")):
            report(title + where, [(row[options.events, months], row[FEW, months]) for row in rows])
    for site in sites.values():
        site.stop()


def report(title, pairs):
    ratios = [one / other for one, other in pairs]
    rates = [statistics.median(side) for side in zip(*pairs)]
    print(f"{title:44} {rates[0]:8.0f}/s beside {rates[1]:8.0f}/s: {statistics.median(ratios):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--events", type=int, default=1000000)
    parser.add_argument("--only")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="ua-record-", dir="/tmp")
    os.chmod(folder, 0o755)
    try:
        postgres = Postgres(os.path.join(folder, "pg"), DURABLE).start()
        measure_writes(postgres, folder, options)
        measure_reads(postgres, folder, options)
    finally:
        processes.stop_everything()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
