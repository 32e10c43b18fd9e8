"""The counters of users and active users, by customer and block of ids. They stay exact after all kinds of
changes, and no change waits because of them."""

import itertools
import random
import threading

import psycopg2
import pytest
from support import admin
from support.counts import SUMMED, THERE, assert_exact, insert
from support.rows import user
from support.rows_fixtures import target  # noqa: F401
from support.sql_changes import Changed

READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = (
    psycopg2.extensions.ISOLATION_LEVEL_READ_COMMITTED,
    psycopg2.extensions.ISOLATION_LEVEL_REPEATABLE_READ,
    psycopg2.extensions.ISOLATION_LEVEL_SERIALIZABLE,
)
# A change merges rows by chance, once in eight times. After this many changes, a merge is almost certain.
OFTEN = 300


@pytest.fixture
def own(postgres):
    made = Changed(postgres)
    yield made
    made.drop()


def session(own, isolation=READ_COMMITTED):
    """A session whose first statement begins a transaction. It fails if another transaction keeps it waiting for a lock.
    Short waits are normal: PostgreSQL has locks for a table that grows, and for COMMITs that notify."""
    connection = own.connect()
    own.sql("SET lock_timeout = '60s'", connection=connection)
    connection.autocommit = False
    connection.set_isolation_level(isolation)
    return connection


