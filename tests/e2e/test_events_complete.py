"""The event record is complete and without duplicates. A client can follow it without a gap, whatever process dies."""

import itertools
import os
import random
import signal
import threading

import psycopg2
import pytest
from support.grants import minted
from support.pool import Pool
from support.postgres import Postgres
from support.processes import wait_until
from support.site import Site
from support.standby import Pair
from support.transactions import transaction

KILLS = 6


@pytest.fixture(scope="module")
def own_postgres(new_folder):
    """A server whose commits survive the death of its processes."""
    server = Postgres(new_folder(), {"synchronous_commit": "on"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_site(own_postgres, new_folder):
    with_site = Site(own_postgres, new_folder()).start()
    yield with_site
    with_site.stop()


def follow(client, after=0, limit=1000):
    """All events after `after`, read page by page."""
    found = []
    while True:
        page = client.get(f"/api/events/?limit={limit}&after={after}")
        if page.status_code != 200:
            continue
        events = page.json()["events"]
        found += events
        if not page.json()["has_next"]:
            return found
        after = events[-1]["id"]


def kill_a_worker(site):
    pids = site.pool.pids()
    if pids:
        os.kill(random.choice(pids), signal.SIGKILL)
    wait_until(site.pool.healthy, 30, "the pool serves")


def kill_the_database(site):
    """Kills one process of the server: PostgreSQL then ends all others, and recovers as after a crash."""
    own = site.postgres.connect("postgres")
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
    wait_until(site.postgres.accepts, 60, "PostgreSQL accepts connections")
    wait_until(lambda: site.client.get("/readyz").status_code == 200, 60, "the pool is ready")


class Switcher(threading.Thread):
    """Activates and deactivates one user in turn, and registers and deletes others, whatever the answers are."""

    def __init__(self, site, client, user):
        super().__init__()
        self.client, self.user, self.seed = client, user, site.seed
        self.done = threading.Event()
        self.accepted = 0
        self.switched = 0

    def run(self):
        known = True
        for number in itertools.count(1):
            if self.done.is_set():
                return
            fields = {"email": self.user.email, "name": self.user.name, "active": number % 2 == 0}
            try:
                if self.client.put(f"/api/users/{self.user.id}", fields).status_code == 200:
                    self.accepted += 1
                    self.switched += fields["active"] != known
                    known = fields["active"]
                email = f"{self.user.name}-{number}@example.org"
                new = {**fields, "email": email, "password": "brand new one", "roles": [{"id": 2}]}
                made = self.client.post("/api/users/", new)
                if made.status_code == 201 and number % 3 == 0:
                    self.client.delete(f"/api/users/{made.json()['id']}")
            except OSError:
                pass


@pytest.mark.parametrize("kill", [kill_a_worker, kill_the_database])
def test_every_change_has_one_event_whatever_is_killed_meanwhile(own_site, kill):
    site = own_site
    customer = site.seed.customer()
    client = minted(site, site.seed.user(customer=customer, roles=("admin",)))
    threads = [Switcher(site, client, site.seed.user(customer=customer)) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            accepted = sum(thread.accepted for thread in threads)
            wait_until(lambda: sum(thread.accepted for thread in threads) >= accepted + 5, 60, "changes are made")
            kill(site)
    finally:
        for thread in threads:
            thread.done.set()
        for thread in threads:
            thread.join()
    events = [event for event in follow(client) if event["user"]]
    for thread in threads:
        mine = [event["kind"] for event in events if event["user"]["id"] == thread.user.id]
        switched = [kind for kind in mine if kind in ("user.activated", "user.deactivated")]
        assert len(switched) >= thread.switched > 0
        expected = itertools.cycle(["user.deactivated", "user.activated"])
        assert switched == [kind for kind, _ in zip(expected, switched)], "one was lost, or is there twice"
        active = site.sql("SELECT active FROM _user WHERE id = %s", (thread.user.id,))[0][0]
        assert active == (len(switched) % 2 == 0)
    present = {row[0] for row in site.sql("SELECT id FROM _user WHERE customer_id = %s", (customer,))}
    of_kind = {
        kind: sorted(event["user"]["id"] for event in events if event["kind"] == kind)
        for kind in ("user.created", "user.deleted", "user.role_granted", "user.role_removed")
    }
    assert len(set(of_kind["user.created"])) == len(of_kind["user.created"])
    assert set(of_kind["user.created"]) - set(of_kind["user.deleted"]) == present
    assert len(set(of_kind["user.deleted"])) == len(of_kind["user.deleted"])
    assert of_kind["user.role_removed"] == of_kind["user.deleted"]
    held = site.sql("SELECT count(*) FROM user_has_role h JOIN _user u ON u.id = h.user_id WHERE customer_id = %s", (customer,))
    assert len(of_kind["user.role_granted"]) - len(of_kind["user.role_removed"]) == held[0][0]


def test_a_bulk_change_leaves_one_event_for_each_user(site):
    customer = site.seed.customer()
    boss = site.seed.user(customer=customer, roles=("admin",))
    client = minted(site, boss)
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'bulk' || n || '@example.org', 'n', 'h', 's', true, %s FROM generate_series(1, 3000) n",
        (customer,),
    )
    site.sql("UPDATE _user SET active = false WHERE customer_id = %s AND id <> %s", (customer, boss.id))
    site.sql("DELETE FROM _user WHERE customer_id = %s AND id <> %s", (customer, boss.id))
    events = [event for event in follow(client) if event["user"]]
    for kind in ("user.created", "user.deactivated", "user.deleted"):
        users = [event["user"]["id"] for event in events if event["kind"] == kind and event["user"]["id"] != boss.id]
        assert len(users) == len(set(users)) == 3000
    assert [event["id"] for event in events] == sorted({event["id"] for event in events})


def test_the_events_of_a_bulk_change_do_not_read_all_users_once_for_each(site):
    """A plan made while there were few users would do that."""
    customer = site.seed.customer()
    with transaction(site) as bulk:
        for count in (1, 2000):
            bulk.sql(
                "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
                " SELECT %s || '-' || n || '@example.org', 'n', 'h', 's', true, %s FROM generate_series(1, %s) n",
                (count, customer, count),
            )
        bulk.sql("UPDATE _user SET name = 'm' WHERE customer_id = %s", (customer,))
        read = bulk.sql("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = '_user'")
        bulk.connection.rollback()  # closing the session alone could hold its locks a moment longer
    assert read[0][0] < 5 * 2000


# --- following ---


@pytest.fixture
def watched(site):
    """(customer, client of its administrator)."""
    customer = site.seed.customer()
    return customer, minted(site, site.seed.user(customer=customer, roles=("admin",)))


RENAME = "UPDATE customer SET name = %s WHERE id = %s"


def test_what_is_committed_late_is_not_passed_over(site, watched):
    customer, client = watched
    last = follow(client)[-1]["id"]
    with transaction(site) as early:
        early.sql(RENAME, ("first", customer))
        other = site.seed.customer()
        site.sql(RENAME, ("elsewhere", other))
        site.seed.user(customer=customer)
        assert follow(client, last) == [], "the event of the open transaction comes before these"
        newest = client.get("/api/events/?limit=1").json()["events"][0]
        assert newest["kind"] == "user.created", "the newest are shown at once"
        early.commit()
    found = follow(client, last)
    assert [event["kind"] for event in found] == ["customer.updated", "user.created"]
    assert [event["id"] for event in found] == sorted(event["id"] for event in found)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_that_holds_for_transactions_with_an_old_snapshot(site, watched, isolation):
    customer, client = watched
    last = follow(client)[-1]["id"]
    with transaction(site) as early:
        early.sql(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        early.sql("SELECT count(*) FROM customer")
        site.seed.user(customer=customer)
        early.sql(RENAME, ("first", customer))
        site.seed.user(customer=customer)
        assert [event["kind"] for event in follow(client, last)] == ["user.created"]
        early.commit()
    assert [event["kind"] for event in follow(client, last)] == ["user.created", "customer.updated", "user.created"]


def test_a_savepoint_that_is_rolled_back_holds_up_nobody(site, watched):
    customer, client = watched
    last = follow(client)[-1]["id"]
    with transaction(site) as early:
        early.sql("SAVEPOINT s")
        early.sql(RENAME, ("undone", customer))
        early.sql("ROLLBACK TO s")
        site.seed.user(customer=customer)
        assert [event["kind"] for event in follow(client, last)] == ["user.created"]
        early.sql(RENAME, ("first", customer))
        site.seed.user(customer=customer)
        assert [event["kind"] for event in follow(client, last)] == ["user.created"]
        early.commit()
    assert [event["kind"] for event in follow(client, last)] == ["user.created", "customer.updated", "user.created"]


def test_a_transaction_that_writes_no_event_holds_up_nobody(site, watched):
    customer, client = watched
    last = follow(client)[-1]["id"]
    with transaction(site) as idle:
        idle.sql("UPDATE schema_spec SET version = version")
        site.seed.user(customer=customer)
        assert [event["kind"] for event in follow(client, last)] == ["user.created"]


class Writer(threading.Thread):
    """Renames its customer in transactions of different lengths, and rolls back every fifth."""

    def __init__(self, site, customer, number):
        super().__init__()
        self.connection = site.postgres.connect(site.database)
        self.connection.autocommit = False
        self.customer, self.number, self.made = customer, number, 0
        self.random = random.Random(number)

    def run(self):
        with self.connection.cursor() as cursor:
            for turn in range(60):
                for step in range(self.random.randint(1, 3)):
                    cursor.execute(RENAME, (f"{self.number} {turn} {step}", self.customer))
                    cursor.execute("SELECT pg_sleep(%s)", (self.random.random() / 200,))
                    self.made += turn % 5 != 0
                if turn % 5 == 0:
                    self.connection.rollback()
                else:
                    self.connection.commit()
        self.connection.close()


def test_a_reader_who_follows_many_writers_sees_everything_once_and_in_order(site, watched):
    customer, client = watched
    last = follow(client)[-1]["id"]
    others = [site.seed.customer() for _ in range(5)]
    writers = [Writer(site, customer, 0)] + [Writer(site, each, n) for n, each in enumerate(others, 1)]
    mine = writers[0]
    seen = []
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen += follow(client, seen[-1]["id"] if seen else last, limit=7)
    for writer in writers:
        writer.join()
    seen += follow(client, seen[-1]["id"] if seen else last, limit=7)
    ids = [event["id"] for event in seen]
    assert ids == [row[0] for row in site.sql("SELECT id FROM event WHERE customer_id = %s AND id > %s ORDER BY id", (customer, last))]
    assert len(ids) == mine.made


# --- months ---


def months(site):
    return {
        row[0]
        for row in site.sql(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass"
        )
    }


@pytest.fixture
def calendar(site):
    """The names of the partitions of this month and the next two."""
    rows = site.sql(
        "SELECT 'event_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n), 'YYYYMM')"
        " FROM generate_series(0, 2) n"
    )
    return [row[0] for row in rows]


def test_there_are_partitions_for_this_month_and_two_more_from_the_first_day(site, calendar):
    assert months(site) == {*calendar, "event_default"}


def test_a_login_makes_the_months_that_are_missing_and_keeps_what_came_before(fresh_site, calendar):
    site = fresh_site
    before = site.sql("SELECT id, at, kind FROM event ORDER BY id")
    site.sql("CREATE TABLE kept AS SELECT * FROM event")
    for name in calendar:
        site.sql(f"DROP TABLE {name}")
    site.sql("INSERT INTO event SELECT * FROM kept")
    assert months(site) == {"event_default"}
    site.login(site.seed.albert)
    assert months(site) == {*calendar, "event_default"}
    assert site.sql("SELECT id, at, kind FROM event ORDER BY id")[: len(before)] == before
    assert site.sql("SELECT count(*) FROM event_default") == [(0,)]


def old_month(site, months_ago):
    """Makes a partition for an old month, with one event in it; returns the partition's name."""
    first = site.sql("SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => %s))::date", (months_ago,))[0][0]
    name = f"event_{first:%Y%m}"
    site.sql(
        f"CREATE TABLE {name} PARTITION OF event FOR VALUES FROM (%s::timestamp AT TIME ZONE 'UTC')"
        " TO ((%s::timestamp + interval '1 month') AT TIME ZONE 'UTC')",
        (first, first),
    )
    site.sql("INSERT INTO event (id, at, kind, data) VALUES (-%s, %s::timestamp AT TIME ZONE 'UTC', 'app.old', '{}')", (months_ago, first))
    return name


def test_a_login_drops_months_that_are_older_than_the_days_to_keep(make_site):
    site = make_site({"USER_API_EVENT_DAYS": 100})
    old = {ago: old_month(site, ago) for ago in (3, 5, 6, 7, 20)}
    site.login(site.seed.albert)
    assert months(site) & set(old.values()) == {old[3]}
    assert site.sql("SELECT id FROM event WHERE kind = 'app.old'") == [(-3,)]


def test_nobody_waits_for_a_lock_that_a_month_needs(fresh_site, calendar):
    site = fresh_site
    site.sql(f"DROP TABLE {calendar[2]}")
    with transaction(site) as reader:
        reader.sql("SELECT count(*) FROM event")
        site.login(site.seed.albert)
        assert calendar[2] not in months(site)
        reader.commit()
    site.pool.reload_and_wait()  # after a failure, a worker does not try again for a minute
    site.login(site.seed.albert)
    assert calendar[2] in months(site)


def test_a_worker_that_could_not_make_a_month_does_not_try_again_at_each_login(make_site, calendar):
    site = make_site(workers=1)
    site.sql(f"DROP TABLE {calendar[2]}")
    with transaction(site) as reader:
        reader.sql("SELECT count(*) FROM event")
        site.login(site.seed.albert)
        reader.commit()
    site.login(site.seed.albert)
    assert calendar[2] not in months(site)


def test_a_login_moves_no_more_events_into_a_month_than_take_a_moment(fresh_site, calendar):
    site = fresh_site
    site.sql(f"DROP TABLE {calendar[0]}")
    site.sql(
        "INSERT INTO event (id, at, kind, data) SELECT nextval('event_id_seq'), now(), 'app.many', '{}'"
        " FROM generate_series(1, 20001)"
    )
    site.sql(f"DROP TABLE {calendar[2]}")
    site.login(site.seed.albert)
    assert months(site) == {*calendar[1:], "event_default"}
    assert site.sql("SELECT user_api_event_months(400)") == [(True,)]
    assert months(site) == {*calendar, "event_default"}
    assert site.sql(f"SELECT count(*) FROM {calendar[0]} WHERE kind = 'app.many'") == [(20001,)]
    assert site.sql("SELECT count(*) FROM event_default") == [(0,)]


@pytest.mark.parametrize("style,zone", [("German", "Asia/Shanghai"), ("SQL, DMY", "Asia/Kolkata"), ("Postgres", "America/New_York")])
def test_a_month_begins_and_ends_in_utc_whatever_the_database_presets(fresh_site, calendar, style, zone):
    site = fresh_site
    bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s"
    before = site.sql(bounds, (calendar[2],))
    site.sql(f"ALTER DATABASE {site.database} SET datestyle = '{style}'")
    site.sql(f"ALTER DATABASE {site.database} SET timezone = '{zone}'")
    site.sql(f"DROP TABLE {calendar[2]}")
    site.pool.reload_and_wait()
    site.login(site.seed.albert)
    assert site.sql(bounds, (calendar[2],)) == before


def test_a_login_works_when_no_month_can_be_made(fresh_site, calendar):
    site = fresh_site
    for name in calendar:
        site.sql(f"DROP TABLE {name}")
        site.sql(f"CREATE TABLE {name} (somebody_elses integer)")
    site.login(site.seed.albert)
    assert site.sql("SELECT kind FROM event_default ORDER BY id DESC LIMIT 1") == [("session.opened",)]
    site.sql(f"DROP TABLE {calendar[2]}")
    site.login(site.seed.albert)


def test_a_login_that_cannot_be_recorded_is_refused(fresh_site):
    """A full disk and an older schema are exceptions: see test_full_disk.py."""
    site, albert = fresh_site, fresh_site.seed.albert
    site.sql("REVOKE EXECUTE ON FUNCTION user_api_session_opened FROM user_api_sa")
    answer = site.client.login(albert.email, albert.password)
    assert answer.status_code == 503 and "Set-Cookie" not in answer.headers
    site.sql("GRANT EXECUTE ON FUNCTION user_api_session_opened TO user_api_sa")
    assert site.client.login(albert.email, albert.password).status_code == 200


def test_nobody_but_the_owner_can_write_change_or_delete_an_event(site):
    service = psycopg2.connect(site.postgres.url(site.database))
    service.autocommit = True
    try:
        with service.cursor() as cursor:
            for statement in (
                "INSERT INTO event (id, at, kind, data) VALUES (1, now(), 'user.created', '{}')",
                "UPDATE event SET kind = 'x'",
                "DELETE FROM event",
                "TRUNCATE event",
                "DELETE FROM event_default",
                "SELECT nextval('event_id_seq')",
                "SELECT user_api_event_put('user.deleted', 1, 1, 'n', '{}')",
            ):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
            for kind in ("user.deleted", "app.", "app.A", "application", "app.x\n"):
                with pytest.raises(psycopg2.errors.InvalidParameterValue):
                    cursor.execute("SELECT user_api_event_write(%s, %s, NULL, '{}')", (kind, site.seed.a))
            cursor.execute("BEGIN; SELECT set_config('user_api.events', 'off', true)")
            cursor.execute("UPDATE customer SET name = 'silent' WHERE id = %s", (site.seed.b,))
            cursor.execute("SELECT kind FROM event ORDER BY id DESC LIMIT 1")
            assert cursor.fetchall() == [("customer.updated",)], "only an owner's bulk work may go without events"
            cursor.execute("ROLLBACK")
    finally:
        service.close()


def test_on_a_standby_events_are_read_and_not_followed(new_folder):
    """A standby does not know the primary's open transactions, so a client would miss what they commit later."""
    pair = Pair(f"{new_folder()}/pair")
    site = Site(pair.primary, new_folder()).start()
    pair.follow()
    pool = Pool(new_folder(), {**site.pool.settings, "USER_API_DATABASE_URL": pair.standby.url(site.database)}).start()
    try:
        own = {"HTTP_AUTHORIZATION": f"Bearer {site.mint(site.seed.alice)}"}
        assert pool.request("GET", "/api/events/?limit=5", **own)[0] == 200
        assert pool.request("GET", "/api/events/?after=0", **own)[0] == 503
    finally:
        pool.stop()
        site.stop()
        pair.standby.stop()
        pair.primary.stop()
