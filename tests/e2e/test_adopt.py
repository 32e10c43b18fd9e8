"""Adopting a database that the original made: in place, while the original runs, and the way back."""

import glob
import json
import os
import threading

import psycopg2
import pytest
from support import admin, hashes
from support.client import assert_wrong_login
from support.original import CUSTOMERS, ROLES, TABLES, USERS, Original, ours, person
from support.postgres import SERVICE_ACCOUNT
from support.processes import REPOSITORY, wait_until
from support.service import Service

pytestmark = pytest.mark.long

THOUSANDS = 2000
LAYOUTS = ["bare", "keyed"]


@pytest.fixture(params=LAYOUTS)
def original(request, postgres):
    made = Original(postgres, layout=request.param)
    yield made
    made.drop()


@pytest.fixture
def bare(postgres):
    made = Original(postgres)
    yield made
    made.drop()


@pytest.fixture
def serve(new_folder):
    made = []

    def start(database, **settings):
        made.append(Service(database, new_folder(), **settings))
        return made[-1]

    yield start
    for each in made:
        each.nginx.stop()
        assert not each.pool.process.running() or each.pool.terminate() == 0
        each.pool.log_lines()
        each.pool.stop()


def adopt(database, *arguments, code=0):
    result = database.run("adopt", *arguments)
    assert result.returncode == code, result.stdout + result.stderr
    return result


def state(database):
    """The whole database except the counter of schema_spec: a sequence takes no value back, and a gap is harmless."""
    return database.rows(), database.schema(), {**database.next_ids(), "schema_spec_id_seq": None}


def test_rows_ids_hashes_and_counts_are_the_same_afterwards(postgres):
    database = Original(postgres, THOUSANDS)
    before = database.rows()
    assert {table: len(before[table]) for table in ("customer", "_user", "role")} == {
        "customer": CUSTOMERS,
        "_user": THOUSANDS,
        "role": len(ROLES),
    }
    said = adopt(database).stdout
    assert database.rows() == before
    memberships = len(before["user_has_role"])
    assert f"adopted: {CUSTOMERS} customers, {THOUSANDS} users, {len(ROLES)} roles, {memberships} memberships" in said
    assert "USER_API_UPGRADE_HASHES=off" in said and "finalize" in said
    database.drop()


def test_the_schema_is_then_ours_but_for_what_the_original_relies_on(original, postgres):
    adopt(original)
    reference = ours(postgres)
    found, expected = original.schema(), reference.schema()
    serial = {repr((table, "id"))[:-1] for table in ("customer", "_user", "role", "schema_spec")}
    others = lambda columns: [c for c in columns if not c.startswith(tuple(serial))]  # noqa: E731
    assert others(found["columns"]) == others(expected["columns"])
    own = {
        "constraints": [repr(("_user", "_user_email_key", "UNIQUE (email)", True))],
        "indexes": [
            repr(
                ("_user", "_user_email_key", "CREATE UNIQUE INDEX _user_email_key ON public._user USING btree (email)")
            )
        ],
    }
    for part in ("constraints", "indexes", "sequences", "rights"):
        assert sorted(expected[part] + own.get(part, [])) == found[part], part
    reference.drop()


def test_the_ledger_lets_migrate_go_on_and_the_last_one_be_taken_back(original):
    before = original.rows()
    adopt(original)
    everything = admin.run("migrate", "status", original.url).stdout
    assert "Pending: 0" in everything and "[?]" not in everything
    assert admin.run("migrate", "up", original.url).stdout == "up to date\n"
    for pending in range(1, len(glob.glob(os.path.join(REPOSITORY, "migrations", "*.sql")))):
        admin.run("migrate", "down", original.url)
        assert f"Pending: {pending}" in admin.run("migrate", "status", original.url).stdout
        assert original.rows() == before
    refused = admin.run("migrate", "down", original.url, check=False)
    assert (refused.returncode, original.rows()) == (1, before)
    assert "the tables are the original's" in refused.stderr
    admin.run("migrate", "up", original.url)
    assert original.rows() == before


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE _user RENAME CONSTRAINT _user_email_key TO of_pgloader",
        "ALTER TABLE _user DROP CONSTRAINT _user_email_key; CREATE UNIQUE INDEX of_pgloader ON _user (email)",
    ],
    ids=["constraint", "index"],
)
def test_the_originals_rule_for_emails_gets_the_name_that_the_service_goes_by(bare, sql):
    bare.sql(sql)
    adopt(bare)
    indexes = [row[0] for row in bare.sql("SELECT indexname FROM pg_indexes WHERE tablename = '_user'")]
    assert "_user_email_key" in indexes and "of_pgloader" not in indexes
    assert bare.run("finalize").returncode == 0
    assert not bare.sql("SELECT 1 FROM pg_indexes WHERE indexname = '_user_email_key'")


