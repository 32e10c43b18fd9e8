"""Which database user-api-admin uses: from the command line, the environment, the settings or libpq's variables."""

import json
import os

import pytest
from support import admin
from support.etc import Etc
from support.installation import OPERATOR_PASSWORD, assert_one_line
from support.original import ours

pytest_plugins = ["support.installation_fixtures"]

BAD = "postgresql://nobody@127.0.0.1:1/nowhere"
BAD_PG = {"PGHOST": "127.0.0.1", "PGPORT": "1"}
SECRET = "of no service, and thirty-two bytes long"
# The first command always reads the settings; the second one needs only the database's URL.
COMMANDS = [("customer", "list"), ("migrate", "status")]


@pytest.fixture(scope="module")
def database(postgres):
    made = ours(postgres)
    yield made
    made.drop()


@pytest.fixture
def etc(folder):
    return Etc(folder)


def libpq(database, user="postgres"):
    """The environment variables that make psql connect to this database."""
    server = database.server
    return {"PGHOST": server.folder, "PGPORT": str(server.port), "PGUSER": user, "PGDATABASE": database.name}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def settings(url):
    return f"USER_API_DATABASE_URL={url}\nUSER_API_JWT_SECRET={SECRET}\n"


def assert_reached(result):
    assert result.returncode == 0, result.stderr


def assert_not_reached(result):
    assert_one_line(result, "port 1 failed")


