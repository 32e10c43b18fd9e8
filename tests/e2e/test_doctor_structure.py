"""`user-api-admin doctor` finds damage in the tables themselves, says how to repair it, and that repairs it."""

import datetime
import json
import os
import re
import subprocess

import pytest
from support import admin
from support.original import Original, ours
from support.postgres import SERVICE_ACCOUNT, program
from support.processes import REPOSITORY

OK, WARNINGS, ERRORS = 0, 3, 4
CODES = {"note": OK, "warning": WARNINGS, "error": ERRORS}
SECRET = {"USER_API_JWT_SECRET": "k3T9-fX2m_vQ8wZ4pL7nB1cR6yH5sJ0dG"}
NOW = datetime.datetime.now(datetime.timezone.utc).replace(day=15)
NEXT_MONTH, LATER_MONTH = ((NOW + datetime.timedelta(30 * months)) for months in (1, 2))
ROWS = """
INSERT INTO customer SELECT FROM generate_series(1, 3);
INSERT INTO role (code, name) VALUES ('admin', 'Admin'), ('reader', 'Reader');
INSERT INTO _user (email, name, hash, salt, customer_id)
  SELECT 'u' || i || '@example.org', 'U', '*', '*', 1 FROM generate_series(1, 20) AS i;
INSERT INTO user_has_role SELECT id, 1 FROM _user;
"""
EMAIL_INDEX = "_user_lower_email_key ON public._user"


@pytest.fixture
def own(postgres):
    made = ours(postgres)
    made.sql(ROWS)
    yield made
    made.drop()


def examine(database):
    """{code: finding}, and the exit code. Leaves out hash-none: these databases have users without a password."""
    result = database.run("doctor", "--json", **SECRET)
    assert result.stderr == ""
    document = json.loads(result.stdout)
    return {each["code"]: each for each in document["findings"] if each["code"] != "hash-none"}, result.returncode


def run_commands(database, commands):
    """Runs commands as psql does: in one session, with each statement in a transaction of its own."""
    connection = database.server.connect(database.name)
    with connection.cursor() as cursor:
        for command in commands:
            for statement in command.split("; "):
                cursor.execute(statement)
    connection.close()


def assert_found(database, code, severity, example):
    findings, returned = examine(database)
    assert (list(findings), returned) == ([code], CODES[severity])
    finding = findings[code]
    assert (finding["severity"], finding["count"]) == (severity, 1)
    assert example in finding["examples"][0]
    return finding


def test_a_healthy_database_has_no_finding(own):
    assert examine(own) == ({}, OK)


@pytest.mark.parametrize("layout", ["bare", "keyed"])
def test_an_adopted_database_has_no_finding_but_old_hashes_and_shared_roles(postgres, layout):
    original = Original(postgres, 50, layout)
    for command in ("adopt", "finalize"):
        assert original.run(command).returncode == OK
        assert list(examine(original)[0]) == ["hash-legacy", "role-shared"]
    original.drop()