CHANGES = [
    "DELETE FROM _user WHERE id = 4096",
    "DELETE FROM _user WHERE id % 3 = 0",
    "DELETE FROM _user WHERE id = 1000000",
    "UPDATE _user SET id = id + 1 WHERE id = 8290",
    "UPDATE _user SET id = 3999 WHERE id = 8290",
    "UPDATE _user SET id = -20000 - id WHERE id > 0",
    "UPDATE _user SET customer_id = 3 - customer_id",
    "UPDATE _user SET customer_id = 1, id = id + 100000 WHERE customer_id = 2",
    "UPDATE _user SET name = 'other', epoch = epoch + 1",
    "UPDATE _user SET active = false WHERE id = 4097",
    "UPDATE _user SET active = NOT active",
    "UPDATE _user SET active = true WHERE customer_id = 2; UPDATE _user SET active = false WHERE id > 4100",
    "UPDATE _user SET active = NOT active, id = -20000 - id, customer_id = 3 - customer_id WHERE id % 2 = 0",
    "UPDATE _user SET active = NOT active, id = 3999 WHERE id = 8290",
    "UPDATE _user SET active = NOT active, customer_id = 2 WHERE customer_id = 1",
    "ALTER TABLE _user ALTER active DROP NOT NULL; UPDATE _user SET active = NULL WHERE id % 2 = 0;"
    " UPDATE _user SET active = id > 4100 WHERE id % 4 = 0; UPDATE _user SET id = id + 100000 WHERE id % 8 <> 0;"
    " INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES ('x', 'x', 'x', 'x', NULL, 2);"
    " DELETE FROM _user WHERE active IS NULL AND id % 3 = 0",
    "INSERT INTO _user (id, email, name, hash, salt, customer_id) SELECT id, 'x', 'x', 'x', 'x', 2 FROM _user"
    " ON CONFLICT (id) DO UPDATE SET active = NOT _user.active",
    "INSERT INTO _user (id, email, name, hash, salt, customer_id) SELECT id, 'x', 'x', 'x', 'x', 2 FROM _user"
    " ON CONFLICT (id) DO UPDATE SET customer_id = 2, id = _user.id + 50000",
    "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (4096, 'x', 'x', 'x', 'x', 2),"
    " (77777, 'y', 'x', 'x', 'x', 2) ON CONFLICT (id) DO NOTHING",
    "WITH gone AS (DELETE FROM _user WHERE id > 8000 RETURNING *)"
    " INSERT INTO _user (id, email, name, hash, salt, customer_id) SELECT 100000 - id, 'n' || email, name, hash, salt, 2 FROM gone",
    "TRUNCATE customer CASCADE",
    "BEGIN; DELETE FROM _user; INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('x', 'x', 'x', 'x', 2); END",
    "BEGIN; TRUNCATE _user CASCADE; ROLLBACK",
    "BEGIN; UPDATE _user SET active = NOT active; ROLLBACK",
    "BEGIN; SAVEPOINT a; DELETE FROM _user WHERE id < 4100; ROLLBACK TO a; DELETE FROM _user WHERE id = 8290; END",
    "BEGIN; UPDATE _user SET active = false; SAVEPOINT a; UPDATE _user SET active = true; ROLLBACK TO a; END",
    "SET session_replication_role = replica; DELETE FROM _user WHERE id % 5 = 0; UPDATE _user SET id = 100000 - id;"
    " UPDATE _user SET active = NOT active WHERE id % 2 = 0;"
    " INSERT INTO _user (email, name, hash, salt, customer_id) SELECT n, n, 'h', 's', 2 FROM generate_series(1, 3) n",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_sql_leaves_them_exact(own, change):
    for first, step, count in ((-9000, 41, 100), (4000, 1, 200), (8190, 100, 30)):
        insert(own, [(first + step * n, 1 + n % 2) for n in range(count)])
    before = assert_exact(own)
    assert len(before) > 6
    own.sql(change)
    assert_exact(own)


def test_copied_users_are_counted(own):
    for customer, first in ((1, -5000), (2, -4999)):
        lines = f"seq --format=%.0f {first} 2 15000 | sed 's/.*/&,e&,n,h,s,{customer}/'"
        own.sql(f"COPY _user (id, email, name, hash, salt, customer_id) FROM PROGRAM $${lines}$$ (FORMAT csv)")
    assert sum(row[2] for row in assert_exact(own)) == 20001


@pytest.mark.parametrize("way", [(), ("--exclusive",)])
def test_imported_users_are_counted(target, way):  # noqa: F811
    target.load([user(number) for number in range(1, 200)] + [user(9000 + n, id=None) for n in range(100)], *way)
    target.load([user(20000 + number) for number in range(200)], *way)
    assert sum(row[2] for row in assert_exact(target)) == 499
    target.sql("DELETE FROM user_has_role; DELETE FROM _user WHERE id % 2 = 0")
    assert_exact(target)


def test_users_who_are_changed_through_the_api_are_counted(site):
    alice = site.login(site.seed.alice)
    made = []
    for number in range(12):
        document = {"email": f"c{number}@example.org", "name": "C", "password": "12345678", "active": True}
        answer = alice.post("/api/users/", {**document, "roles": []})
        assert answer.status_code == 201
        made.append(answer.json()["id"])
        assert_exact(site)
    for number in made[::3]:
        document = {"email": f"i{number}@example.org", "name": "I", "active": False, "roles": []}
        assert alice.put(f"/api/users/{number}", document).status_code == 200
        assert_exact(site)

    def counted():
        filters = ("", "&active=true", "&active=false")
        return [alice.get(f"/api/users/?limit=1&count=true{each}").json()["count"] for each in filters]

    counts = "count(*), count(*) FILTER (WHERE active), count(*) FILTER (WHERE NOT active)"
    (there,) = site.sql(f"SELECT {counts} FROM _user WHERE customer_id = %s", (site.seed.a,))
    assert counted() == list(there)
    assert there[2] >= 4
    for number in made:
        assert alice.delete(f"/api/users/{number}").status_code == 204
    assert_exact(site)
    assert counted() == [there[0] - 12, there[1] - 8, there[2] - 4]


def test_a_deep_page_through_the_api_is_the_one_that_an_offset_means(site):
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, customer_id)"
        " SELECT 'deep' || n, 'D', '*', '*', CASE WHEN n %% 3 = 0 THEN %s ELSE %s END FROM generate_series(1, 6000) n",
        (site.seed.b, site.seed.a),
    )
    ids = [row[0] for row in site.sql("SELECT id FROM _user WHERE customer_id = %s ORDER BY id", (site.seed.a,))]
    alice = site.login(site.seed.alice)
    for offset in (1000, 1001, 2730, len(ids) - 20, len(ids) - 1, len(ids), 100000):
        page = alice.get(f"/api/users/?offset={offset}&limit=20&count=true").json()
        assert [each["id"] for each in page["users"]] == ids[offset : offset + 20]
        assert (page["count"], page["has_next"]) == (len(ids), offset + 20 < len(ids))
    site.sql("DELETE FROM _user WHERE email LIKE 'deep%'")
    assert_exact(site)


# --- concurrency ---