@pytest.fixture
def sources(folder, database):
    """The ways to name a database, by precedence: functions from a URL to (arguments, variables)."""
    return [
        lambda url: (["--database-url", url], {}),
        lambda url: ([], {"USER_API_DATABASE_URL": url}),
        lambda url: (["--config", write(folder, f"config-{len(url)}", settings(url))], {}),
        lambda url: ([], libpq(database) if url == database.url else BAD_PG),
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_source_that_names_a_database_counts(sources, etc, database, command):
    for first in range(len(sources)):
        arguments, variables = [], {}
        for source in reversed(sources[first:]):
            more, others = source(database.url if source is sources[first] else BAD)
            arguments, variables = [*arguments, *more], {**variables, **others}
        etc.write(settings(BAD))
        assert_reached(etc.run(*command, *arguments, **variables))
        # The other way round: a later source is not even read.
        etc.write(settings(database.url))
        more, others = sources[first](BAD)
        assert_not_reached(etc.run(*command, *more, **others))


@pytest.mark.parametrize("command", [*COMMANDS, ("doctor",), ("finalize",), ("user", "list"), ("export", "-")])
def test_the_services_settings_in_etc_are_read_where_nobody_names_others(etc, database, command):
    etc.write(settings(database.url))
    assert_reached(etc.run(*command))
    assert_one_line(etc.run(*command, USER_API_CONFIG=""), "no database given", code=2)


def test_secrets_too_come_from_the_settings_in_etc(etc, postgres, database):
    database.sql("INSERT INTO customer DEFAULT VALUES; INSERT INTO role (code, name) VALUES ('admin', 'Admin')")
    etc.write(settings(postgres.url(database.name)))
    made = etc.run("user", "add", "ann@example.org", "--name", "Ann", "--roles", "admin", "--generate-password")
    assert_reached(made)
    token = etc.run("token", "issue", "ann@example.org")
    assert_reached(token)
    assert_reached(etc.run("token", "inspect", token.stdout.strip()))


def test_without_settings_in_etc_nothing_is_missed(etc):
    for command in COMMANDS:
        assert_one_line(etc.run(*command), "no database given: pass --database-url", code=2)
    assert_one_line(etc.run("token", "issue", "ann@example.org", USER_API_DATABASE_URL=BAD), "no JWT secret given:", code=2)


@pytest.mark.parametrize("unreadable", ["file", "folder", "secret"])
def test_settings_in_etc_that_one_may_not_read_are_missed_only_where_they_are_needed(etc, database, unreadable):
    secret = os.path.join(os.path.dirname(etc.settings), "jwt-secret")
    with open(secret, "w", encoding="ascii") as file:
        file.write(SECRET)
    etc.write(f"USER_API_DATABASE_URL={database.url}\nUSER_API_JWT_SECRET_FILE=/etc/user-api/jwt-secret\n")
    closed = {"file": etc.settings, "folder": os.path.dirname(etc.settings), "secret": secret}[unreadable]
    named = "/etc/user-api/jwt-secret" if unreadable == "secret" else "/etc/user-api/user-api.conf"
    os.chmod(closed, 0)
    reason = f"and cannot read '{named}': Permission denied: use sudo, or "
    refused = etc.run("customer", "list", privileged=False)
    assert_one_line(refused, f"no database given, {reason}pass --database-url", code=2)
    for command in COMMANDS:
        assert_reached(etc.run(*command, privileged=False, USER_API_DATABASE_URL=database.url))
        assert_reached(etc.run(*command, privileged=False, **libpq(database)))
    url = ("--database-url", database.url)
    refused = etc.run("token", "issue", "ann@example.org", *url, privileged=False)
    assert_one_line(refused, f"no JWT secret given, {reason}set USER_API_JWT_SECRET", code=2)
    found = json.loads(etc.run("doctor", "--json", *url, privileged=False).stdout)["findings"]
    assert [named in example for each in found if each["code"] == "jwt-absent" for example in each["examples"]] == [True]
    # Settings that the command line names are required.
    refused = etc.run("customer", "list", *url, "--config", "/etc/user-api/user-api.conf", privileged=False)
    assert_one_line(refused, "Permission denied")
    os.chmod(closed, 0o700)


def test_wrong_settings_in_etc_are_a_failure_that_names_the_line(etc, database):
    etc.write("USER_API_BCRYPT_COST=cheap\n")
    refused = etc.run("user", "list", "--database-url", database.url)
    assert_one_line(refused, "/etc/user-api/user-api.conf line 1: must be")
    assert_reached(etc.run("user", "list", "--database-url", database.url, "--config", ""))
    # A command that needs only the URL does not read the settings.
    assert_reached(etc.run("migrate", "status", "--database-url", database.url))


def test_settings_may_be_behind_a_symbolic_link(etc, folder, database):
    os.symlink(write(folder, "elsewhere", settings(database.url)), etc.settings)
    os.chmod(os.path.join(folder, "elsewhere"), 0o600)
    assert_reached(etc.run("doctor"))


@pytest.mark.parametrize("command", [*COMMANDS, ("adopt",), ("user", "show", "pg@example.org")])
def test_libpqs_own_variables_are_enough(database, command):
    database.sql(
        "WITH made AS (INSERT INTO customer (max_user_quota) VALUES (NULL) RETURNING id)"
        " INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'pg@example.org', 'N', '*', '*', true, id FROM made ON CONFLICT DO NOTHING"
    )
    assert_reached(admin.run(*command, check=False, **libpq(database)))


def test_another_database_than_that_of_libpqs_variables_may_be_named(database):
    elsewhere = {**libpq(database), "PGDATABASE": "postgres"}
    assert "original_schema.sql" in admin.run("migrate", "status", "--database", database.name, **elsewhere).stdout


def test_a_service_of_libpq_is_enough(folder, database):
    lines = [f"{key[2:].lower()}={value}\n".replace("database=", "dbname=") for key, value in libpq(database).items()]
    path = write(folder, "services", "[mine]\n" + "".join(lines))
    assert_reached(admin.run("customer", "list", check=False, PGSERVICEFILE=path, PGSERVICE="mine"))


def test_one_variable_of_libpq_is_enough_to_try_its_defaults(folder):
    for name, value in {"PGHOST": folder, "PGPASSFILE": os.path.join(folder, "passwords")}.items():
        result = admin.run("customer", "list", check=False, PGCONNECT_TIMEOUT="2", **{name: value})
        assert "no database given" not in result.stderr
    assert_one_line(admin.run("customer", "list", check=False, PGHOST=""), "no database given", code=2)
    assert_one_line(admin.run("customer", "list", check=False, PGTZ="UTC"), "no database given", code=2)


def test_init_takes_libpqs_variables_and_never_the_services_settings(installation, folder):
    server = installation.server
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "operator", "PGPASSWORD": OPERATOR_PASSWORD}
    mine = write(folder, "settings", settings(installation.url))
    refused = installation.init("--json", USER_API_CONFIG=mine, check=False)
    assert_one_line(refused, "no database given", code=2)
    assert json.loads(installation.init("--json", **where).stdout)["done"]
    assert installation.exists()
