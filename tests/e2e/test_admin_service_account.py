"""The workers' role in the database: it has exactly the rights that they need."""

import re

import psycopg2
import pytest

from support.installation import assert_one_line

pytest_plugins = ["support.installation_fixtures"]


def test_the_service_account_has_the_rights_the_workers_need_and_no_others(installed):
    tables = {
        "_user": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "user_has_role": {"SELECT", "INSERT", "DELETE"},
        "role": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "customer": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "schema_spec": {"SELECT"},
        "revoked_token": {"SELECT", "INSERT", "DELETE"},
        "failed_login": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "deleted_user": set(),
        "user_count": {"SELECT"},
        "event": {"SELECT"},
        "schema_migrations": set(),
    }
    found = installed.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    # The partitions for months need no rights: the service uses them only through the table.
    months = {name for (name,) in found if name.startswith("event_")}
    tables.update((name, set()) for name in months)
    assert {name for (name,) in found} == set(tables) and len(months) == 4
    privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    holds = "SELECT has_table_privilege(%s, %s, %s)"
    for table, expected in tables.items():
        ask = [(installed.account, table, privilege) for privilege in privileges]
        held = {question[2] for question in ask if installed.sql(holds, question) == [(True,)]}
        assert held == expected, table
    columns = (
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = %s"
    )
    assert [row for row in installed.sql(columns, (installed.account,)) if row[2] not in tables[row[0]]] == []


CALLERS = (
    "SELECT p.proname, a.grantee::regrole::text FROM pg_proc p"
    " CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a"
    " WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner ORDER BY 1"
)


CALLED = {
    "failed_login_reserve", "user_api_session_opened", "user_api_login_blocked", "user_api_event_write",
    "user_api_events_final", "user_api_event_months",
}  # fmt: skip


def callers(account):
    """{(function, caller)}. Everybody may call the index's function, which runs as the role that inserts a user."""
    return {(name, account) for name in CALLED} | {("user_api_folded_email", "-")}


def test_the_service_account_alone_may_call_the_functions_of_the_service(installed):
    assert set(installed.sql(CALLERS)) == callers(installed.account)


@pytest.mark.parametrize("command", [["init"], ["migrate", "up"]])
def test_functions_that_were_restored_without_their_rights_are_closed_again(installation, command):
    installation.init_with_settings()
    installation.sql("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC")
    if command == ["init"]:
        installation.init()
    else:
        installation.operate(*command)
    assert set(installation.sql(CALLERS)) == callers(installation.account)


def test_the_service_account_has_no_power_beyond_its_database(installed):
    role = (
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
        " WHERE rolname = %s"
    )
    assert installed.server.execute(role, (installed.account,)) == [(False,) * 5]
    member = "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s"
    assert installed.server.execute(member, (installed.account,)) == [(0,)]


