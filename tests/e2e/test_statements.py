"""Every entry of the table of SQL (src/store/statements.c) on a migrated database, as the service account."""

import base64
import json
import os
import re

import jwt
import psycopg2
import pytest

from support import admin
from support.plans import examined, explained
from support.processes import REPOSITORY
from support.seed import Seed
from support.statements import PRINT, STATEMENTS

PREPARED = [each for each in STATEMENTS if not each["control"]]
OF_A_CUSTOMER = [each for each in PREPARED if each["customer"]]

# Arguments with which the statement finds or changes something of the user `target`, whose customer is `customer`.
DIGEST = "\\x" + "ab" * 32
ARGUMENTS = {
    "token_state": lambda customer, target: [target.id, customer, DIGEST],
    "token_revoke": lambda customer, target: [target.id, customer, DIGEST, 4102444800],
    "customer_lock_quota": lambda customer, target: [customer],
    "customer_count_users": lambda customer, target: [customer],
    "user_in_customer_by_email": lambda customer, target: [customer, target.email, target.email],
    "user_with_roles": lambda customer, target: [target.id, customer],
    "user_created_at": lambda customer, target: [target.id, customer],
    "customer_lock_admins": lambda customer, target: [customer],
    "user_list": lambda customer, target: [customer, 0, 10, 0],
    "user_list_deep": lambda customer, target: [customer, 0, 10, 0],
    "user_list_active": lambda customer, target: [customer, target.active, 0, 10, 0],
    "user_list_role": lambda customer, target: [customer, None, target.roles[0], 0, 10, 0],
    "user_search": lambda customer, target: [customer, None, None, target.email, None, "{}", None, 0, 10, 0],
    "user_scan": lambda customer, target: [customer, None, None, target.email, None, 0, 10, 0],
    "user_count": lambda customer, target: [customer],
    "user_count_active": lambda customer, target: [customer, target.active],
    "user_count_role": lambda customer, target: [customer, None, target.roles[0]],
    "user_count_found": lambda customer, target: [customer, None, None, target.email, None, "{}", None],
    "user_insert": lambda customer, target: [customer, "new@example.org", "New", "h", "s", True],
    "user_lock": lambda customer, target: [target.id, customer],
    "user_lock_roles": lambda customer, target: [target.id, customer],
    "user_update": lambda customer, target: [target.id, customer, "x@example.org", "X", False, "h", "s"],
    "user_set_password": lambda customer, target: [target.id, customer, "h", "s"],
    "user_upgrade_hash": lambda customer, target: [target.id, customer, "h", "s", "old hash"],
    "user_raise_epoch": lambda customer, target: [target.id, customer],
    "user_roles_remove_others": lambda customer, target: [target.id, customer, "{2}"],
    "user_roles_add": lambda customer, target: [target.id, customer, "{3}"],
    "user_delete": lambda customer, target: [target.id, customer],
    "user_other_admin": lambda customer, target: [target.id, customer],
    "customer_get": lambda customer, target: [customer],
    "customer_update": lambda customer, target: [customer, "Name", True, 5],
    "customer_delete": lambda customer, target: [customer],
    "events_in_customer_older": lambda customer, target: [customer, 0, 2**62, 100],
    "events_in_customer_newer": lambda customer, target: [customer, 0, 2**62, 100],
    "events_in_customer_of_kind_older": lambda customer, target: [customer, 0, 2**62, 100, "user.created"],
    "events_in_customer_of_kind_newer": lambda customer, target: [customer, 0, 2**62, 100, "user.created"],
    "events_in_customer_of_user_older": lambda customer, target: [customer, 0, 2**62, 100, None, target.id],
    "events_in_customer_of_user_newer": lambda customer, target: [customer, 0, 2**62, 100, None, target.id],
    "event_session_opened": lambda customer, target: [customer, target.id, 400],
    "event_write": lambda customer, target: [customer, target.id, "app.tried", "{}"],
}

# They name no user, so they find or create something in every customer to which they are bound.
LISTS = {"user_list", "user_list_deep", "user_list_active", "user_list_role"}
ABOUT_THE_CUSTOMER = LISTS | {
    "user_insert", "user_count", "user_count_active", "user_count_role", "user_count_found", "user_other_admin",
    "customer_lock_quota", "customer_lock_admins", "customer_count_users",
    "customer_get", "customer_update", "customer_delete",
    "events_in_customer_older", "events_in_customer_newer",
    "events_in_customer_of_kind_older", "events_in_customer_of_kind_newer",
}  # fmt: skip

