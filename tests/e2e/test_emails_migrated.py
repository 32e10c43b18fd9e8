"""The migration to one normal form of emails: on databases with users, of the original, and with other encodings."""

import json

import psycopg2
import pytest
from support import admin
from support.original import INSERT_USER, Original

VERSION = "20261127000004"
USERS = "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, %s, 'n', '*', '*', 1)"
DECOMPOSED, COMPOSED = "zoe\u0308@example.org", "Zo\u00eb@example.org"


class Database:
    """A database with the schema version before the migration."""

    def __init__(self, postgres, encoding="UTF8"):
        self.postgres = postgres
        postgres.migrated_template()  # makes the service account
        self.name = postgres.create_database(migrated=False)
        if encoding != "UTF8":
            postgres.drop_database(self.name)
            postgres.execute(f"CREATE DATABASE {self.name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
        self.url = postgres.url(self.name, "postgres")

    def sql(self, statement, params=None):
        return self.postgres.execute(statement, params, database=self.name)

    def run(self, *arguments, **options):
        return admin.run(*arguments, "--database-url", self.url, check=False, **options)

    def up(self):
        return self.run("migrate", "up")

    def back(self):
        """Migrates down to the version before the migration, whatever came later."""
        while self.sql("SELECT 1 FROM schema_migrations WHERE version >= %s", (VERSION,)):
            assert self.run("migrate", "down").returncode == 0
        return self

    def findings(self):
        return {each["code"]: each for each in json.loads(self.run("doctor", "--json").stdout)["findings"]}

    def index(self):
        return self.sql("SELECT pg_get_indexdef('_user_lower_email_key'::regclass)")[0][0]


@pytest.fixture
def database(postgres):
    made = Database(postgres)
    assert made.up().returncode == 0
    made.sql("INSERT INTO customer (id) VALUES (1)")
    yield made
    postgres.drop_database(made.name)


def test_pairs_that_collide_are_named_and_nothing_is_changed(database):
    database.back()
    for number, email in enumerate((DECOMPOSED, "someone@example.org", COMPOSED, "a\u030a@x", "\u212b@x"), 1):
        database.sql(USERS, (number, email))
    before = database.sql("SELECT * FROM _user ORDER BY id"), database.index()
    result = database.up()
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert f"{VERSION}_emails" in result.stderr
    assert f"user 1 {DECOMPOSED} and user 3 {COMPOSED}; user 4 a\u030a@x and user 5 \u212b@x" in result.stderr
    assert (database.sql("SELECT * FROM _user ORDER BY id"), database.index()) == before
    assert database.sql("SELECT to_regproc('user_api_folded_email')") == [(None,)]
    finding = database.findings()["email-case"]
    assert (finding["severity"], finding["count"]) == ("error", 4)
    assert {f"user 1 {DECOMPOSED}", f"user 3 {COMPOSED}"} <= set(finding["examples"])
    database.sql("DELETE FROM _user WHERE id IN (1, 4)")
    assert database.up().returncode == 0
    assert "email-case" not in database.findings()


def test_of_many_pairs_that_collide_the_error_names_a_few(database):
    database.back()
    for number in range(50):
        database.sql(USERS, (2 * number + 1, f"\u00eb{'x' * 200}{number}@x"))
        database.sql(USERS, (2 * number + 2, f"e\u0308{'x' * 200}{number}@x"))
    said = database.up().stderr
    assert "user 1 \u00eb" in said and "user 2 e\u0308" in said and len(said) < 700
    assert database.findings()["email-case"]["count"] == 100


def test_the_way_down_and_up_keeps_users_and_the_index(database):
    database.sql(USERS, (1, DECOMPOSED))
    after = database.index()
    with pytest.raises(psycopg2.errors.UniqueViolation) as violation:
        database.sql(USERS, (2, COMPOSED))
    assert violation.value.diag.constraint_name == "_user_lower_email_key"
    database.back()
    assert "lower" in database.index() and database.index() != after
    assert database.sql("SELECT to_regproc('user_api_folded_email')") == [(None,)]
    database.sql(USERS, (2, COMPOSED))
    database.sql("DELETE FROM _user WHERE id = 2")
    assert database.up().returncode == 0
    assert (database.index(), database.sql("SELECT email FROM _user")) == (after, [(DECOMPOSED,)])


def test_a_role_with_rights_to_the_tables_alone_inserts_users(database):
    """The original does not know the function: the server calls it with the rights of the inserting role."""
    database.sql("CREATE ROLE of_the_original LOGIN; GRANT USAGE ON SCHEMA public TO of_the_original")
    database.sql("GRANT SELECT, INSERT ON _user TO of_the_original")
    connection = database.postgres.connect(database.name, "of_the_original")
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_USER, (COMPOSED, "n", "h", "s", True, 1))
            assert cursor.fetchone() == (1,)
            with pytest.raises(psycopg2.errors.UniqueViolation):
                cursor.execute(INSERT_USER, (DECOMPOSED, "n", "h", "s", True, 1))
    finally:
        connection.close()
        database.sql("DROP OWNED BY of_the_original; DROP ROLE of_the_original")


def test_the_original_goes_on_inserting_into_an_adopted_database(postgres):
    original = Original(postgres, 5)
    try:
        assert original.run("adopt").returncode == 0
        insert = "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES (%s, 'n', 'h', 's', true, 1)"
        original.sql(insert, (COMPOSED,))
        with pytest.raises(psycopg2.errors.UniqueViolation):
            original.sql(insert, (DECOMPOSED,))
    finally:
        original.drop()


def test_a_database_of_the_original_with_pairs_that_collide_is_not_adopted(postgres):
    original = Original(postgres, 5)
    try:
        original.sql("UPDATE _user SET email = CASE id WHEN 2 THEN %s ELSE %s END WHERE id IN (2, 4)", (COMPOSED, DECOMPOSED))
        original.sql("UPDATE _user SET name = ' ' WHERE id = 1")
        result = original.run("adopt")
        assert result.returncode == 4
        assert f"user 2 {COMPOSED}, user 4 {DECOMPOSED}" in result.stdout and "name-form 1 " in result.stdout
        original.sql("UPDATE _user SET email = 'other ' WHERE id = 2")
        result = original.run("adopt")
        assert result.returncode in (0, 3) and "email-form 1 " in result.stdout
        assert original.sql("SELECT email, name FROM _user WHERE id < 3 ORDER BY id")[1][0] == "other "
    finally:
        original.drop()


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_JP"])
def test_a_database_of_another_encoding_has_no_normal_form_and_works(postgres, encoding):
    database = Database(postgres, encoding)
    try:
        assert database.up().returncode == 0
        database.sql("INSERT INTO customer (id) VALUES (1)")
        email = "ZO\u00cb@example.org" if encoding == "LATIN1" else "\u0416@example.org"
        database.sql(USERS, (1, email))
        with pytest.raises(psycopg2.errors.UniqueViolation):
            database.sql(USERS, (2, email.lower()))
        shown = admin.run("user", "show", "--json", f"{email.lower()} ", "--database-url", database.url)
        assert json.loads(shown.stdout)["email"] == email
        findings = database.findings()
        assert "without a normal form" in findings["database-encoding"]["message"]
        assert not {"email-changed", "function-changed", "function-missing"} & set(findings)
        database.back()
        assert database.up().returncode == 0
    finally:
        postgres.drop_database(database.name)


def test_the_index_has_the_order_of_the_collation_that_doctor_watches(database):
    """doctor checks the collation's version, because another ICU may fold other letters."""
    assert database.index().endswith('(user_api_folded_email((email)::text) COLLATE "und-x-icu")')
