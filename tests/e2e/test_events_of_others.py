"""Events in a backup and after its restore, and the events of the Python original's own statements."""

import os
import subprocess

import psycopg2
import pytest
from support.original import INSERT_USER, Original
from support.postgres import program
from support.rows import with_hashes
from support.rows_fixtures import other, target  # noqa: F401
from support.seed import pbkdf2

ROWS = "SELECT * FROM event ORDER BY id"
KINDS = "SELECT kind, customer_id, user_name, actor_id, data FROM event WHERE id > %s ORDER BY id"
# The options in docs/database.md.
RESTORE = ["--exit-on-error", "--no-owner", "--no-acl"]
DATA_ALONE = ["--data-only", "--disable-triggers"]


def server_program(name, *arguments, check=True):
    result = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0 or not check, result.stderr
    return result


@pytest.fixture
def used(target):
    """A database with events of most kinds."""
    target.load(with_hashes(5))
    target.sql("INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('a', 'A', '*', '*', 1)")
    target.sql("UPDATE _user SET name = 'B', active = false WHERE email = 'a'")
    target.sql("DELETE FROM _user WHERE email = 'a'")
    target.sql("UPDATE role SET name = 'Another' WHERE code = 'reader'")
    # An event of a month that has no partition of its own.
    target.sql("UPDATE event SET at = at - interval '90 days' WHERE id = (SELECT min(id) FROM event)")
    assert target.sql("SELECT count(*) FROM event_default") == [(1,)]
    return target


def dump(database, *arguments):
    path = database.path("backup.dump")
    server_program("pg_dump", "--format=custom", f"--file={path}", *arguments, database.url)
    return path


def test_a_restored_backup_has_every_event_once_and_none_of_the_restore(postgres, used):
    name = postgres.create_database(migrated=False)
    server_program("pg_restore", *RESTORE, f"--dbname={postgres.url(name, 'postgres')}", dump(used))
    rows = used.sql(ROWS)
    assert len(rows) > 10 and postgres.execute(ROWS, database=name) == rows
    postgres.execute("UPDATE customer SET name = 'Later' WHERE id = 1", database=name)
    after = postgres.execute("SELECT id, kind, tableoid::regclass::text FROM event ORDER BY id", database=name)
    assert after[-1][0] > rows[-1][0] and after[-1][1] == "customer.updated"
    assert after[-1][2] != "event_default" and len(after) == len(rows) + 1
    assert postgres.execute("SELECT user_api_event_months(400)", database=name) == [(True,)]
    postgres.drop_database(name)


def test_data_alone_restored_into_a_new_schema_is_that_and_no_event_of_the_restore(used, other):
    """The dump leaves out the bookkeeping of migrations, which the new schema already has."""
    for table in ("user_has_role", "_user", "role", "customer"):
        other.sql(f"DELETE FROM {table}")
    other.sql("TRUNCATE event, deleted_user, user_count")
    path = dump(used, "--exclude-table=schema_migrations", "--exclude-table=schema_spec")
    server_program("pg_restore", *DATA_ALONE, "--exit-on-error", f"--dbname={other.url}", path)
    assert other.users() == used.users()
    assert other.sql(ROWS) == used.sql(ROWS)
    last = used.sql("SELECT last_value FROM event_id_seq")[0][0]
    other.sql("UPDATE customer SET name = 'Later' WHERE id = 1")
    assert other.sql("SELECT id, kind FROM event WHERE id > %s", (last,)) == [(last + 1, "customer.updated")]


# --- the original ---

TABLES = "customer, _user, role, user_has_role, schema_spec"


@pytest.fixture
def original(postgres):
    """An adopted database, and a connection as the original's role, which has the same rights as before."""
    made = Original(postgres)
    role = f"old_{os.getpid()}"
    postgres.execute(f"CREATE ROLE {role} LOGIN")
    made.sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO {role}")
    made.sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    result = made.run("adopt")
    assert result.returncode == 0, result.stderr
    connection = postgres.connect(made.name, role)
    made.cursor = connection.cursor()
    yield made
    connection.close()
    made.drop()
    postgres.execute(f"DROP ROLE {role}")


def test_what_the_original_does_leaves_events_of_nobody(original):
    run = original.cursor.execute
    run(INSERT_USER, ("new@example.org", "New", *pbkdf2("some password"), True, 1))
    number = original.cursor.fetchone()[0]
    run("INSERT INTO user_has_role (user_id, role_id) VALUES (%s, 2)", (number,))
    run("UPDATE _user SET name = 'Renamed', active = false WHERE id = %s", (number,))
    run("UPDATE _user SET hash = %s, salt = %s WHERE id = %s", (*pbkdf2("another"), number))
    run("DELETE FROM user_has_role WHERE user_id = %s", (number,))
    run("DELETE FROM _user WHERE id = %s", (number,))
    run("INSERT INTO customer (max_user_quota) VALUES (5) RETURNING id")
    customer = original.cursor.fetchone()[0]
    run("UPDATE customer SET max_user_quota = 6 WHERE id = %s", (customer,))
    run("DELETE FROM customer WHERE id = %s", (customer,))
    run("INSERT INTO role (code, name) VALUES ('new', 'New')")
    run("UPDATE role SET name = 'Newer' WHERE code = 'new'")
    run("DELETE FROM role WHERE code = 'new'")
    run("INSERT INTO schema_spec (version) VALUES ('original')")
    assert original.sql(KINDS, (0,)) == [
        ("user.created", 1, "New", None, {}),
        ("user.role_granted", 1, "New", None, {"role": "reader"}),
        ("user.updated", 1, "Renamed", None, {"changed": ["name"]}),
        ("user.deactivated", 1, "Renamed", None, {}),
        ("user.password_changed", 1, "Renamed", None, {}),
        ("user.role_removed", 1, "Renamed", None, {"role": "reader"}),
        ("user.deleted", 1, "Renamed", None, {"email": "new@example.org", "name": "Renamed"}),
        ("customer.created", customer, None, None, {"name": None}),
        ("customer.updated", customer, None, None, {"changed": ["max_user_quota"]}),
        ("customer.deleted", customer, None, None, {"name": None}),
        ("role.created", None, None, None, {"role": "new"}),
        ("role.updated", None, None, None, {"changed": ["name"], "role": "new"}),
        ("role.deleted", None, None, None, {"role": "new"}),
    ]


FORBIDDEN = [
    "SELECT FROM event",
    "INSERT INTO event VALUES (1, now(), 'user.created', 1, 1, 'n', 1, 'n', NULL, NULL, '{}')",
    "UPDATE event SET kind = 'user.created'",
    "DELETE FROM event",
    "TRUNCATE event",
    "SELECT nextval('event_id_seq')",
    "SELECT user_api_event_put('user.created', 1, 1, 'n', '{}')",
    "SELECT user_api_event_write('app.x', 1, 1, '{}')",
    "SELECT user_api_event_months(0)",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_originals_role_neither_reads_nor_changes_the_record(original, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        original.cursor.execute(statement)


def test_the_originals_role_cannot_switch_events_off(original):
    original.cursor.execute("SET user_api.events = 'off'")
    original.cursor.execute("UPDATE _user SET name = 'Renamed' WHERE id = 1")
    assert [row[0] for row in original.sql(KINDS, (0,))] == ["user.updated"]