# Damage that doctor's commands repair: (code, severity, a part of the example, SQL).
MENDED = [
    ("table-unlogged", "error", "user_has_role", "ALTER TABLE user_has_role SET UNLOGGED"),
    ("table-inherited", "error", "_user and more", "CREATE TABLE more () INHERITS (_user)"),
    ("row-security", "error", "_user", "ALTER TABLE _user ENABLE ROW LEVEL SECURITY"),
    ("row-security", "error", "role", "ALTER TABLE role ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"),
    ("trigger-disabled", "error", "customer", "ALTER TABLE customer DISABLE TRIGGER ALL; ALTER TABLE customer ENABLE TRIGGER USER"),
    ("trigger-extra", "warning", "trigger t on _user",
     "CREATE TRIGGER t BEFORE UPDATE ON _user FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
    ("trigger-extra", "warning", "rule r on role", "CREATE RULE r AS ON DELETE TO role DO INSTEAD NOTHING"),
    ("trigger-extra", "warning", "trigger user_api_more on _user",
     "CREATE TRIGGER user_api_more AFTER UPDATE ON _user FOR EACH ROW EXECUTE FUNCTION user_api_user_changed()"),
    ("trigger-disabled", "error", "user_has_role",
     "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgisinternal AND tgrelid = 'user_has_role'::regclass"),
    ("trigger-changed", "error", "user_api_user_changing does not always fire",
     "ALTER TABLE _user ENABLE TRIGGER user_api_user_changing"),
    ("trigger-changed", "error", "user_api_token_revoked does not always fire",
     "ALTER TABLE revoked_token DISABLE TRIGGER user_api_token_revoked"),
    ("trigger-changed", "error", "AFTER INSERT ON public.revoked_token FOR EACH STATEMENT",
     "DROP TRIGGER user_api_token_revoked ON revoked_token; CREATE TRIGGER user_api_token_revoked"
     " AFTER INSERT ON revoked_token EXECUTE FUNCTION user_api_token_revoked();"
     " ALTER TABLE revoked_token ENABLE ALWAYS TRIGGER user_api_token_revoked"),
    ("trigger-missing", "error", "user_api_role_changed on role", "DROP TRIGGER user_api_role_changed ON role"),
    ("trigger-missing", "error", "user_api_memberships_updated on user_has_role",
     "DROP TRIGGER user_api_memberships_updated ON user_has_role"),
    ("count-missing", "warning", "user_api_count_moved on _user", "DROP TRIGGER user_api_count_moved ON _user"),
    ("count-missing", "warning", "user_api_count_arrived on _user", "DROP TRIGGER user_api_count_arrived ON _user"),
    ("count-missing", "warning", "user_api_count_kept on user_count", "DROP TRIGGER user_api_count_kept ON user_count"),
    ("count-changed", "warning", "user_api_count_inserted does not always fire",
     "ALTER TABLE _user ENABLE TRIGGER user_api_count_inserted"),
    ("count-changed", "warning", "AFTER DELETE ON public._user FOR EACH ROW EXECUTE",
     "DROP TRIGGER user_api_count_left ON _user; CREATE TRIGGER user_api_count_left AFTER DELETE ON _user FOR EACH ROW"
     " EXECUTE FUNCTION user_api_user_counted(); ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_left"),
    ("count-wrong", "error", "customer 1: 20 instead of 21 from id 0",
     "ALTER TABLE _user DISABLE TRIGGER user_api_count_inserted;"
     " INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('new', 'n', '*', '*', 1);"
     " ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_inserted"),
    ("count-wrong", "error", "customer 7: -5 instead of 0 from id -4096",
     "SET user_api.recounting = 'on'; INSERT INTO user_count VALUES (7, -1, -5, 0); RESET user_api.recounting"),
    ("count-wrong", "error", "customer 1: 20 active instead of 19 from id 0",
     "ALTER TABLE _user DISABLE TRIGGER user_api_count_moved; UPDATE _user SET active = false WHERE id = 20;"
     " ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_moved"),
    ("event-missing", "error", "user_api_event_user_updated on _user", "DROP TRIGGER user_api_event_user_updated ON _user"),
    ("event-missing", "error", "user_api_event_role_changed on role", "DROP TRIGGER user_api_event_role_changed ON role"),
    ("event-changed", "error", "user_api_event_token_revoked does not fire",
     "ALTER TABLE revoked_token DISABLE TRIGGER user_api_event_token_revoked"),
    ("event-changed", "error", "user_api_event_customer_changed does not fire",
     "ALTER TABLE customer ENABLE REPLICA TRIGGER user_api_event_customer_changed"),
    ("event-changed", "error", "AFTER UPDATE ON public.role FOR EACH ROW",
     "DROP TRIGGER user_api_event_role_changed ON role; CREATE TRIGGER user_api_event_role_changed"
     " AFTER UPDATE ON role FOR EACH ROW EXECUTE FUNCTION user_api_events_of_roles()"),
    ("months-missing", "warning", f"{NEXT_MONTH:%Y-%m}", f"DROP TABLE event_{NEXT_MONTH:%Y%m}"),
    ("months-missing", "warning", f"{NOW:%Y-%m}, {NEXT_MONTH:%Y-%m}",
     f"DROP TABLE event_{NOW:%Y%m}, event_{NEXT_MONTH:%Y%m}"),
    ("months-mixed", "warning", "event_default",
     f"UPDATE event SET at = now() - interval '401 days' WHERE id = 1; DROP TABLE event_{LATER_MONTH:%Y%m}"),
    ("months-mixed", "warning", "event_default",
     f"DROP TABLE event_{LATER_MONTH:%Y%m}; UPDATE event SET at = '{LATER_MONTH:%Y-%m}-15' WHERE id = 1"),
    ("months-old", "warning", "event_200001, event_200002",
     "CREATE TABLE event_200001 PARTITION OF event FOR VALUES FROM ('2000-01-01') TO ('2000-02-01');"
     " CREATE TABLE event_200002 PARTITION OF event FOR VALUES FROM ('2000-02-01') TO ('2000-03-01')"),
    ("sequence-behind", "error", "event.id gives 1 next, ", "ALTER SEQUENCE event_id_seq RESTART"),
    ("sequence-absent", "error", "event.id", "DROP SEQUENCE event_id_seq"),
    ("index-missing", "warning", "event_kind_id_idx", "DROP INDEX event_kind_id_idx"),
    ("index-changed", "warning", "public.event USING btree (id, kind)",
     "DROP INDEX event_kind_id_idx; CREATE INDEX event_kind_id_idx ON event (id, kind)"),
    ("constraint-missing", "error", "event_pkey", "ALTER TABLE event DROP CONSTRAINT event_pkey"),
    ("column-missing", "error", "event.address", "ALTER TABLE event DROP COLUMN address"),
    ("column-missing", "error", "failed_login.recorded", "ALTER TABLE failed_login DROP COLUMN recorded"),
    ("trigger-extra", "warning", "trigger t on event",
     "CREATE TRIGGER t BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
    ("table-unlogged", "error", "user_count", "ALTER TABLE user_count SET UNLOGGED"),
    ("index-missing", "warning", "user_count_customer_id_block_idx", "DROP INDEX user_count_customer_id_block_idx"),
    ("column-missing", "error", "_user.created_at", "ALTER TABLE _user DROP COLUMN created_at"),
    ("column-default", "error", "_user.created_at has none", "ALTER TABLE _user ALTER created_at DROP DEFAULT"),
    ("column-type", "warning", "_user.email is character varying(99)", "ALTER TABLE _user ALTER email TYPE varchar(99)"),
    ("constraint-missing", "error", "deleted_user_pkey", "ALTER TABLE deleted_user DROP CONSTRAINT deleted_user_pkey"),
    ("account-settings", "error", "session_replication_role=replica",
     f"ALTER ROLE {SERVICE_ACCOUNT} IN DATABASE {{name}} SET session_replication_role = replica"),
    ("account-read-only", "warning", "default_transaction_read_only=on",
     "ALTER DATABASE {name} SET default_transaction_read_only = on"),
    ("account-settings", "error", "role=pg_monitor",
     f"ALTER ROLE {SERVICE_ACCOUNT} IN DATABASE {{name}} SET role = pg_monitor"),
    ("table-shadowed", "warning", f"{SERVICE_ACCOUNT}._user",
     f"CREATE SCHEMA {SERVICE_ACCOUNT}; CREATE TABLE {SERVICE_ACCOUNT}._user ()"),
    ("table-shadowed", "warning", '"Other".role',
     'CREATE SCHEMA "Other"; CREATE VIEW "Other".role AS SELECT 1;'
     f' ALTER ROLE {SERVICE_ACCOUNT} IN DATABASE {{name}} SET search_path = "Other", public'),
    ("collation-version", "warning", "und-x-icu 1.2, now",
     "UPDATE pg_collation SET collversion = '1.2' WHERE collname = 'und-x-icu'"),
    ("column-missing", "error", "_user.epoch", "ALTER TABLE _user DROP COLUMN epoch"),
    ("column-type", "warning", "role.name is character varying(99)", "ALTER TABLE role ALTER name TYPE varchar(99)"),
    ("column-type", "warning", 'COLLATE C', 'ALTER TABLE _user ALTER name TYPE varchar(255) COLLATE "C"'),
    ("column-null", "warning", "_user.hash", "ALTER TABLE _user ALTER hash DROP NOT NULL"),
    ("column-default", "error", "_user.epoch has none", "ALTER TABLE _user ALTER epoch DROP DEFAULT"),
    ("function-changed", "error", "user_api_folded_email(text)",
     "CREATE OR REPLACE FUNCTION user_api_folded_email(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'"),
    ("function-changed", "error", "user_api_folded_email(text)", "ALTER FUNCTION user_api_folded_email SECURITY DEFINER"),
    ("function-changed", "error", "user_api_folded_email(text)", "ALTER FUNCTION user_api_folded_email VOLATILE"),
    ("column-default", "error", "_user.active has false", "ALTER TABLE _user ALTER active SET DEFAULT false"),
    ("column-extra", "error", "_user.tax",
     "ALTER TABLE _user ADD tax integer NOT NULL DEFAULT 1; ALTER TABLE _user ALTER tax DROP DEFAULT"),
    ("constraint-missing", "error", "_user_customer_id_fkey", "ALTER TABLE _user DROP CONSTRAINT _user_customer_id_fkey"),
    ("constraint-missing", "error", "_user_pkey (is named id)", "ALTER TABLE _user RENAME CONSTRAINT _user_pkey TO id"),
    ("constraint-changed", "error", "ON DELETE CASCADE",
     "ALTER TABLE user_has_role DROP CONSTRAINT user_has_role_role_id_fkey, ADD CONSTRAINT user_has_role_role_id_fkey"
     " FOREIGN KEY (role_id) REFERENCES role (id) ON DELETE CASCADE"),
    ("constraint-invalid", "warning", "customer_max_user_quota_check",
     "ALTER TABLE customer DROP CONSTRAINT customer_max_user_quota_check,"
     " ADD CONSTRAINT customer_max_user_quota_check CHECK (max_user_quota >= 0) NOT VALID"),
    ("email-missing", "error", "_user_lower_email_key", "DROP INDEX _user_lower_email_key"),
    ("email-changed", "error", f"CREATE INDEX {EMAIL_INDEX}",
     'DROP INDEX _user_lower_email_key; CREATE INDEX _user_lower_email_key ON _user (lower(email COLLATE "und-x-icu"))'),
    ("email-changed", "error", f"CREATE UNIQUE INDEX {EMAIL_INDEX}",
     "DROP INDEX _user_lower_email_key; CREATE UNIQUE INDEX _user_lower_email_key ON _user (lower(email))"),
    ("email-changed", "error", f"CREATE UNIQUE INDEX {EMAIL_INDEX}",
     "DROP INDEX _user_lower_email_key; CREATE UNIQUE INDEX _user_lower_email_key"
     ' ON _user (lower(email COLLATE "und-x-icu")) WHERE active'),
    ("index-missing", "warning", "_user_customer_id_id_email_name_active_idx",
     "DROP INDEX _user_customer_id_id_email_name_active_idx"),
    ("search-missing", "warning", "_user_search_idx", "DROP INDEX _user_search_idx"),
    ("search-missing", "warning", "_user_search_idx", "DROP SCHEMA user_api_search CASCADE"),
    ("search-missing", "warning", "_user_search_idx",
     'DROP EXTENSION btree_gin CASCADE; CREATE SCHEMA "Other one"; ALTER EXTENSION pg_trgm SET SCHEMA "Other one"'),
    ("search-changed", "warning", "gin_trgm_ops",
     "DROP INDEX _user_search_idx; CREATE INDEX _user_search_idx ON _user USING gin (email user_api_search.gin_trgm_ops)"),
    ("index-changed", "warning", "(id, custom",
     "DROP INDEX _user_customer_id_id_email_name_active_idx; CREATE INDEX _user_customer_id_id_email_name_active_idx"
     " ON _user (id, customer_id) INCLUDE (email, name, active)"),
    ("index-invalid", "error", "_user_lower_email_key",
     "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '_user_lower_email_key'::regclass"),
    ("index-invalid", "error", "role_code_key",
     "UPDATE pg_index SET indisready = false WHERE indexrelid = 'role_code_key'::regclass"),
    ("index-leftover", "warning", "_user_lower_email_key_ccnew",
     "CREATE INDEX _user_lower_email_key_ccnew ON _user (id);"
     " UPDATE pg_index SET indisvalid = false WHERE indexrelid = '_user_lower_email_key_ccnew'::regclass"),
    ("constraint-missing", "error", "failed_login_kind_check", "ALTER TABLE failed_login DROP CONSTRAINT failed_login_kind_check"),
    ("constraint-missing", "error", "failed_login_address_check",
     "ALTER TABLE failed_login DROP CONSTRAINT failed_login_address_check"),
    ("table-unlogged", "error", "failed_login", "ALTER TABLE failed_login SET UNLOGGED"),
    ("index-missing", "warning", "failed_login_ends_at_idx", "DROP INDEX failed_login_ends_at_idx"),
    ("sequence-behind", "error", "_user.id gives 1 next, 20 is taken", "ALTER SEQUENCE _user_id_seq RESTART WITH 1"),
    ("sequence-behind", "error", "role.id gives 2 next, 2 is taken", "SELECT setval('role_id_seq', 1)"),
    ("sequence-behind", "error", "customer.id gives 3 next, 3 is taken", "SELECT setval('customer_id_seq', 2)"),
    ("sequence-full", "error", "_user.id, 32767 is the last",
     "ALTER SEQUENCE _user_id_seq AS smallint; SELECT setval('_user_id_seq', 32767)"),
    ("sequence-end", "warning", "_user.id gives 30001 next, 32767 is the last",
     "ALTER SEQUENCE _user_id_seq AS smallint; SELECT setval('_user_id_seq', 30000)"),
    ("sequence-absent", "error", "_user.id", "ALTER TABLE _user ALTER id DROP IDENTITY"),
    ("sequence-absent", "error", "role.id",
     "ALTER TABLE role ALTER id DROP IDENTITY; ALTER TABLE role ALTER id SET DEFAULT 7"),
    ("sequence-changed", "error", "role.id is GENERATED ALWAYS", "ALTER TABLE role ALTER id SET GENERATED ALWAYS"),
    ("sequence-changed", "error", "role_id_seq counts by 1, in a circle", "ALTER SEQUENCE role_id_seq CYCLE"),
]  # fmt: skip


@pytest.mark.parametrize("code, severity, example, sql", MENDED, ids=[f"{row[0]}-{row[3][:40]}" for row in MENDED])
def test_what_is_broken_is_found_and_what_doctor_says_mends_it(own, code, severity, example, sql):
    own.sql(sql.format(name=own.name))
    finding = assert_found(own, code, severity, example)
    run_commands(own, finding["fix"])
    assert examine(own) == ({}, OK)


@pytest.mark.parametrize(
    "whose, setting, code, severity",
    [
        (SERVICE_ACCOUNT, "session_replication_role=replica", "account-settings", "error"),
        ("ALL", "default_transaction_read_only=true", "account-read-only", "warning"),
    ],
)
def test_what_is_set_in_all_databases_is_found_and_mended_too(own, whose, setting, code, severity):
    own.sql(f"ALTER ROLE {whose} SET {setting}")
    try:
        run_commands(own, assert_found(own, code, severity, setting)["fix"])
        assert examine(own) == ({}, OK)
    finally:
        run_commands(own, [f"SET default_transaction_read_only = off; ALTER ROLE {whose} RESET ALL"])


# Findings without a command: a person must decide, or nothing is wrong.
TOLD = [
    ("table-kind", "error", "revoked_token is a view", "ALTER TABLE revoked_token RENAME TO t; CREATE VIEW revoked_token AS SELECT * FROM t"),
    ("table-kind", "error", "revoked_token is partitioned",
     "DROP TABLE revoked_token; CREATE TABLE revoked_token (digest bytea) PARTITION BY HASH (digest)"),
    ("column-missing", "error", "revoked_token.digest", "DROP TABLE revoked_token"),
    ("table-kind", "error", "event is not partitioned", "ALTER TABLE event RENAME TO e; CREATE TABLE event (LIKE e)"),
    ("function-missing", "error", "user_api_event_write(", "DROP FUNCTION user_api_event_write"),
    ("function-changed", "error", "user_api_event_months(", "ALTER FUNCTION user_api_event_months RESET lock_timeout"),
    ("column-missing", "error", "event.id", "DROP TABLE event"),
    ("column-missing", "error", "user_count.active", "ALTER TABLE user_count DROP COLUMN active"),
    ("function-missing", "error", "failed_login_reserve(", "DROP FUNCTION failed_login_reserve"),
    ("function-changed", "error", "failed_login_reserve(", "ALTER FUNCTION failed_login_reserve SECURITY DEFINER"),
    ("function-changed", "error", "user_api_notify(", "ALTER FUNCTION user_api_notify SECURITY INVOKER"),
    ("function-changed", "error", "failed_login_reserve(", "ALTER FUNCTION failed_login_reserve RESET search_path"),
    ("function-changed", "error", "failed_login_reserve(", "ALTER FUNCTION failed_login_reserve RESET ALL"),
    ("function-changed", "error", "failed_login_reserve(",
     "UPDATE pg_proc SET prosrc = replace(prosrc, '<', '>') WHERE proname = 'failed_login_reserve'"),
    ("row-policies", "note", "_user", "CREATE POLICY p ON _user USING (true)"),
    ("constraint-extra", "note", "short on role: CHECK", "ALTER TABLE role ADD CONSTRAINT short CHECK (length(code) < 9)"),
    ("constraint-extra", "note", "orders_user_id_fkey on orders",
     "CREATE TABLE orders (user_id integer REFERENCES _user (id))"),
    ("index-extra", "note", "one_name", "CREATE UNIQUE INDEX one_name ON role (name)"),
    ("sequence-end", "warning", "customer.id gives 2147483001 next", "SELECT setval('customer_id_seq', 2147483000)"),
    ("sequence-full", "error", "customer.id, 2147483647 is the last", "SELECT setval('customer_id_seq', 2147483647)"),
]  # fmt: skip


@pytest.mark.parametrize("code, severity, example, sql", TOLD, ids=[f"{row[0]}-{row[3][:40]}" for row in TOLD])
def test_what_somebody_has_to_decide_is_found(own, code, severity, example, sql):
    own.sql(sql)
    finding = examine(own)[0][code]
    assert finding["severity"] == severity
    assert [each for each in finding["examples"] if example in each]


def test_row_level_security_that_hides_nothing_from_the_service_account_is_a_note(own):
    own.sql("ALTER TABLE _user ENABLE ROW LEVEL SECURITY")
    own.server.execute("CREATE ROLE sees_all LOGIN BYPASSRLS")
    result = own.run("doctor", "--json", "--service-account", "sees_all", **SECRET)
    assert {"row-policies", "account-powers"} <= {each["code"] for each in json.loads(result.stdout)["findings"]}
    assert "row-security" not in result.stdout
    own.server.execute("DROP ROLE sees_all")


def test_a_sequence_that_belongs_to_no_column_is_found_and_then_granted(own):
    own.sql("ALTER TABLE _user ALTER id DROP IDENTITY; CREATE SEQUENCE loose START 21")
    own.sql("ALTER TABLE _user ALTER id SET DEFAULT nextval('loose')")
    run_commands(own, assert_found(own, "sequence-absent", "error", "_user.id")["fix"])
    assert_found(own, "rights-missing", "error", "USAGE on the sequence of _user.id")
    assert own.run("migrate", "up").returncode == OK
    assert examine(own) == ({}, OK)


def test_a_view_in_place_of_a_table_of_the_original_is_named(own):
    own.sql("ALTER TABLE _user RENAME TO people; CREATE VIEW _user AS SELECT * FROM people")
    findings, code = examine(own)
    assert (list(findings), code) == (["table-kind", "schema-unknown"], ERRORS)
    assert findings["table-kind"]["examples"] == ["_user is a view"]


def test_what_a_restore_of_data_alone_leaves_of_the_triggers_is_found_and_mended(own):
    own.sql("ALTER TABLE _user DISABLE TRIGGER ALL")
    findings, code = examine(own)
    assert (list(findings), code) == (["trigger-disabled", "trigger-changed", "event-changed", "count-changed"], ERRORS)
    assert findings["trigger-changed"]["count"] == findings["count-changed"]["count"] == 6
    assert findings["event-changed"]["count"] == 4
    own.sql("ALTER TABLE _user ENABLE TRIGGER ALL")
    assert list(examine(own)[0]) == ["trigger-changed", "count-changed"]
    run_commands(own, findings["trigger-disabled"]["fix"])
    assert examine(own) == ({}, OK)


@pytest.mark.parametrize("options", [[], ["--no-owner", "--no-privileges"]], ids=["plain", "without-owners-and-rights"])
def test_a_database_that_was_dumped_and_restored_has_no_finding(own, options):
    name = own.server.create_database(migrated=False)
    dump = subprocess.run([program("pg_dump"), "-Fc", own.url], stdout=subprocess.PIPE, check=True)
    url = own.server.url(name, "postgres")
    subprocess.run([program("pg_restore"), "--exit-on-error", *options, "-d", url], input=dump.stdout, check=True)
    events = own.sql("SELECT tableoid::regclass::text, event.* FROM event ORDER BY id")
    own.drop()
    own.name, own.url = name, url
    assert own.run("migrate", "up").returncode == OK
    assert examine(own) == ({}, OK)
    assert own.sql("SELECT tableoid::regclass::text, event.* FROM event ORDER BY id") == events != []
    own.sql("INSERT INTO role (code, name) VALUES ('new', 'New')")
    assert own.sql("SELECT kind FROM event WHERE id > %s", (events[-1][1],)) == [("role.created",)]


def test_months_are_judged_by_the_services_settings(own):
    own.sql("CREATE TABLE event_200001 PARTITION OF event FOR VALUES FROM ('2000-01-01') TO ('2000-02-01')")
    assert assert_found(own, "months-old", "warning", "event_200001")["fix"] == ["SELECT public.user_api_event_months(400);"]
    result = own.run("doctor", "--json", USER_API_EVENT_DAYS="36500", **SECRET)
    assert (result.returncode, "months-old" in result.stdout) == (OK, False)
    own.sql("DROP TABLE event_200001")
    own.sql(f"DROP TABLE event_{NEXT_MONTH:%Y%m}")
    said = own.run("doctor", USER_API_EVENT_DAYS="30", **SECRET).stdout
    assert "fix: SELECT public.user_api_event_months(30);" in said


def test_functions_of_triggers_whose_owner_may_not_change_users_are_found(own):
    own.server.execute("CREATE ROLE stranger")
    own.sql("ALTER FUNCTION user_api_user_changing OWNER TO stranger")
    finding = assert_found(own, "function-changed", "error", "user_api_user_changing() belongs to stranger, and _user does not")
    run_commands(own, finding["fix"])
    assert examine(own) == ({}, OK)
    own.server.execute("DROP ROLE stranger")


def test_a_server_that_checks_no_foreign_keys_is_found(own):
    own.sql("ALTER SYSTEM SET session_replication_role = replica")
    own.sql("SELECT pg_reload_conf()")
    try:
        finding = assert_found(own, "account-settings", "error", "for the server")
    finally:
        run_commands(own, ["ALTER SYSTEM RESET session_replication_role; SELECT pg_reload_conf()"])
    assert finding["fix"] == ["ALTER SYSTEM RESET session_replication_role; SELECT pg_reload_conf();"]


def test_a_database_whose_own_collation_has_changed_is_found(own):
    if own.sql("SHOW server_version_num") < [("150000",)]:
        pytest.skip("PostgreSQL records the version of a database's collation since 15")
    name = own.name + "_icu"
    own.server.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
    icu = ours(own.server)
    icu.drop()
    icu.name, icu.url = name, own.server.url(name, "postgres")
    assert icu.run("migrate", "up").returncode == OK
    icu.sql("UPDATE pg_database SET datcollversion = '1.2' WHERE datname = current_database()")
    finding = assert_found(icu, "collation-version", "warning", "the database's 1.2, now")
    run_commands(icu, finding["fix"])
    assert examine(icu) == ({}, OK)
    icu.drop()


def test_a_database_of_another_encoding_is_found(own):
    name = own.name + "_latin"
    own.server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    own.drop()
    own.name, own.url = name, own.server.url(name, "postgres")
    assert own.run("migrate", "up").returncode == OK
    assert_found(own, "database-encoding", "warning", "LATIN1")


def test_nothing_that_the_migrations_make_can_go_without_a_finding(own):
    bare = "SELECT indexrelid::regclass FROM pg_index WHERE indrelid::regclass::text <> 'schema_migrations' AND indrelid >= 16384"
    of_constraints = " AND indexrelid NOT IN (SELECT conindid FROM pg_constraint UNION SELECT inhrelid FROM pg_inherits)"
    indexes = [row[0] for row in own.sql(bare + of_constraints) if not row[0].startswith("pg_toast")]
    constraints = own.sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " AND conrelid <> 'schema_migrations'::regclass AND conparentid = 0 ORDER BY contype = 'p'"
    )
    for index in indexes:
        own.sql(f"DROP INDEX {index}")
    for table, constraint in constraints:
        own.sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint} CASCADE")
    findings, _ = examine(own)
    codes = ("index-missing", "email-missing", "search-missing")
    assert sum(findings[code]["count"] for code in codes) == len(indexes) >= 11
    assert findings["constraint-missing"]["count"] == len(constraints) >= 14
    # A dropped key leaves its columns NOT NULL. Another check covers columns that the original also had.
    tables = "'revoked_token'::regclass, 'failed_login'::regclass, 'deleted_user'::regclass, 'user_count'::regclass, 'event'::regclass"
    columns = own.sql(f"SELECT attname FROM pg_attribute WHERE attrelid IN ({tables}) AND attnum > 0 AND NOT attisdropped")
    functions = own.sql("SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    triggers = own.sql("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    for name, table in triggers:
        own.sql(f"DROP TRIGGER {name} ON {table}")
    own.sql("ALTER TABLE _user DROP COLUMN epoch, DROP COLUMN created_at")
    own.sql("DROP TABLE revoked_token, failed_login, deleted_user, user_count, event")
    for (function,) in functions:
        own.sql(f"DROP FUNCTION {function}")
    findings, _ = examine(own)
    assert findings["column-missing"]["count"] == len(columns) + 2
    assert findings["trigger-missing"]["count"] == 12
    assert findings["count-missing"]["count"] == 7
    assert findings["event-missing"]["count"] == 13 == len(triggers) - 12 - 7
    assert findings["function-missing"]["count"] == len(functions) == 28


def test_mends_are_below_the_line_of_their_finding(own):
    own.sql("ALTER SEQUENCE role_id_seq RESTART WITH 1")
    lines = own.run("doctor", **SECRET).stdout.splitlines()
    at = lines.index("error   sequence-behind 1 sequences that give ids which are taken: new rows fail: role.id gives 1 next, 2 is taken")
    assert lines[at + 1] == "        fix: SELECT setval('role_id_seq', (SELECT max(id) FROM public.role));"


def test_a_name_that_would_forge_a_line_is_made_plain(own):
    own.sql('CREATE RULE "x\nerror   forged 1 " AS ON DELETE TO role DO INSTEAD NOTHING')
    assert not [line for line in own.run("doctor", **SECRET).stdout.splitlines() if line.startswith("error")]


def test_control_characters_of_an_email_do_not_reach_the_terminal(own):
    own.sql("INSERT INTO _user (email, name, hash, salt, customer_id) VALUES (U&'a\\001b[2J\\009b2J', 'n', 'x', 'x', 1)")
    said = own.run("doctor", **SECRET).stdout
    assert "a [2J 2J" in said and "\x1b" not in said and "\x9b" not in said


def test_sequences_that_the_role_may_not_read_are_a_note(own):
    own.server.execute("CREATE ROLE onlooker LOGIN")
    own.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker; GRANT USAGE ON SCHEMA public TO onlooker")
    url = own.server.url(own.name, "onlooker")
    result = admin.run("doctor", "--json", "--database-url", url, check=False, **SECRET)
    (finding,) = [each for each in json.loads(result.stdout)["findings"] if each["code"] == "sequence-unread"]
    assert finding["fix"] == ["connect as an owner of the tables"]
    assert (finding["severity"], finding["count"]) == ("note", 4)
    own.sql("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM onlooker; REVOKE ALL ON SCHEMA public FROM onlooker")
    own.server.execute("DROP ROLE onlooker")


def test_the_manual_lists_every_code():
    def read(*path):
        with open(os.path.join(REPOSITORY, *path), encoding="utf-8") as file:
            return file.read()

    codes = re.findall(r'(?m)^    \{"([a-z-]+)", UA_SEVERITY', read("src", "operator", "diagnosis_structure.c"))
    section = read("docs", "operating.md").partition("\n## Is all well?\n")[2]
    rows = re.findall(r"(?m)^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", section)
    assert sorted(re.findall(r"[a-z-]+", " ".join(rows))) == sorted(codes)
    assert {row[0] for row in MENDED + TOLD} | {"database-encoding", "sequence-unread"} == set(codes)
