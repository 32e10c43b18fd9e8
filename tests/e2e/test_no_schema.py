"""Every command reports a database without our schema, and changes nothing in it."""

import re

import pytest
from support import admin
from support.installation import assert_one_line
from support.original import Original
from support.postgres import SERVICE_ACCOUNT

SENTENCE = "there is no User API schema in this database: run init, or name another"
SECRET = "k3T9-fX2m_vQ8wZ4pL7nB1cR6yH5sJ0dG"

# Arguments with which a command reaches the database.
COMMANDS = {
    "migrate": ["down"],
    "doctor": [],
    "adopt": [],
    "finalize": [],
    "import-mysql": ["mysql://u@127.0.0.1:1/d"],
    "customer add": [],
    "customer list": [],
    "customer show": ["1"],
    "customer change": ["1", "--name=Name"],
    "customer set-quota": ["1", "2"],
    "customer delete": ["1"],
    "role add": ["code", "Name"],
    "role list": [],
    "role change": ["code", "--assignable=no"],
    "role rename": ["code", "Name"],
    "role delete": ["code"],
    "throttle list": [],
    "throttle lift": ["--all"],
    "event list": [],
    "event tail": [],
    "event export": [],
    "token issue": ["ann@example.org"],
    "token inspect": [],
    "token revoke": [],
    "token revoke-all": ["--yes"],
    "user add": ["ann@example.org", "--name=Ann", "--generate-password"],
    "user list": [],
    "user show": ["ann@example.org"],
    "user update": ["ann@example.org", "--name=Bob"],
    "user activate": ["ann@example.org"],
    "user deactivate": ["ann@example.org"],
    "user delete": ["ann@example.org", "--yes"],
    "user set-password": ["ann@example.org", "--generate-password"],
    "user grant": ["ann@example.org", "admin"],
    "user revoke": ["ann@example.org", "admin"],
    "import": ["-"],
    "export": ["-"],
}
WITHOUT_A_DATABASE = {"completion", "help"}
MAKES_THE_SCHEMA = {"init"}
# These commands report on standard output.
EXAMINERS = {"doctor", "adopt", "finalize"}


@pytest.fixture(scope="module")
def empty(postgres):
    name = postgres.create_database(migrated=False)
    yield name
    postgres.drop_database(name)


def run(command, url, **options):
    return admin.run(*command.split(), *COMMANDS[command], "--database-url", url, check=False, USER_API_JWT_SECRET=SECRET, **options)


def test_every_command_is_tried_here():
    listed = set(re.findall(r"(?m)^  ([a-z-]+(?: [a-z-]+)?)  +[A-Z]", admin.run("help").stdout))
    assert listed == set(COMMANDS) | WITHOUT_A_DATABASE | MAKES_THE_SCHEMA


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_without_our_schema_is_named_as_such(postgres, empty, command):
    result = run(command, postgres.url(empty, "postgres"))
    if command in EXAMINERS:
        assert (result.returncode, SENTENCE in result.stdout) == (4, True), result.stdout + result.stderr
    else:
        assert_one_line(result, SENTENCE)
    assert postgres.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=empty) == [(0,)]


def test_the_service_account_learns_it_too(postgres, empty):
    postgres.migrated_template()
    assert_one_line(run("user list", postgres.url(empty, SERVICE_ACCOUNT)), SENTENCE)


def test_somebody_elses_tables_are_not_our_schema(postgres):
    name = postgres.create_database(migrated=False)
    postgres.execute("CREATE TABLE role (id int)", database=name)
    assert_one_line(run("role list", postgres.url(name, "postgres")), SENTENCE)
    postgres.drop_database(name)


@pytest.mark.parametrize("command", ["role list", "customer add", "throttle list", "throttle lift", "user list", "export", "import-mysql"])
def test_a_schema_that_is_older_than_the_program_is_to_be_migrated_first(postgres, command):
    name = postgres.create_database()
    url = postgres.url(name, "postgres")
    admin.run("migrate", "down", "--database-url", url)
    assert_one_line(run(command, url), "older than this program: run user-api-admin migrate")
    postgres.drop_database(name)


@pytest.mark.parametrize("command", ["user list", "user add", "export", "import-mysql"])
def test_the_originals_schema_is_to_be_adopted_first(postgres, command):
    original = Original(postgres, 3)
    assert_one_line(run(command, original.url), "Python original's", "user-api-admin adopt")
    original.drop()


@pytest.mark.parametrize("command", ["customer list", "user list"])
def test_a_missing_right_names_the_role_that_lacks_it(postgres, command):
    name = postgres.create_database()
    postgres.execute(f"REVOKE SELECT ON customer, _user FROM {SERVICE_ACCOUNT}", database=name)
    assert_one_line(run(command, postgres.url(name, SERVICE_ACCOUNT)), "permission denied", f"{SERVICE_ACCOUNT} may not")
    postgres.drop_database(name)