def test_doctor_finds_nothing_wrong_afterwards(original):
    adopt(original)
    result = original.run("doctor", "--json")
    assert (result.returncode, json.loads(result.stdout)["schema"]) == (0, "user-api")


def test_adopting_twice_changes_nothing(original):
    adopt(original)
    before = state(original)
    assert "nothing to adopt" in adopt(original).stdout
    assert state(original) == before


def test_emails_that_differ_in_case_alone_are_never_adopted(bare):
    bare.sql("UPDATE _user SET email = 'PERSON9@example.org' WHERE id = 3")
    before = state(bare)
    assert "error   email-case 2 " in adopt(bare, code=4).stdout
    assert state(bare) == before


def test_two_who_adopt_at_once_adopt_it_once(bare):
    outcomes = []
    both = [threading.Thread(target=lambda: outcomes.append(bare.run("adopt"))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sum("adopted: " in each.stdout for each in outcomes) == 1
    for each in outcomes:
        if "adopted: " not in each.stdout:
            assert "just adopted" in each.stderr or "nothing to adopt" in each.stdout
    assert bare.sql("SELECT count(DISTINCT version) = count(*) FROM schema_spec") == [(True,)]


def test_old_passwords_log_in_and_the_hashes_stay_while_the_original_runs(original, serve):
    adopt(original)
    before = original.rows()["_user"]
    service = serve(original)
    for number in (1, 2, 3, USERS - 1):
        answer = service.login(number)
        assert (answer.status_code, answer.json()["id"]) == (200, number)
        assert [role["code"] for role in answer.json().get("roles", [])] == list(person(number).roles)
    assert service.login(10).json()["message"] == "User is not active."
    assert_wrong_login(service.client.login(person(1).email, "wrong"))
    assert original.rows()["_user"] == before


def test_a_token_minted_as_the_original_does_works(original, serve):
    adopt(original)
    service = serve(original)
    claims, token = service.mint(2)
    answer = service.client.bearer(token).get("/api/users/token")
    assert (answer.status_code, answer.json()) == (200, claims)
    assert service.client.bearer(token).get("/api/users/3").status_code == 404  # a user of another customer
    assert service.client.bearer(token).get(f"/api/users/{2 + CUSTOMERS}").status_code == 200


def test_the_originals_own_statements_go_on_working(original):
    adopt(original)
    number = original.insert("later@example.org", "später")
    assert number == USERS + 1
    original.sql("UPDATE _user SET name = %s, hash = %s, salt = %s WHERE _user.id = %s", ("x", "y", "z", number))
    original.sql("INSERT INTO user_has_role (user_id, role_id) VALUES (%s, %s)", (number, 1))
    original.sql("INSERT INTO role (code, name) VALUES ('new', 'New')")
    original.sql("INSERT INTO customer (max_user_quota) VALUES (NULL)")
    assert original.sql("SELECT nextval('_user_id_seq'), nextval('role_id_seq')") == [(USERS + 2, 5)]
    with pytest.raises(psycopg2.errors.UniqueViolation):
        original.insert("later@example.org", "twice")
    original.sql("DELETE FROM user_has_role WHERE user_id = %s", (number,))
    original.sql("DELETE FROM _user WHERE id = %s", (number,))


def test_users_registered_here_and_there_get_ids_of_one_sequence(original, serve):
    adopt(original)
    service = serve(original)
    there = original.insert("there@example.org", "dort dort")
    document = {"email": "here@example.org", "name": "h", "password": "hier hier", "active": True, "roles": []}
    _, token = service.mint(2)
    answer = service.client.bearer(token).post("/api/users/", document)
    assert (answer.status_code, answer.json()["id"]) == (201, there + 1)
    assert original.insert("again@example.org", "dort dort") == there + 2
    assert service.client.login("there@example.org", "dort dort").status_code == 200


INJECTED = {
    "raise": "RAISE EXCEPTION 'injected'",
    "lost": "PERFORM pg_terminate_backend(pg_backend_pid())",
}


@pytest.mark.parametrize("how", INJECTED)
@pytest.mark.parametrize("tag", ["ALTER TABLE", "CREATE TABLE", "CREATE INDEX", "GRANT"])
def test_a_failure_in_the_middle_leaves_no_trace(bare, tag, how):
    bare.insert("repeated@example.org", "x")
    bare.sql(f"INSERT INTO user_has_role VALUES ({USERS + 1}, 1), ({USERS + 1}, 1)")
    before = state(bare)
    bare.sql(f"CREATE FUNCTION inject() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {INJECTED[how]}; END $$")
    bare.sql(f"CREATE EVENT TRIGGER inject ON ddl_command_end WHEN TAG IN ('{tag}') EXECUTE FUNCTION inject()")
    said = adopt(bare, code=1)
    assert said.stderr.startswith("user-api-admin: nothing was changed: ")
    assert ("(SQLSTATE P0001)" in said.stderr) == (how == "raise")
    assert len(said.stderr.splitlines()) == 1 and "adopted: " not in said.stdout
    bare.sql("DROP EVENT TRIGGER inject; DROP FUNCTION inject")
    assert state(bare) == before
    adopt(bare)


@pytest.mark.parametrize(
    "sql",
    ["CREATE TABLE revoked_token ()", "CREATE TABLE failed_login ()", "CREATE INDEX _user_customer_id_id_idx ON _user (id)"],
)
def test_what_stands_in_the_way_is_left_there(bare, sql):
    bare.sql(sql)
    before = state(bare)
    adopt(bare, code=1)
    assert state(bare) == before


def test_whoever_is_killed_while_waiting_has_changed_nothing(bare):
    before = state(bare)
    holder = bare.server.connect(bare.name)
    holder.autocommit = False
    holder.cursor().execute("LOCK TABLE user_has_role IN ACCESS SHARE MODE")
    outcome = []
    waiting = threading.Thread(target=lambda: outcome.append(bare.run("adopt")))
    waiting.start()
    ask = (
        "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = 'user-api-admin'"
        " AND wait_event_type = 'Lock'"
    )
    wait_until(lambda: bare.sql(ask, (bare.name,)), 20, "adopt waits for the table")
    bare.sql("SELECT pg_terminate_backend(%s)", bare.sql(ask, (bare.name,))[0])
    waiting.join()
    holder.close()
    assert outcome[0].returncode == 1 and "nothing was changed" in outcome[0].stderr
    assert state(bare) == before


@pytest.mark.parametrize(
    "sql, code",
    [
        ("UPDATE customer SET max_user_quota = -1 WHERE id = 3", "quota-negative"),
        ("UPDATE _user SET name = NULL WHERE id = 3", "name-null"),
        ("UPDATE _user SET customer_id = NULL WHERE id = 3", "customer-null"),
        ("INSERT INTO user_has_role VALUES (NULL, 1)", "membership-orphan"),
        ("ALTER TABLE _user DROP COLUMN salt", "schema-columns"),
        (f"ALTER TABLE _user OWNER TO {SERVICE_ACCOUNT}", "account-owner"),
        ("ALTER TABLE role DROP CONSTRAINT role_code_key; UPDATE role SET code = NULL WHERE id = 1", "role-null"),
    ],
)
def test_where_doctor_finds_an_error_it_refuses_and_changes_nothing(bare, sql, code):
    bare.sql(sql)
    before = bare.schema(), bare.next_ids(), bare.sql("SELECT * FROM _user ORDER BY id")
    said = adopt(bare, code=4)
    assert f"error   {code} 1 " in said.stdout
    assert said.stderr == "user-api-admin: refused, nothing was changed: fix the errors first\n"
    assert (bare.schema(), bare.next_ids(), bare.sql("SELECT * FROM _user ORDER BY id")) == before


def test_warnings_are_told_and_do_no_harm(bare):
    bare.sql("UPDATE _user SET email = '1', active = NULL WHERE id = 3")
    bare.sql("DELETE FROM user_has_role WHERE user_id = 4")
    bare.sql("INSERT INTO user_has_role VALUES (4, 1), (4, 1), (4, 1), (4, 2)")
    said = adopt(bare).stdout
    assert "warning email-number 1 " in said and "warning membership-twice 1 " in said
    assert "removed: 2 memberships that existed more than once" in said
    assert bare.sql("SELECT user_id, role_id FROM user_has_role WHERE user_id = 4 ORDER BY 2") == [(4, 1), (4, 2)]
    assert bare.sql("SELECT email, active FROM _user WHERE id = 3") == [("1", False)]


def test_hashes_that_cannot_be_verified_are_told_and_padded_ones_log_in(bare, serve):
    store = "UPDATE _user SET hash = %s, salt = %s WHERE id = %s"
    bare.sql(store, (hashes.EXPENSIVE, hashes.EXPENSIVE[:29], 2))
    bare.sql(store, (hashes.PADDED_BOTH, hashes.PADDED_BOTH[:29], 3))
    said = adopt(bare).stdout
    assert "warning hash-expensive 1 " in said and f"user 2 {person(2).email}" in said
    assert "hash-unknown" not in said
    service = serve(bare)
    assert service.client.login(person(3).email, hashes.PASSWORD).json()["id"] == 3
    assert_wrong_login(service.client.login(person(2).email, hashes.PASSWORD))


def test_a_sequence_that_lags_behind_its_ids_is_set(bare):
    bare.sql("INSERT INTO _user (id, email, name, hash, salt, active, customer_id) VALUES (900, 'e', 'n', '', '', true, 1)")
    adopt(bare)
    assert bare.insert("next@example.org", "x") == 901


def test_an_owner_who_is_no_superuser_may_adopt(bare):
    bare.sql("CREATE ROLE python_original LOGIN")
    bare.sql(f"ALTER DATABASE {bare.name} OWNER TO python_original")
    for table in (*TABLES, "schema_spec"):
        bare.sql(f"ALTER TABLE {table} OWNER TO python_original")
    said = admin.run("adopt", bare.server.url(bare.name, "python_original")).stdout
    assert f"granted: {SERVICE_ACCOUNT}" in said
    assert bare.server.execute("SELECT count(*) FROM _user", database=bare.name, user=SERVICE_ACCOUNT) == [(USERS,)]


def test_a_service_account_that_is_named_has_to_be_there(bare):
    before = state(bare)
    said = adopt(bare, "--service-account", "nobody_knows", code=1)
    assert "there is no role nobody_knows" in said.stderr
    assert state(bare) == before


def test_a_database_without_the_originals_tables_is_refused(postgres):
    name = postgres.create_database(migrated=False)
    result = admin.run("adopt", postgres.url(name, "postgres"), check=False)
    assert result.returncode == 4
    assert postgres.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=name) == [(0,)]
    postgres.drop_database(name)


def test_finalize_leaves_the_schema_that_the_migrations_make_to_the_letter(original, postgres):
    adopt(original)
    rows, next_ids = original.rows(), original.next_ids()
    result = original.run("finalize")
    assert result.returncode == 0 and "finalized: " in result.stdout, result.stderr
    reference = ours(postgres)
    assert original.schema() == reference.schema()
    assert original.rows() == rows
    assert original.insert("next@example.org", "x") == next_ids["_user_id_seq"] + 1
    assert original.run("doctor").returncode == 0
    reference.drop()


def test_finalize_says_what_remains_and_the_next_login_upgrades_the_hash(original, serve):
    adopt(original)
    said = original.run("finalize").stdout
    assert "set USER_API_UPGRADE_HASHES=on" in said and f"{USERS} users with the original's hash" in said
    service = serve(original, USER_API_UPGRADE_HASHES="on")
    assert service.login(1).status_code == 200
    stored = original.sql("SELECT hash FROM _user WHERE id = 1")[0][0]
    assert stored.startswith("$2b$")
    assert service.login(1).status_code == 200
    assert f"{USERS - 1} users with the original's hash" in original.run("finalize").stdout


def test_finalizing_twice_changes_nothing(bare):
    adopt(bare)
    bare.run("finalize")
    before = state(bare)
    again = bare.run("finalize")
    assert again.returncode == 0 and "nothing to finalize" in again.stdout
    assert state(bare) == before


def test_finalize_refuses_what_is_not_adopted(bare):
    before = state(bare)
    result = bare.run("finalize")
    assert (result.returncode, state(bare)) == (1, before)
    assert "not adopted yet" in result.stderr


def test_a_failure_in_the_middle_of_finalize_leaves_no_trace(bare):
    adopt(bare)
    before = state(bare)
    bare.sql("CREATE VIEW v AS SELECT nextval('schema_spec_id_seq')")
    result = bare.run("finalize")
    assert result.returncode == 1 and "nothing was changed" in result.stderr
    bare.sql("DROP VIEW v")
    assert state(bare) == before


def test_the_way_back_is_to_stop_this_program(original, serve):
    """The original reads what was registered and changed meanwhile. Hashes in its format stay unchanged."""
    adopt(original)
    before = original.rows()
    service = serve(original)
    for number in (1, 2):
        assert service.login(number).status_code == 200
    service.pool.stop()
    assert original.rows() == before
    assert original.insert("after@example.org", "x") == USERS + 1