def test_no_change_waits_for_another_of_the_same_block(own):
    insert(own, [(number, 1) for number in range(1, 200)])
    first, second = session(own), session(own)
    for number in range(200, 200 + OFTEN):
        insert(own, [(number, 1)], connection=first)
        own.sql("DELETE FROM _user WHERE id = %s", (number - 199,), connection=first)
        insert(own, [(number + OFTEN, 1)], connection=second)
        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (number,), connection=first)
        moved = number + OFTEN
        own.sql("UPDATE _user SET customer_id = 2, active = NOT active WHERE id = %s", (moved,), connection=second)
        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (moved,), connection=second)
    # Neither session sees the changes of the other. A third one sees neither, and does not have to wait.
    assert_exact(own)
    for number in range(2000, 2000 + OFTEN):
        insert(own, [(number, 1)])
    first.commit()
    assert_exact(own)
    second.rollback()
    assert_exact(own)


def test_a_change_of_activity_is_kept_where_the_rows_that_are_put_together_add_up_to_no_users(own):
    insert(own, [(number, 1) for number in range(1, OFTEN + 1)])
    holder, other = session(own), session(own)
    assert own.sql("SELECT 1 FROM user_count FOR UPDATE", connection=holder)
    for number in range(1, OFTEN + 1):
        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (number,), connection=other)
    # The rows that are not locked were merged at least once.
    assert own.sql("SELECT count(*) < %s FROM user_count", (OFTEN,), other) == [(True,)]
    other.commit()
    holder.commit()
    assert assert_exact(own) == [(1, 0, OFTEN, OFTEN // 3)]


def test_many_who_change_users_of_the_same_blocks_at_once_leave_them_exact(own):
    failures, lanes = [], 8

    def change(lane):
        """Changes only the users of this lane. Their ids are between those of other lanes, so the lanes share only the
        counters."""
        chosen = random.Random(lane)
        connection = session(own)
        try:
            for _ in range(60):
                for _ in range(chosen.randint(1, 4)):
                    number = chosen.randrange(-60, 60) * lanes + lane
                    if not own.sql("SELECT 1 FROM _user WHERE id = %s", (number,), connection):
                        insert(own, [(number, chosen.randint(1, 2))], connection)
                    elif chosen.random() < 0.4:
                        own.sql("DELETE FROM _user WHERE id = %s", (number,), connection)
                    elif chosen.random() < 0.6:
                        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (number,), connection)
                    else:
                        own.sql("UPDATE _user SET customer_id = 3 - customer_id WHERE id = %s", (number,), connection)
                connection.rollback() if chosen.random() < 0.2 else connection.commit()
        except psycopg2.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=change, args=(lane,)) for lane in range(lanes)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert assert_exact(own)


@pytest.mark.parametrize("isolation", [REPEATABLE_READ, SERIALIZABLE])
def test_a_change_with_an_old_snapshot_does_not_fail_because_others_have_changed_the_same_block(own, isolation):
    insert(own, [(number, 1) for number in range(1, 400)])
    connection = session(own, isolation)
    own.sql("SELECT count(*) FROM customer", connection=connection)
    for number in range(1000, 1000 + OFTEN):
        insert(own, [(number, 1)])
    for number in range(1, 100):
        insert(own, [(2000 + number, 1)], connection=connection)
        own.sql("DELETE FROM _user WHERE id = %s", (number,), connection=connection)
        own.sql("UPDATE _user SET customer_id = 2 WHERE id = %s", (number + 100,), connection=connection)
        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (number + 150,), connection=connection)
    connection.commit()
    assert_exact(own)


@pytest.mark.parametrize("isolation", [READ_COMMITTED, REPEATABLE_READ])
def test_truncated_users_are_gone_also_those_that_the_snapshot_does_not_know(own, isolation):
    insert(own, [(1, 1)])
    connection = session(own, isolation)
    own.sql("SELECT count(*) FROM customer", connection=connection)
    insert(own, [(2, 1), (9000, 2)])
    own.sql("TRUNCATE _user CASCADE", connection=connection)
    insert(own, [(3, 1), (4, 1)], connection=connection)
    connection.commit()
    assert assert_exact(own) == [(1, 0, 2, 1)]


def test_rows_stay_few_however_many_are_registered_or_deactivated_one_by_one(own):
    for number in range(1, 501):
        insert(own, [(number, 1)])
    # A change adds a row with a probability of seven in eight, and otherwise merges all into one. 150 rows are
    # practically impossible.
    assert own.sql("SELECT count(*) < 150 FROM user_count") == [(True,)]
    for number in range(1, 501):
        own.sql("UPDATE _user SET active = NOT active WHERE id = %s", (number,))
    assert own.sql("SELECT count(*) < 150 FROM user_count") == [(True,)]
    own.sql("UPDATE _user SET active = NOT active")
    assert own.sql("SELECT count(*) < 150 FROM user_count") == [(True,)]
    own.sql("UPDATE _user SET id = id + 100000, customer_id = 2")
    assert own.sql("SELECT count(*) < 300 FROM user_count") == [(True,)]
    assert assert_exact(own)
    own.sql("DELETE FROM _user")
    assert own.sql(SUMMED) == []