# Calls of functions. They return one row, whether or not they have written anything.
EVENTS_WRITTEN = {"event_session_opened", "event_write"}

# Statements that show operators numbers of all customers at once.
COUNTING = {
    "customer_list": [0, 10, 0],
    "role_count_all_holders": [1],
    "role_outgrows_tokens": [1, "A", 1],
}


FIRST_USER = 1000000


def by_name(statement):
    return statement["name"]


@pytest.fixture(scope="module")
def database(postgres):
    name = postgres.create_database()
    connection = postgres.connect(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('_user', 'id'), %s)", (FIRST_USER,))
    seed = Seed(connection)
    seed.empty = seed.customer()
    seed.target = seed.user("target", seed.b, roles=("admin",), stored=("old hash", "old salt"))
    seed.user("other", seed.b, roles=("admin",))
    seed.loose = seed.user("loose", seed.b)
    yield name, seed
    connection.close()
    postgres.drop_database(name)


@pytest.fixture
def connection(postgres, database):
    """A connection as the service account, with a transaction that is rolled back."""
    with_database = psycopg2.connect(postgres.url(database[0]))
    yield with_database
    with_database.rollback()
    with_database.close()


def run(cursor, statement, arguments):
    sql = re.sub(r"\$(\d+)", lambda match: f"%(p{match.group(1)})s", statement["sql"].replace("%", "%%"))
    cursor.execute(sql, {f"p{number}": value for number, value in enumerate(arguments, 1)})


def execute(connection, statement, arguments):
    """The number of rows that the statement returned or changed."""
    with connection.cursor() as cursor:
        run(cursor, statement, arguments)
        return cursor.rowcount


def fetch(connection, statement, arguments):
    with connection.cursor() as cursor:
        run(cursor, statement, arguments)
        return cursor.fetchall()


def test_the_table_could_be_printed():
    assert STATEMENTS, f"{PRINT} is not built: make check-programs"