@pytest.fixture
def service(installed):
    connection = psycopg2.connect(installed.settings()["USER_API_DATABASE_URL"])
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t ()",
        "CREATE TEMP TABLE t ()",
        "CREATE SCHEMA s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
        "DROP TABLE role",
        "TRUNCATE revoked_token",
        "ALTER TABLE _user ADD COLUMN c int",
        "TRUNCATE _user",
        "UPDATE user_has_role SET role_id = 1",
        "UPDATE revoked_token SET user_id = 1",
        "UPDATE schema_spec SET version = '5'",
        "TRUNCATE failed_login",
        "SELECT * FROM deleted_user",
        "INSERT INTO deleted_user VALUES (1, 1)",
        "INSERT INTO user_count VALUES (1, 1, 1, 1)",
        "SELECT user_api_recount()",
        "ALTER TABLE _user DISABLE TRIGGER user_api_user_changing",
        "SET session_replication_role = replica",
        "SELECT * FROM schema_migrations",
    ],
)
def test_the_service_account_is_refused(service, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        service.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM customer WHERE id = 1 FOR UPDATE",
        "SELECT id FROM _user WHERE id = 1 FOR UPDATE",
        "SELECT version FROM schema_spec",
        "UPDATE _user SET epoch = epoch WHERE id = 1",
        "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('x', 'x', 'h', 's', 1)",
        "INSERT INTO user_has_role SELECT u.id, r.id FROM _user u, role r WHERE u.email = 'x'"
        " ON CONFLICT (user_id, role_id) DO NOTHING",
        "DELETE FROM user_has_role h USING _user u WHERE u.id = h.user_id AND u.email = 'x'",
        "INSERT INTO revoked_token SELECT sha256('x'), 1, now() ON CONFLICT (digest) DO NOTHING",
        "DELETE FROM revoked_token WHERE expires_at < now()",
        "SELECT blocked_seconds FROM failed_login_reserve('{account}', ARRAY[sha256('x')], '{1}', '{NULL}', '{1}', 1)",
        "UPDATE failed_login SET failures = 2",
        "DELETE FROM failed_login",
        "DELETE FROM _user WHERE email = 'x'",
        "INSERT INTO customer (name) VALUES ('C')",
        "UPDATE customer SET max_user_quota = NULL WHERE name = 'C'",
        "DELETE FROM customer WHERE name = 'C'",
        "INSERT INTO role (code, name) VALUES ('c', 'n')",
        "UPDATE role SET assignable = false WHERE code = 'c'",
        "DELETE FROM role WHERE code = 'c'",
    ],
)
def test_the_service_account_may(service, statement):
    service.execute(statement)


def test_nobody_else_may_connect_or_use_the_schema(installed):
    acl = "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE grantee = 0 AND datname = %s"
    assert installed.sql(acl, (installed.database,)) == [(0,)]
    acl = "SELECT count(*) FROM pg_namespace, aclexplode(nspacl) WHERE grantee = 0 AND nspname = 'public'"
    assert installed.sql(acl) == [(0,)]


def test_rights_that_crept_in_are_taken_away_again(installation):
    installation.init()
    for grant in (
        "TRUNCATE ON _user",
        "ALL ON role",
        "UPDATE (version) ON schema_spec",
        "CREATE ON SCHEMA public",
        f"TEMP ON DATABASE {installation.database}",
    ):
        installation.sql(f"SET ROLE operator; GRANT {grant} TO {installation.account}")
    installation.init()
    held = installation.sql(
        "SELECT has_table_privilege(a, '_user', 'TRUNCATE'), has_table_privilege(a, 'role', 'TRIGGER'),"
        " has_column_privilege(a, 'schema_spec', 'version', 'UPDATE'),"
        " has_schema_privilege(a, 'public', 'CREATE'),"
        " has_database_privilege(a, current_database(), 'TEMP') FROM (SELECT %s::name AS a) AS account",
        (installation.account,),
    )
    assert held == [(False,) * 5]


def test_a_given_service_password_is_set_and_changed(installation):
    for password in ("first p@ss/word", "second: pass?&#%word"):
        installation.init_with_settings(USER_API_SERVICE_PASSWORD=password)
        psycopg2.connect(installation.settings()["USER_API_DATABASE_URL"]).close()
        psycopg2.connect(
            host=installation.server.folder, port=installation.server.port, dbname=installation.database,
            user=installation.account, password=password,
        ).close()


def test_a_generated_service_password_is_told_once_when_it_is_written_nowhere(installation):
    output = installation.init().stdout
    url = re.search(r"^USER_API_DATABASE_URL=(.*)$", output, re.M).group(1)
    psycopg2.connect(url).close()
    assert "USER_API_DATABASE_URL" not in installation.init().stdout


def test_the_administrator_cannot_be_the_service_account(installation):
    installation.account = "operator"
    assert_one_line(installation.init(check=False, USER_API_SERVICE_PASSWORD="changed"), "must not be the role that you connect as")
    psycopg2.connect(installation.url).close()  # the old password still works
