"""Migrations: from an empty database to the schema and back, one at a time, in dbmate's format and with its table."""

import glob
import json
import os
import subprocess

import psycopg2
import pytest

from support import admin
from support.processes import REPOSITORY, wait_until

FILES = sorted(os.path.basename(path) for path in glob.glob(os.path.join(REPOSITORY, "migrations", "*.sql")))
VERSIONS = [name.partition("_")[0] for name in FILES]

# Everything that a migration could leave behind: tables, sequences, types, functions, collations.
OBJECTS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace
ORDER BY 1
"""


class Database:
    """An empty database, and the commands that use it."""

    def __init__(self, postgres):
        self.postgres = postgres
        self.name = postgres.create_database(migrated=False)
        self.url = postgres.url(self.name, "postgres")

    def sql(self, statement, params=None):
        return self.postgres.execute(statement, params, database=self.name)

    def column(self, statement, params=None):
        return [row[0] for row in self.sql(statement, params)]

    def migrate(self, *arguments, **options):
        return admin.run("migrate", *arguments, "--database-url", self.url, **options)

    def ledger(self):
        return self.column("SELECT version FROM schema_migrations ORDER BY version")


@pytest.fixture
def empty(postgres):
    database = Database(postgres)
    yield database
    postgres.drop_database(database.name)


@pytest.fixture(scope="module")
def migrated(postgres):
    database = Database(postgres)
    database.migrate("up")
    yield database
    postgres.drop_database(database.name)


@pytest.fixture
def write(folder):
    """Writes migration files into a folder of the test, and returns the arguments that name it."""

    def write(**files):
        for name, text in files.items():
            with open(os.path.join(folder, name.lstrip("_") + ".sql"), "w", encoding="utf-8") as file:
                file.write(text)
        return "--migrations", folder

    return write


def a_file(up, down="SELECT 1;"):
    return f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


def assert_one_line(result, *parts):
    assert result.returncode == 1
    assert result.stderr.startswith("user-api-admin: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def test_up_applies_every_file_to_an_empty_database(empty):
    assert empty.migrate("up").stdout == "".join(f"applied {name}\n" for name in FILES)
    assert empty.ledger() == VERSIONS


def test_up_is_what_migrate_does_unless_told_otherwise(empty):
    assert empty.migrate().stdout.startswith("applied ")


def test_up_twice_is_a_no_op(empty):
    empty.migrate("up")
    relations = "SELECT oid, relname, relfilenode, relacl::text FROM pg_class ORDER BY 1"
    before = empty.sql(relations)
    assert empty.migrate("up").stdout == "up to date\n"
    assert empty.sql(relations) == before


def test_down_reverts_the_last_one_alone(empty):
    empty.migrate("up")
    assert empty.migrate("down").stdout == f"reverted {FILES[-1]}\n"
    assert empty.ledger() == VERSIONS[:-1]


def test_down_to_the_bottom_leaves_nothing(empty):
    before = empty.column(OBJECTS)
    assert before == []
    empty.migrate("up")
    for _ in FILES:
        empty.migrate("down")
    left = [name for name in empty.column(OBJECTS) if "schema_migrations" not in name]
    assert left == []
    assert empty.ledger() == []


def test_every_step_down_can_be_gone_up_again(empty):
    empty.migrate("up")
    described = empty.column(OBJECTS)
    for depth in range(1, len(FILES) + 1):
        for _ in range(depth):
            empty.migrate("down")
        empty.migrate("up")
        assert empty.column(OBJECTS) == described


def test_down_on_an_empty_database_says_that_nothing_is_applied(empty):
    assert_one_line(empty.migrate("down", check=False), "no migration is applied")


def test_status_tells_what_is_applied_and_pending(empty, write):
    empty.migrate("up")
    known, new = f"_{VERSIONS[0]}_other_name", "_99999999999999_next"
    arguments = write(**{known: a_file("SELECT 1;"), new: a_file("SELECT 1;")})
    assert empty.migrate("status", *arguments).stdout.splitlines() == [
        f"[X] {VERSIONS[0]}_other_name.sql",
        "[ ] 99999999999999_next.sql",
        *[f"[?] {version}" for version in VERSIONS[1:]],
        "",
        f"Applied: {len(VERSIONS)}",
        "Pending: 1",
    ]


def test_status_changes_nothing(empty):
    assert empty.migrate("status").stdout.endswith(f"\nApplied: 0\nPending: {len(FILES)}\n")
    assert empty.column(OBJECTS) == []


def test_several_at_once_apply_everything_once(empty):
    command = [admin.binary(), "migrate", "up", "--database-url", empty.url]
    several = [
        subprocess.Popen(command, env=admin.environment(), stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in several]
    assert [process.returncode for process in several] == [0] * 4
    assert sorted(outputs) == sorted(
        ["up to date\n"] * 3 + ["".join(f"applied {name}\n" for name in FILES)]
    )
    assert empty.ledger() == VERSIONS


def test_a_second_one_waits_for_the_first(empty, write):
    gate = empty.postgres.connect(empty.name)
    with gate.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
    slow = write(_1_slow=a_file("SELECT pg_advisory_lock(1); CREATE TABLE slow ();"))
    command = [admin.binary(), "migrate", "up", "--database-url", empty.url, *slow]
    first = subprocess.Popen(command, env=admin.environment(), stdout=subprocess.PIPE, text=True)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    wait_until(lambda: empty.column(waiting) == [1], what="the first one hangs in its migration")
    second = subprocess.Popen(command, env=admin.environment(), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: empty.column(waiting) == [2], what="the second one waits for the first")
    gate.close()
    assert first.communicate(timeout=30)[0] == "applied 1_slow.sql\n"
    assert second.communicate(timeout=30)[0] == "up to date\n"


def test_a_failing_migration_leaves_no_trace(empty, write):
    arguments = write(
        _1_good=a_file("CREATE TABLE good ();"),
        _2_bad=a_file("CREATE TABLE bad ();\nINSERT INTO good VALUES (1);"),
        _3_never=a_file("CREATE TABLE never ();"),
    )
    result = empty.migrate("up", *arguments, check=False)
    assert_one_line(result, "2_bad.sql: INSERT has more expressions than target columns", "42601")
    assert result.stdout == "applied 1_good.sql\n"
    assert empty.ledger() == ["1"]
    assert empty.column("SELECT relname FROM pg_class WHERE relname IN ('good', 'bad', 'never')") == ["good"]


def test_a_failing_step_down_leaves_no_trace(empty, write):
    arguments = write(_1_stuck=a_file("CREATE TABLE stuck ();", "DROP TABLE stuck;\nDROP TABLE missing;"))
    empty.migrate("up", *arguments)
    assert_one_line(empty.migrate("down", *arguments, check=False), "1_stuck.sql")
    assert empty.ledger() == ["1"]
    assert empty.column("SELECT relname FROM pg_class WHERE relname = 'stuck'") == ["stuck"]


def test_a_migration_that_ends_its_transaction_is_not_taken_for_applied(empty, write):
    arguments = write(_1_commits=a_file("COMMIT;"))
    assert_one_line(empty.migrate("up", *arguments, check=False), "1_commits.sql", "its own transaction")
    assert empty.ledger() == []


def test_a_broken_file_is_named_before_anything_is_applied(empty, write):
    arguments = write(_1_good=a_file("CREATE TABLE good ();"), _2_bad="CREATE TABLE bad ();")
    assert_one_line(empty.migrate("up", *arguments, check=False), "2_bad.sql")
    assert empty.column(OBJECTS) == []


def test_two_files_of_one_version_are_refused(empty, write):
    arguments = write(_1_one=a_file("SELECT 1;"), _1_two=a_file("SELECT 1;"))
    assert_one_line(empty.migrate("up", *arguments, check=False), "1_one.sql", "1_two.sql", "same version")


def test_a_folder_that_is_missing_or_empty_is_refused(empty, folder):
    assert_one_line(empty.migrate("up", "--migrations", folder, check=False), folder)
    missing = os.path.join(folder, "missing")
    assert_one_line(empty.migrate("up", "--migrations", missing, check=False), missing)


def test_the_programs_own_migrations_are_those_of_the_repository(empty):
    folder = os.path.join(REPOSITORY, "migrations")
    inside = empty.migrate("status").stdout
    assert empty.migrate("status", "--migrations", folder).stdout == inside
    assert [line[4:] for line in inside.splitlines() if line.startswith("[")] == FILES


def test_a_migration_whose_file_is_gone_cannot_be_reverted(empty, write):
    empty.migrate("up")
    arguments = write(_1_other=a_file("SELECT 1;"))
    assert_one_line(empty.migrate("down", *arguments, check=False), VERSIONS[-1], "not here")


def test_the_ledger_is_as_dbmate_creates_it(migrated):
    columns = "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
    assert migrated.sql(columns + " WHERE attrelid = 'schema_migrations'::regclass AND attnum > 0") == [
        ("version", "character varying", True)
    ]
    assert migrated.column("SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                           " WHERE conrelid = 'schema_migrations'::regclass") == ["PRIMARY KEY (version)"]


def test_a_database_that_dbmate_has_migrated_is_taken_over(empty):
    empty.sql("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    first = os.path.join(REPOSITORY, "migrations", FILES[0])
    with open(first, encoding="utf-8") as file:
        empty.sql(file.read().partition("-- migrate:down")[0])
    empty.sql("INSERT INTO schema_migrations VALUES (%s)", (VERSIONS[0],))
    assert empty.migrate("up").stdout == "".join(f"applied {name}\n" for name in FILES[1:])
    assert empty.ledger() == VERSIONS


def test_no_function_is_everybodys_where_another_program_has_migrated(empty):
    for name in FILES:
        with open(os.path.join(REPOSITORY, "migrations", name), encoding="utf-8") as file:
            empty.sql(file.read().partition("-- migrate:down")[0])
    everybodys = (
        "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND has_function_privilege('public', p.oid, 'EXECUTE')"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    # The index calls it with the rights of any account that inserts a user.
    assert empty.column(everybodys) == ["user_api_folded_email"]


def test_a_role_without_ddl_cannot_migrate_and_says_why(postgres, empty):
    postgres.execute("CREATE ROLE poor LOGIN")
    result = admin.run("migrate", "up", "--database-url", postgres.url(empty.name, "poor"), check=False)
    assert_one_line(result, "permission denied for schema public")


def test_rights_come_back_with_the_tables(postgres, empty):
    postgres.migrated_template()  # creates the service account
    rights = (
        "SELECT has_table_privilege('user_api_sa', to_regclass('revoked_token'), 'INSERT')"
        " AND has_function_privilege('user_api_sa', to_regproc('failed_login_reserve')::oid, 'EXECUTE')"
    )
    empty.migrate("up")
    assert empty.column(rights) == [True]
    for _ in FILES:
        empty.migrate("down")
    assert empty.column(rights) == [None]
    empty.migrate("up")
    assert empty.column(rights) == [True]


def test_functions_that_a_restore_gave_to_everybody_are_taken_back(postgres, empty):
    postgres.migrated_template()
    empty.migrate("up")
    empty.sql("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC, user_api_sa")
    empty.migrate("up")
    holders = (
        "SELECT DISTINCT proname, a.grantee::regrole::text FROM pg_proc CROSS JOIN aclexplode(proacl) AS a"
        " WHERE pronamespace = 'public'::regnamespace AND a.grantee <> proowner"
    )
    called = ("failed_login_reserve", "user_api_event_months", "user_api_event_write", "user_api_events_final", "user_api_login_blocked", "user_api_session_opened")
    # The index calls its function with the rights of any account that inserts a user.
    expected = {(name, "user_api_sa") for name in called} | {("user_api_folded_email", "-")}
    assert set(empty.sql(holders)) == expected


def test_the_migration_of_triggers_goes_down_and_up_over_users(empty):
    empty.migrate("up")
    empty.sql("INSERT INTO customer DEFAULT VALUES")
    empty.sql("INSERT INTO role (code, name) VALUES ('r', 'R')")
    empty.sql("INSERT INTO _user (email, name, hash, salt, customer_id) SELECT n, n, 'h', 's', 1 FROM generate_series(1, 9) n")
    empty.sql("INSERT INTO user_has_role SELECT id, 1 FROM _user")
    empty.sql("DELETE FROM user_has_role WHERE user_id = 9")
    empty.sql("DELETE FROM _user WHERE id = 9")
    rows = empty.sql("SELECT id, email, epoch FROM _user ORDER BY id")
    assert {row[2] for row in rows} == {1}
    # Reverts this migration, and all later ones first.
    for _ in VERSIONS[VERSIONS.index("20261126000003") :]:
        empty.migrate("down")
    assert empty.column("SELECT proname FROM pg_proc WHERE proname LIKE 'user\\_api\\_%'") == []
    assert empty.column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
    assert empty.column("SELECT to_regclass('deleted_user')") == [None]
    empty.sql("UPDATE _user SET hash = 'x'")
    empty.migrate("up")
    assert empty.sql("SELECT id, email, epoch FROM _user ORDER BY id") == rows
    assert set(empty.column("SELECT created_at FROM _user")) == {None}
    empty.sql("UPDATE _user SET hash = 'y'")
    assert set(empty.column("SELECT epoch FROM _user")) == {2}


def test_another_databases_service_account_gets_nothing(postgres, empty):
    postgres.migrated_template()
    empty.sql(f'REVOKE CONNECT ON DATABASE "{empty.name}" FROM PUBLIC')
    empty.migrate("up")
    assert empty.column("SELECT has_table_privilege('user_api_sa', '_user', 'SELECT')") == [False]


def test_a_service_account_that_is_named_has_to_exist(empty):
    assert_one_line(empty.migrate("up", "--service-account", "nobody_at_all", check=False), "nobody_at_all")


def test_the_owner_is_not_taken_for_a_service_account(empty):
    assert_one_line(empty.migrate("up", "--service-account", "postgres", check=False), "must not be the role that migrates")


def test_the_schemas_version_is_that_of_the_program(migrated):
    assert migrated.column("SELECT version FROM schema_spec ORDER BY id DESC LIMIT 1") == [str(compiled_in())]


def test_the_originals_tables_have_their_columns(migrated):
    expected = {
        "customer": {"id": "integer", "max_user_quota": "integer"},
        "_user": {
            "id": "integer",
            "email": "character varying",
            "name": "character varying",
            "hash": "character varying",
            "salt": "character varying",
            "active": "boolean",
            "customer_id": "integer",
        },
        "role": {"id": "integer", "code": "character varying", "name": "character varying"},
        "user_has_role": {"user_id": "integer", "role_id": "integer"},
        "schema_spec": {"id": "integer", "version": "character varying"},
    }
    for table, columns in expected.items():
        found = migrated.sql(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", (table,)
        )
        assert columns.items() <= dict(found).items(), table


def test_what_was_added_to_the_originals_tables_has_defaults(migrated):
    customer = migrated.column("INSERT INTO customer (max_user_quota) VALUES (NULL) RETURNING id")[0]
    migrated.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " VALUES ('d', 'd', 'h', 's', true, %s)",
        (customer,),
    )
    assert migrated.sql("SELECT epoch FROM _user WHERE email = 'd'") == [(0,)]
    assert migrated.sql("SELECT name FROM customer WHERE id = %s", (customer,)) == [(None,)]
    assert migrated.column("INSERT INTO role (code, name) VALUES ('d', 'D') RETURNING assignable") == [True]


def test_rows_with_ids_of_their_own_can_be_imported(migrated):
    migrated.sql("INSERT INTO customer (id) VALUES (4711)")
    assert migrated.column("SELECT id FROM customer WHERE id = 4711") == [4711]


def test_every_constraint_and_index_is_named_after_its_table(migrated):
    unnamed = migrated.sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conrelid <> 0"
        " AND connamespace = 'public'::regnamespace"
        " AND conname !~ ('^' || (SELECT relname FROM pg_class WHERE oid = conrelid)"
        " || '_.*(pkey|fkey|key|check)$')"
    )
    assert unnamed == []
    with_digits = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname ~ '[0-9]$'"
    assert migrated.column(with_digits) == []


def test_every_foreign_key_has_an_index(migrated):
    unindexed = migrated.column(
        "SELECT conname FROM pg_constraint c WHERE contype = 'f' AND NOT EXISTS ("
        " SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])"
    )
    assert unindexed == []


@pytest.mark.parametrize(
    "first, second",
    [
        ("Ada@Example.org", "aDA@eXAMPLE.ORG"),
        ("Émile@example.org", "éMILE@example.org"),
        ("ЖЕНЯ@пример.рф", "женя@Пример.РФ"),
    ],
)
def test_emails_are_unique_without_regard_to_case(migrated, first, second):
    customer = migrated.column("INSERT INTO customer DEFAULT VALUES RETURNING id")[0]
    insert = "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES (%s, 'n', 'h', 's', %s)"
    migrated.sql(insert, (first, customer))
    with pytest.raises(psycopg2.errors.UniqueViolation) as violation:
        migrated.sql(insert, (second, customer))
    assert violation.value.diag.constraint_name == "_user_lower_email_key"
    assert migrated.column("SELECT email FROM _user WHERE email = %s", (first,)) == [first]


# --- check: does the schema fit the program? ---


def compiled_in():
    with open(os.path.join(REPOSITORY, "src", "store", "schema.h"), encoding="utf-8") as header:
        return int(header.read().partition("UA_SCHEMA_VERSION = ")[2].partition(" ")[0])


@pytest.mark.parametrize(
    "difference, code, state, words",
    [
        (0, 0, "fits", "the schema of the database fits this program"),
        (1, 3, "newer", "the schema of the database is newer than this program: install a newer one"),
        (-1, 4, "older", "the schema of the database is older than this program: run user-api-admin migrate"),
    ],
)
def test_check_says_whether_the_schema_fits(empty, difference, code, state, words):
    empty.migrate("up")
    found = compiled_in() + difference
    empty.sql("INSERT INTO schema_spec (version) VALUES (%s)", (str(found),))
    result = empty.migrate("check", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (code, f"{words} (version {found}, needed {compiled_in()})\n", "")
    result = empty.migrate("check", "--json", check=False)
    assert (result.returncode, json.loads(result.stdout)) == (code, {"state": state, "version": found, "needed": compiled_in()})


def test_check_asks_as_the_service_does_and_changes_nothing(postgres, empty):
    """Uses the service's account, which may not change the schema."""
    postgres.migrated_template()
    empty.migrate("up", "--service-account", "user_api_sa")
    before = empty.column(OBJECTS)
    result = admin.run("migrate", "check", "--database-url", postgres.url(empty.name, "user_api_sa"))
    assert result.stdout.startswith("the schema of the database fits this program")
    assert empty.column(OBJECTS) == before


def test_check_of_a_database_without_our_schema_says_what_to_do(empty):
    assert_one_line(empty.migrate("check", check=False), "there is no User API schema in this database: run init")
    assert empty.column(OBJECTS) == []


def test_check_of_a_database_that_is_away_is_no_answer(empty):
    url = empty.url.replace(empty.name, "not_there")
    assert_one_line(admin.run("migrate", "check", "--database-url", url, check=False), "not_there")
