"""`user-api-admin init`: what it creates, leaves alone and drops."""

import os
import socket
import subprocess

import psycopg2
import pytest

from support import admin
from support.installation import OPERATOR_PASSWORD, PASSWORD, Installation, assert_one_line
from support.postgres import Postgres
from support.processes import Process, free_port

pytest_plugins = ["support.installation_fixtures"]


def test_init_makes_database_account_customer_role_and_administrator(installation):
    output = installation.init_with_settings().stdout.splitlines()
    assert output[0] == f"database {installation.database} created"
    assert output[-1] == "ready"
    assert installation.sql("SELECT id, max_user_quota FROM customer") == [(1, None)]
    assert installation.sql("SELECT id, code, name FROM role") == [(1, "admin", "Admin")]
    assert installation.admin_row()[0][:4] == (1, "admin", "admin", True)
    assert installation.sql("SELECT user_id, role_id FROM user_has_role") == [(1, 1)]
    assert installation.accepts(PASSWORD)
    assert installation.admin_row()[0][5].startswith("$2b$04$")


def test_init_makes_the_originals_database_and_account_unless_told_otherwise(new_folder):
    cluster = Postgres(new_folder()).start()
    url = cluster.url("postgres", "postgres")
    admin.run("init", url, "--bcrypt-cost=4", USER_API_ADMIN_PASSWORD=PASSWORD)
    assert cluster.execute("SELECT email FROM _user", database="user_api", user="user_api_sa") == [("admin",)]
    cluster.stop()


def test_the_database_is_utf8_and_knows_all_letters_whatever_the_servers_default(installed):
    row = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s"
    assert installed.sql(row, (installed.database,)) == [("UTF8", "C", "C.UTF-8")]


def test_a_second_init_changes_nothing(installation):
    installation.init_with_settings()
    rows = installation.admin_row()
    verifier = installation.verifier()
    settings = installation.settings()
    output = installation.init_with_settings(password="another password").stdout
    kept = "user admin exists and keeps its password (--reset-admin-password sets a new one)"
    assert output == f"settings written to {installation.env_file}\n{kept}\nready\n"
    assert installation.admin_row() == rows
    assert installation.verifier() == verifier
    assert installation.settings() == settings
    assert installation.sql("SELECT count(*) FROM customer") == [(1,)]


def test_a_second_init_asks_for_no_password(installation):
    installation.init()
    installation.init(password=None)


def test_what_is_missing_is_made_up_for(installation):
    installation.init()
    installation.sql("DELETE FROM user_has_role")
    installation.sql("DELETE FROM _user")
    installation.init()
    assert installation.sql("SELECT u.email, r.code FROM _user u JOIN user_has_role h ON h.user_id = u.id"
                            " JOIN role r ON r.id = h.role_id") == [("admin", "admin")]
    assert installation.sql("SELECT count(*) FROM customer") == [(1,)]


def test_an_init_on_an_older_schema_upgrades_it_and_keeps_the_administrator(installation):
    ledger = "SELECT version FROM schema_migrations ORDER BY version"
    installation.init()
    versions = installation.sql(ledger)
    while len(installation.sql(ledger)) > 1:
        installation.operate("migrate", "down")
    installation.init(password=None)
    assert installation.sql(ledger) == versions
    assert installation.accepts(PASSWORD)


def test_several_inits_at_once_make_one_of_each(installation):
    arguments = installation.arguments(installation.url, "--write-env", installation.env_file)
    command = [admin.binary(), "init", *arguments]
    environment = admin.environment(USER_API_ADMIN_PASSWORD=PASSWORD)
    several = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60) for process in several]
    assert [process.returncode for process in several] == [0] * 3, outputs
    assert len(installation.admin_row()) == 1
    assert installation.sql("SELECT count(*) FROM customer") == [(1,)]
    psycopg2.connect(installation.settings()["USER_API_DATABASE_URL"]).close()


def test_names_are_quoted_everywhere(server, folder):
    odd = Installation(server, folder)
    odd.database = 'o"dd; name\'s é'
    odd.account = "it's \"odd\"; --"
    odd.init_with_settings()
    connection = psycopg2.connect(odd.settings()["USER_API_DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        assert cursor.fetchone() == (odd.database, odd.account)
    connection.close()
    odd.init_with_settings()


@pytest.mark.parametrize("option", ["--database", "--service-account"])
@pytest.mark.parametrize("name", ["", "x" * 64])
def test_a_name_that_postgresql_would_cut_is_refused(installation, option, name):
    result = admin.run("init", installation.url, option, name, check=False, USER_API_ADMIN_PASSWORD=PASSWORD)
    assert_one_line(result, option, code=2)


def test_drop_before_destroys_nothing_without_yes(installation):
    installation.init()
    assert_one_line(installation.init(installation.url, "--drop-before", check=False), "--yes", code=2)
    assert len(installation.admin_row()) == 1


def test_drop_before_begins_anew(installation):
    installation.init()
    installation.sql("CREATE TABLE old ()")
    output = installation.init(installation.url, "--drop-before", "--yes", password="a new password").stdout
    assert f"database {installation.database} dropped\n" in output
    assert installation.sql("SELECT to_regclass('old')") == [(None,)]
    assert installation.accepts("a new password")


def test_drop_before_works_with_a_url_that_names_the_database_itself(installation):
    installation.init()
    url = installation.server.url(installation.database, "operator", OPERATOR_PASSWORD)
    assert "dropped" in installation.init(url, "--drop-before", "--yes").stdout


def test_yes_alone_drops_nothing(installation):
    installation.init()
    assert "dropped" not in installation.init(installation.url, "--yes").stdout


# Waiting for the server


def asked_too_early(cluster, *command):
    """Starts `command` and waits until it has tried to connect. The cluster does not run yet."""
    with socket.create_server(("127.0.0.1", cluster.port)) as nobody:
        early = Process(
            [admin.binary(), *command, "--wait", "60", "--database-url", cluster.url("postgres", "postgres", tcp=True)],
            env=admin.environment(USER_API_ADMIN_PASSWORD=PASSWORD),
            log_path=os.path.join(cluster.folder, "early.log"),
        )
        early.start()
        nobody.settimeout(30)
        nobody.accept()[0].close()
    return early


@pytest.mark.parametrize("command", [("init", "--bcrypt-cost=4"), ("migrate", "up")], ids=lambda command: command[0])
def test_a_server_that_comes_up_later_is_waited_for(new_folder, command):
    cluster = Postgres(new_folder())
    early = asked_too_early(cluster, *command)
    cluster.start()
    assert early.wait(60) == 0, early.log_text()
    cluster.stop()


def test_a_server_that_does_not_come_up_is_told_of_once_the_time_is_over():
    url = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"
    assert_one_line(admin.run("migrate", "status", url, "--wait=1", check=False), "Connection refused")


@pytest.mark.parametrize("seconds", ["", "-1", "3601", "1.5", "soon"])
def test_a_time_to_wait_that_is_no_number_of_seconds_is_refused(seconds):
    result = admin.run("migrate", "status", "postgresql://127.0.0.1/postgres", f"--wait={seconds}", check=False)
    assert_one_line(result, "--wait has to be a number from 0 to 3600", code=2)