@pytest.mark.parametrize("statement", PREPARED, ids=by_name)
def test_every_statement_can_be_prepared_by_the_service_account(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE s AS {statement['sql']}")


@pytest.mark.parametrize("statement", PREPARED, ids=by_name)
def test_every_statement_lists_its_columns(statement):
    assert not re.search(r"(SELECT|RETURNING|DISTINCT|,|\.)\s*\*", statement["sql"]), "all columns, instead of their names"


def names_of(reach):
    return {each["name"] for each in PREPARED if each["reach"] == reach}


def test_every_statement_about_users_is_bound_to_a_customer_or_named_here():
    assert names_of("bound") == {each["name"] for each in OF_A_CUSTOMER}
    assert names_of("shared") == {
        "readiness", "token_forget_expired",  # about no user
        "origin_now", "watch_peer", "watch_settings", "watch_proof",  # about the server
        "throttle_peek", "throttle_reserve", "throttle_settle",  # about emails and addresses, with or without a user
        "roles_find", "roles_lock", "roles_lock_names", "role_list",  # roles belong to no customer
        "role_insert", "role_update", "role_delete",
        "customer_insert",  # there is none yet
        "audit", "events_final", "event_months", "throttle_record",  # about events, and the users who cause them
    }  # fmt: skip


def test_only_a_login_and_the_start_of_an_operators_request_find_somebody_of_whatever_customer():
    assert names_of("resolves") == {"user_by_email", "customer_of_user", "customer_of_email", "customer_find"}


@pytest.mark.parametrize("statement", [each for each in PREPARED if each["reach"] == "shared"], ids=by_name)
def test_a_statement_about_no_user_reads_no_user(statement):
    assert not re.search(r"\b(_user|user_has_role)\b(?!')", statement["sql"]) or statement["name"] == "readiness"


def test_what_crosses_customers_beyond_that_is_named_here():
    assert names_of("counts") == set(COUNTING)
    ways = {"all", "of_kind", "of_user"}
    assert names_of("events") == {f"events_{way}_{order}" for way in ways for order in ("older", "newer")}


@pytest.mark.parametrize("name", sorted(EVENTS_WRITTEN))
def test_an_event_is_written_about_a_user_of_the_customer_that_the_statement_is_bound_to_alone(connection, database, name):
    _, seed = database
    statement = next(each for each in PREPARED if each["name"] == name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM event")
        last = cursor.fetchone()[0]
        run(cursor, statement, ARGUMENTS[name](seed.a, seed.target))
        run(cursor, statement, ARGUMENTS[name](seed.b, seed.target))
        cursor.execute("SELECT customer_id, user_id FROM event WHERE id > %s", (last,))
        assert cursor.fetchall() == [(seed.b, seed.target.id)]


def test_who_causes_events_is_forgotten_when_the_transaction_ends(connection):
    statement = next(each for each in PREPARED if each["name"] == "audit")
    said = "SELECT current_setting('user_api.' || name, true) FROM unnest(%s) AS name"
    names = ["actor", "address", "request_id", "by"]
    with connection.cursor() as cursor:
        run(cursor, statement, [7, "192.0.2.1", "an id", "somebody"])
        cursor.execute(said, (names,))
        assert [value for (value,) in cursor] == ["7", "192.0.2.1", "an id", "somebody"]
        connection.commit()
        cursor.execute(said, (names,))
        assert [value for (value,) in cursor] == [""] * len(names)


@pytest.mark.parametrize("statement", [each for each in PREPARED if each["name"].startswith("events_in_")], ids=by_name)
def test_events_of_another_customer_are_never_listed(connection, database, statement):
    _, seed = database
    for customer in (seed.a, seed.b):
        rows = fetch(connection, statement, ARGUMENTS[statement["name"]](customer, seed.target))
        assert {row[3] for row in rows} <= {customer} and (rows or customer == seed.a)


@pytest.mark.parametrize("statement", [each for each in PREPARED if each["reach"] == "counts"], ids=by_name)
def test_what_crosses_customers_counts_users_and_shows_none(connection, database, statement):
    """Ids of users are far above all other numbers in this database, so the test can recognize them."""
    _, seed = database
    assert not re.search(r"\b(INSERT|UPDATE|DELETE)\b", statement["sql"])
    rows = fetch(connection, statement, COUNTING[statement["name"]])
    assert rows and any(value for row in rows for value in row)
    texts = {text for row in seed.sql("SELECT email, name, hash, salt FROM _user") for text in row}
    for value in (value for row in rows for value in row):
        assert value not in texts and (not isinstance(value, int) or value < FIRST_USER)


def test_the_names_in_tokens_are_measured_of_all_customers(connection, database):
    _, seed = database
    statement = next(each for each in PREPARED if each["name"] == "role_outgrows_tokens")
    holders = seed.sql("SELECT count(*) FROM user_has_role WHERE role_id = 1")[0][0]
    assert holders > 2
    assert fetch(connection, statement, [1, "A", 1]) == [(holders,)]
    assert fetch(connection, statement, [1, "A", 8192]) == [(0,)]
    assert fetch(connection, statement, [1, "As long", 1]) == [(0,)], "the name has not become longer"


def token_bytes(user, roles):
    """The length of a user's longest token, with any encoding of the database."""
    claims = {
        "active": True, "customer": {"id": user.customer_id}, "email": user.email, "epoch": 2**31 - 1,
        "exp": 9999999999, "id": user.id, "jti": "0" * 32, "name": user.name, "roles": roles,
    }  # fmt: skip
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return len(jwt.encode({}, "k" * 32, algorithm="HS256")) - len("e30") + len(base64.urlsafe_b64encode(payload).rstrip(b"="))


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
def test_tokens_are_measured_in_utf_8_whatever_the_database_has(postgres, encoding):
    statement = next(each for each in PREPARED if each["name"] == "role_outgrows_tokens")
    name = f"in_{encoding.lower()}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    admin.migrate_up(postgres.url(name, "postgres"))
    connection = postgres.connect(name)
    try:
        seed = Seed(connection)
        seed.sql("UPDATE role SET name = 'Ä\u00a0\"\\\t' WHERE id = 2")
        users = [
            seed.user(text, email=email, roles=("reader", "writer"), active=False)
            for text, email in (('é\r"', "ü@example.org"), ("\u0001" * 255, "\u0002" * 255))
        ]
        roles = [{"code": "reader", "id": 2, "name": "Ä\u00a0\"\\\t"}, {"code": "writer", "id": 3, "name": "Writer"}]
        for outgrown, user in ((2, users[0]), (1, users[1])):
            size = token_bytes(user, roles)
            assert fetch(connection, statement, [2, "", size - 1]) == [(outgrown,)]
            assert fetch(connection, statement, [2, "", size]) == [(outgrown - 1,)]
        assert fetch(connection, statement, [2, "ÄÄÄÄ", 1]) == [(2,)], "escapes count"
        assert fetch(connection, statement, [2, "ÄÄÄÄÄÄÄ", 1]) == [(0,)]
    finally:
        connection.close()
        postgres.drop_database(name)


@pytest.mark.parametrize("statement", OF_A_CUSTOMER, ids=by_name)
def test_a_statement_finds_and_changes_nothing_of_another_customer(connection, database, statement):
    _, seed = database
    arguments = ARGUMENTS[statement["name"]]
    target = seed.loose if statement["name"] == "user_delete" else seed.target  # its roles must be removed first
    own = seed.empty if statement["name"] == "customer_delete" else seed.b  # its users must be deleted first
    assert arguments(own, target)[statement["customer"] - 1] == own
    assert execute(connection, statement, arguments(own, target)) >= 1
    connection.rollback()
    if statement["name"] not in ABOUT_THE_CUSTOMER | EVENTS_WRITTEN:
        assert execute(connection, statement, arguments(seed.a, target)) == 0


@pytest.mark.parametrize("statement", [each for each in PREPARED if each["name"] in LISTS], ids=by_name)
def test_a_list_has_users_of_the_customer_that_it_is_bound_to_alone(connection, database, statement):
    _, seed = database
    for customer in (seed.a, seed.b):
        rows = fetch(connection, statement, ARGUMENTS[statement["name"]](customer, seed.target))
        assert rows and {row[1] for row in rows} == {customer}


@pytest.mark.parametrize("name,index", [("user_count", None), ("user_count_active", 1), ("user_count_role", 2)])
def test_a_count_is_of_the_customer_that_it_is_bound_to(connection, database, name, index):
    _, seed = database
    statement = next(each for each in PREPARED if each["name"] == name)
    filtered = {None: "true", 1: "active", 2: "id IN (SELECT user_id FROM user_has_role WHERE role_id = 1)"}[index]
    for customer in (seed.a, seed.b):
        arguments = ARGUMENTS[name](customer, seed.target)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM _user WHERE customer_id = %s AND {filtered}", (customer,))
            counted = cursor.fetchall()
        assert fetch(connection, statement, arguments) == counted


def test_a_new_user_belongs_to_the_customer_that_the_statement_is_bound_to(connection, database):
    _, seed = database
    statement = next(each for each in STATEMENTS if each["name"] == "user_insert")
    execute(connection, statement, ARGUMENTS["user_insert"](seed.a, seed.target))
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id FROM _user WHERE email = 'new@example.org'")
        assert cursor.fetchall() == [(seed.a,)]


def test_quota_and_number_of_users_are_those_of_the_customer_that_the_statements_are_bound_to(connection, database):
    _, seed = database
    small = seed.customer(quota=5)
    seed.user(customer=small, active=False)
    found = []
    for name in ("customer_lock_quota", "customer_count_users"):
        found += fetch(connection, next(each for each in STATEMENTS if each["name"] == name), [small])
    assert found == [(5,), (1,)]


def test_emails_are_compared_by_the_rule_that_their_index_has(postgres, database):
    """Creates a second index with the rule of src/store/folded.sql, and compares it with the index of the migration."""
    with open(os.path.join(REPOSITORY, "src", "store", "folded.sql"), encoding="utf-8") as file:
        rule = re.sub(r"(?m)^--.*\n", "", file.read())
    owner = postgres.connect(database[0])
    owner.autocommit = False
    try:
        with owner.cursor() as cursor:
            cursor.execute(f"CREATE INDEX of_the_rule ON _user ({rule.replace('$1', 'email')})")
            cursor.execute(
                "SELECT pg_get_indexdef(i.index::regclass, 1, false)"
                " FROM (VALUES ('of_the_rule'), ('_user_lower_email_key')) AS i (index)"
            )
            of_the_rule, of_the_migration = [row[0] for row in cursor.fetchall()]
    finally:
        owner.rollback()
        owner.close()
    assert of_the_rule == of_the_migration


def test_a_login_gets_the_email_as_it_is_compared_whether_or_not_a_user_has_it(connection, database):
    _, seed = database
    statement = next(each for each in PREPARED if each["name"] == "user_by_email")
    user = seed.user(email="Zoë@Example.org", stored=("h", "s"))
    found = ("zoë@example.org", user.id, user.customer_id, True, 0, "h", "s")
    assert fetch(connection, statement, ["ZOË@example.ORG"] * 2) == [found]
    assert fetch(connection, statement, ["ZOE\u0308@example.ORG "] + ["ZOE\u0308@example.ORG"]) == [found]
    assert fetch(connection, statement, ["ZOÉ@example.ORG  ", "ZOÉ@example.ORG"]) == [("zoé@example.org", *[None] * 6)]


@pytest.mark.parametrize("name", ["user_by_email", "user_in_customer_by_email", "customer_of_email"])
def test_an_email_is_looked_up_as_typed_before_it_is_without_the_blanks_at_its_end(connection, database, name):
    _, seed = database
    statement = next(each for each in PREPARED if each["name"] == name)
    typed, rest = f"{name}@example.org ", f"{name}@example.org"
    for email, customer in ((rest, seed.b), (typed, seed.a)):
        user = seed.user(email=email, customer=customer)
        bound = [customer] if name == "user_in_customer_by_email" else []
        assert len(fetch(connection, statement, [*bound, typed, rest])) == 1
        row = fetch(connection, statement, [*bound, email, rest])[0]
        assert (user.id if name != "customer_of_email" else customer) in row


def test_every_statement_that_looks_an_email_up_follows_the_index_also_in_a_small_table(connection, database):
    for name in ("user_by_email", "user_in_customer_by_email", "customer_of_email"):
        statement = next(each for each in PREPARED if each["name"] == name)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(f"PREPARE s AS {statement['sql']}")
            cursor.execute("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 's'")
            cursor.execute(f"EXPLAIN EXECUTE s({', '.join(['NULL'] * cursor.fetchone()[0])})")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            cursor.execute("DEALLOCATE s")
        assert "_user_lower_email_key" in plan and "user_api_folded_email" not in plan, plan


@pytest.mark.parametrize("statement", PREPARED, ids=by_name)
def test_no_statement_reads_a_whole_table_of_users(connection, database, statement):
    """Sequential scans are disabled, so a plan has one only if no index serves. Only tables without customers may
    have one."""
    tables_without_customers = {"role", "schema_spec"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE s AS {statement['sql']}")
        cursor.execute("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 's'")
        count = cursor.fetchone()[0]
        nulls = f"({', '.join(['NULL'] * count)})" if count else ""
        cursor.execute(f"EXPLAIN EXECUTE s{nulls}")
        plan = [row[0] for row in cursor.fetchall()]
    scanned = {match.group(1) for line in plan for match in [re.search(r"Seq Scan on (\w+)", line)] if match}
    assert scanned <= tables_without_customers, "\n".join(plan)


def test_customers_are_listed_without_reading_the_users_of_a_large_one_for_each(postgres, database):
    name, seed = database
    sql = next(each["sql"] for each in STATEMENTS if each["name"] == "customer_list")
    owner = postgres.connect(name)
    owner.autocommit = False
    try:
        with owner.cursor() as cursor:
            cursor.execute("INSERT INTO customer (name) SELECT 'c' FROM generate_series(1, 100)")
            cursor.execute(
                "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
                " SELECT n::text, 'n', 'h', 's', true, %s FROM generate_series(1, 3000) n",
                (seed.a,),
            )
            cursor.execute("ANALYZE _user")
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(f"PREPARE listing AS {sql}")
            plan = explained(cursor, "listing", [1, 101, 0])
    finally:
        owner.rollback()
        owner.close()
    assert examined(plan) <= 2 * 3000, plan