def test_rows_stay_few_where_each_statement_changes_several_blocks(own):
    for number in range(1, 301):
        insert(own, [(number, 1), (number + 5000, 1), (number + 10000, 2)])
    assert own.sql("SELECT count(*) < 3 * 150 FROM user_count") == [(True,)]
    assert len(assert_exact(own)) == 3


def test_a_statement_that_changes_many_users_finds_the_rows_of_their_blocks_by_the_index(own):
    insert(own, [(number, 1 + number % 2) for number in range(1, 10 * OFTEN)])
    own.sql("VACUUM ANALYZE user_count")  # the planner must know how small it is
    connection = session(own)
    own.sql("UPDATE _user SET active = NOT active", connection=connection)
    own.sql("UPDATE _user SET customer_id = 3 - customer_id WHERE id < 1000", connection=connection)
    scans = "SELECT seq_scan, idx_scan > 100 FROM pg_stat_xact_user_tables WHERE relname = 'user_count'"
    assert own.sql(scans, connection=connection) == [(0, True)]
    connection.commit()
    assert_exact(own)


# --- wrong counters, and other writers ---


def test_a_recount_makes_them_right_and_few(own):
    insert(own, [(number, 1 + number % 2) for number in range(-5000, 10000, 7)])
    own.sql("ALTER TABLE _user DISABLE TRIGGER user_api_count_deleted")
    own.sql("DELETE FROM _user WHERE id > 6000")
    own.sql("ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_deleted")
    assert own.sql(SUMMED) != own.sql(THERE)
    own.sql("SELECT user_api_recount()")
    assert_exact(own)
    own.sql("ALTER TABLE _user DISABLE TRIGGER user_api_count_moved")
    own.sql("UPDATE _user SET active = NOT active")
    own.sql("ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_moved")
    assert own.sql(SUMMED) != own.sql(THERE)
    own.sql("SELECT user_api_recount()")
    assert own.sql("SELECT count(*) FROM user_count") == [(len(assert_exact(own)),)]


def test_a_recount_is_refused_where_its_snapshot_is_older_than_its_lock(own):
    insert(own, [(1, 1)])
    connection = session(own, REPEATABLE_READ)
    own.sql("SELECT count(*) FROM customer", connection=connection)
    insert(own, [(2, 1)])
    with pytest.raises(psycopg2.errors.ActiveSqlTransaction):
        own.sql("SELECT user_api_recount()", connection=connection)
    connection.rollback()
    assert_exact(own)


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO user_count VALUES (1, 0, 5, 5)", "UPDATE user_count SET users = 7, active = 7", "DELETE FROM user_count"],
)
def test_nobody_but_the_triggers_changes_them(own, statement):
    insert(own, [(1, 1), (2, 1), (5000, 2)])
    own.sql(statement)
    assert len(assert_exact(own)) == 2


def test_a_restore_of_data_alone_counts_users_once(own):
    insert(own, [(number, 1) for number in range(1, 9000, 5)])
    for table in ("_user", "user_count"):
        own.sql(f"CREATE TABLE saved{table} AS TABLE {table}")
    for order in itertools.permutations(("_user", "user_count")):
        own.sql("TRUNCATE _user CASCADE")
        for table in order:
            own.sql(f"INSERT INTO {table} TABLE saved{table}")
        assert sum(row[2] for row in assert_exact(own)) == 1800


def test_a_publication_of_all_tables_stops_no_change(own):
    own.sql("CREATE PUBLICATION everything FOR ALL TABLES")
    for number in range(OFTEN):
        insert(own, [(number, 1)])
    assert own.sql("SELECT count(*) < 150 FROM user_count") == [(True,)]
    own.sql("DELETE FROM _user")
    assert_exact(own)


def test_the_migration_counts_the_users_who_are_there(own):
    url = own.server.url(own.name, "postgres")
    while own.sql("SELECT to_regclass('user_count')") != [(None,)]:
        admin.run("migrate", "down", "--database-url", url)
    insert(own, [(number, 1 + number % 2) for number in range(-9000, 9000, 101)])
    admin.run("migrate", "up", "--database-url", url)
    assert len(assert_exact(own)) == 12
