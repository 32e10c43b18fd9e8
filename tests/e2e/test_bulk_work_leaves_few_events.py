"""Imports, migrations and adopting the original's database: one event for each customer, or none at all."""

import os
import pwd
import shutil

import pytest
from support import admin
from support.original import CUSTOMERS, Original
from support.postgres import SERVICE_ACCOUNT
from support.processes import REPOSITORY
from support.rows import user, with_hashes
from support.rows_fixtures import target  # noqa: F401

BY = pwd.getpwuid(os.getuid()).pw_name
EVENTS = "SELECT kind, customer_id, user_id, user_name, actor_id, data FROM event WHERE id > %s ORDER BY id"


@pytest.fixture
def since(target):
    last = target.sql("SELECT coalesce(max(id), 0) FROM event")[0][0]
    return lambda: target.sql(EVENTS, (last,))


def imported(**users):
    """The expected event of each customer; c1=2 means two users of customer 1."""
    return [
        ("user.created", int(name[1:]), None, None, None, {"by": BY, "users": count}) for name, count in users.items()
    ]


@pytest.fixture(params=[(), ("--exclusive",)], ids=["beside", "exclusive"])
def way(request):
    return request.param


def test_an_import_leaves_one_event_for_each_customer_that_got_users(target, since, way):
    documents = [user(number, customer=1 if number < 6 else 3) for number in range(1, 8)]
    target.load(documents, *way)
    assert since() == imported(c1=5, c3=2)


def test_the_users_of_a_later_transaction_leave_an_event_each(target, since, way):
    target.load([user(1)], *way)
    target.sql("INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('a', 'A', '*', '*', 1)")
    assert [row[0] for row in since()] == ["user.created"] * 2 and since()[1][2] is not None


def test_only_users_who_were_imported_count(target, since):
    target.load([user(1, customer=1)])
    rows = [user(1, customer=1), user(2, customer=1), user(3, customer=2)]
    rows += [user(4, customer=1, email="user2@example.org")]
    target.load(rows, "--skip-bad", code=3)
    assert since() == imported(c1=1) + imported(c1=1, c2=1)


def test_an_import_that_changes_nothing_leaves_nothing(target, since, way):
    target.load([user(1)], "--dry-run", *way)
    target.load([user(1), user(1)], *way, code=1)
    target.load("", *way)
    target.sql("UPDATE customer SET max_user_quota = 1")
    before = since()
    target.load([user(1, customer=1), user(2, customer=1)], *way, code=1, USER_API_ENFORCE_QUOTA="on")
    assert [row[0] for row in before] == ["customer.updated"] * 3
    assert since() == before and target.users() == []


def test_who_does_not_own_the_record_leaves_an_event_a_user(target, since):
    server, name = target.server, target.database.name
    server.execute("CREATE ROLE importer LOGIN")
    target.sql("GRANT CREATE ON SCHEMA public TO importer")
    for table in ("customer", "_user", "role", "user_has_role", "deleted_user", "schema_spec"):
        target.sql(f"ALTER TABLE {table} OWNER TO importer")
    path = target.write([user(3, roles=[]), user(4, roles=[])])
    admin.run("import", path, "--database-url", server.url(name, "importer"))
    assert [row[:3] for row in since()] == [("user.created", 1, 3), ("user.created", 2, 4)]
    # Owning the table is not enough: the function that writes the event for all users belongs to another role.
    target.sql("ALTER TABLE event OWNER TO importer")
    path = target.write([user(6, roles=[])])
    admin.run("import", path, "--database-url", server.url(name, "importer"))
    assert since()[2][:3] == ("user.created", 1, 6)
    target.drop()
    server.execute("DROP ROLE importer")


def test_an_owner_who_is_no_superuser_leaves_one_event(target, since, way):
    server, name = target.server, target.database.name
    server.execute("CREATE ROLE owning LOGIN; GRANT postgres TO owning")
    path = target.write([user(1, customer=2), user(2, customer=2)])
    admin.run("import", path, "--database-url", server.url(name, "owning"), *way)
    assert since() == imported(c2=2)
    target.drop()
    server.execute("DROP ROLE owning")


def test_the_service_account_cannot_switch_events_off(target, since):
    connection = target.server.connect(target.database.name, SERVICE_ACCOUNT)
    with connection.cursor() as cursor:
        cursor.execute("SET user_api.events = 'off'")
        cursor.execute("INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('a', 'A', '*', '*', 1)")
    connection.close()
    assert [row[0] for row in since()] == ["user.created"]


def test_foreign_keys_are_trusted_beside_the_triggers_that_write_events(target):
    """Checking them would take most of an import's time, so a superuser's import skips the checks."""
    target.sql("CREATE TABLE seen (role text)")
    target.sql(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " INSERT INTO seen VALUES (current_setting('session_replication_role')); RETURN NULL; END$$"
    )
    target.sql("CREATE TRIGGER note AFTER INSERT ON _user FOR EACH STATEMENT EXECUTE FUNCTION note()")
    target.sql("ALTER TABLE _user ENABLE ALWAYS TRIGGER note")
    target.load(with_hashes(3))
    assert target.sql("SELECT role FROM seen") == [("replica",)]


MIGRATION = """-- migrate:up
UPDATE _user SET name = name || '!', active = NOT active;
UPDATE role SET name = name || '!';

-- migrate:down
UPDATE role SET name = rtrim(name, '!');
UPDATE _user SET name = rtrim(name, '!');
"""


@pytest.fixture
def later(folder):
    """The program's migrations, and one more that changes rows."""
    made = shutil.copytree(os.path.join(REPOSITORY, "migrations"), os.path.join(folder, "migrations"))
    with open(os.path.join(made, "20991231000001_rows.sql"), "w", encoding="utf-8") as file:
        file.write(MIGRATION)
    return made


def test_a_migration_that_changes_rows_leaves_nothing(target, later):
    target.load([user(1), user(2)])
    last = target.sql("SELECT max(id) FROM event")[0][0]
    target.run("migrate", "up", "--migrations", later)
    assert [row[2][-1] for row in target.users()] == ["!", "!"]
    target.run("migrate", "down", "--migrations", later)
    assert [row[2][-1] for row in target.users()] == ["1", "2"]
    assert target.sql(EVENTS, (last,)) == []


@pytest.mark.long
@pytest.mark.parametrize("layout", ["bare", "keyed"])
def test_taking_over_the_originals_database_leaves_nothing(postgres, layout, later):
    original = Original(postgres, layout=layout)
    for command in (("adopt", "--migrations", later), ("finalize", "--migrations", later)):
        result = original.run(*command)
        assert result.returncode == 0, result.stdout + result.stderr
    assert original.sql("SELECT count(*) FROM customer") == [(CUSTOMERS,)]
    assert original.sql("SELECT name FROM role WHERE code = 'admin'") == [("Admin!",)]
    assert original.sql(EVENTS, (0,)) == []
    original.drop()
