"""What the service and `user-api-admin` answer when a statement violates a constraint: it depends on the constraint."""

import concurrent.futures
import contextlib
import itertools
import threading

import pytest
from support.client import assert_error, assert_json
from support.installation import assert_one_line
from support.operator import operator  # noqa: F401
from support.processes import wait_until

NUMBERS = itertools.count(1)


@contextlib.contextmanager
def damage(site, sql, mend):
    site.sql(sql)
    try:
        yield
    finally:
        site.sql(mend)


def behind(site, table):
    """Restarts the table's sequence at 1, and later repairs it as doctor says."""
    return damage(
        site,
        f"ALTER SEQUENCE {table}_id_seq RESTART WITH 1",
        f"SELECT setval('public.{table}_id_seq', (SELECT max(id) FROM public.{table}))",
    )


def register(site, **changes):
    document = {"email": f"made{next(NUMBERS)}@example.org", "name": "N", "password": "12345678", "active": True}
    return site.login(site.seed.alice).post("/api/users/", {**document, "roles": [], **changes})


@pytest.fixture
def failure(site):
    """Returns a function that finds the one log line about the statement that failed during the test."""
    start = len(site.pool.log_text().encode())

    def find():
        (line,) = [each for each in site.pool.log_lines(start) if each["event"] == "statement failed"]
        return line

    return find


def waits_for_a_lock(site):
    own = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    return site.sql(own, (site.database,))[0][0] == 1


def test_an_email_that_is_taken_in_the_last_moment_is_a_user_who_exists_already(site, postgres, failure):
    other = postgres.connect(site.database)
    other.autocommit = False
    with concurrent.futures.ThreadPoolExecutor(1) as clients, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES ('Last@example.org', '', '', '', true, 1)"
        )
        answer = clients.submit(register, site, email="last@example.org")
        wait_until(lambda: waits_for_a_lock(site), 30, "the registration has come to the index")
        other.commit()
        assert_error(answer.result(), 409, "CONFLICT", "User already exists.")
    other.close()
    assert (failure()["level"], failure()["constraint"]) == ("info", "_user_lower_email_key")


def test_a_taken_email_is_told_without_a_statement_that_fails(site):
    start = len(site.pool.log_text().encode())
    answer = register(site, email=site.seed.albert.email.upper())
    assert_error(answer, 409, "CONFLICT", "User already exists.")
    assert "statement failed" not in {line["event"] for line in site.pool.log_lines(start)}


def test_a_taken_email_is_that_also_by_the_twin_that_a_reindex_makes(site):
    twin = "_user_lower_email_key_ccold"
    with damage(
        site,
        f"ALTER INDEX _user_lower_email_key RENAME TO {twin}",
        f"ALTER INDEX {twin} RENAME TO _user_lower_email_key",
    ):
        assert_error(register(site, email=site.seed.albert.email), 409, "CONFLICT", "User already exists.")


def test_a_sequence_that_is_behind_is_a_fault_of_the_database_and_the_log_says_what_to_do(site, failure):
    with behind(site, "_user"):
        assert_error(register(site), 503, "SERVICE_UNAVAILABLE", "The service is unavailable.")
    line = failure()
    assert (line["level"], line["sqlstate"], line["constraint"]) == ("error", "23505", "_user_pkey")
    assert "the sequence behind _user.id" in line["hint"] and "user-api-admin doctor" in line["hint"]
    assert register(site).status_code == 201


def test_a_unique_rule_of_somebody_else_is_a_conflict_but_no_user_who_exists(site, failure):
    site.seed.user("Unique")
    with damage(site, "CREATE UNIQUE INDEX of_somebody ON _user (name)", "DROP INDEX of_somebody"):
        assert_error(register(site, name="Unique"), 409, "CONFLICT", "Conflict.")
    assert failure()["constraint"] == "of_somebody" and "no migration makes" in failure()["hint"]


@pytest.mark.parametrize(
    "sql, mend, constraint",
    [
        (
            "ALTER TABLE _user ADD CONSTRAINT of_somebody CHECK (name <> 'N') NOT VALID",
            "ALTER TABLE _user DROP CONSTRAINT of_somebody",
            "of_somebody",
        ),
        (
            "ALTER TABLE _user ADD CONSTRAINT of_somebody FOREIGN KEY (epoch) REFERENCES role (id) NOT VALID",
            "ALTER TABLE _user DROP CONSTRAINT of_somebody",
            "of_somebody",
        ),
        ("ALTER TABLE _user ALTER epoch DROP DEFAULT", "ALTER TABLE _user ALTER epoch SET DEFAULT 0", ""),
    ],
    ids=["check", "foreign key", "not null"],
)
def test_a_rule_that_no_client_can_know_is_no_fault_of_the_client(site, failure, sql, mend, constraint):
    with damage(site, sql, mend):
        assert_error(register(site), 500, "INTERNAL_SERVER_ERROR", "Internal server error.")
    assert failure()["constraint"] == constraint and "user-api-admin doctor" in failure()["hint"]


def test_a_user_who_is_deleted_during_the_logout_is_logged_out(site, postgres):
    client = site.login(site.seed.user("leaving"))
    answers = []
    owner = postgres.connect(site.database)
    owner.autocommit = False
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND usename = 'user_api_sa' AND wait_event_type = 'Lock'"
    try:
        with owner.cursor() as cursor:
            cursor.execute("DELETE FROM _user WHERE email = 'leaving@example.org'")
            logout = threading.Thread(target=lambda: answers.append(client.get("/api/users/logout")))
            logout.start()
            wait_until(lambda: site.sql(waits, (site.database,)), 10, "the logout waits for the deletion")
            owner.commit()
            logout.join()
    finally:
        owner.close()
    assert_json(answers[0], 200, {"message": "User disconnected."})


@pytest.mark.parametrize(
    "table, arguments",
    [
        ("role", ("role", "add", "behind")),
        ("customer", ("customer", "add")),
        ("_user", ("user", "add", "behind@example.org", "--name", "N", "--customer", "1")),
    ],
    ids=["role", "customer", "user"],
)
def test_an_operator_reads_which_sequence_is_behind(site, operator, table, arguments):  # noqa: F811
    with behind(site, table):
        result = operator.run(*arguments, owner=True, check=False, USER_API_PASSWORD="brand new one")
        assert_one_line(result, f"the sequence behind {table}.id", "user-api-admin doctor", "23505")


def test_an_operator_reads_which_rule_of_somebody_else_refuses(site, operator):  # noqa: F811
    user = site.seed.user("kept")
    site.sql("CREATE TABLE of_somebody (user_id integer REFERENCES _user (id))")
    site.sql("INSERT INTO of_somebody VALUES (%s)", (user.id,))
    result = operator.run("user", "delete", user.email, "--yes", owner=True, check=False)
    assert_one_line(result, "rows of another table refer to the user", "of_somebody_user_id_fkey")
    site.sql("DROP TABLE of_somebody")
