"""Passwords given to `user-api-admin init`: where they come from, and that no other user sees them."""

import os
import signal
import subprocess

import psycopg2
import pytest

from support import admin
from support.installation import PASSWORD, assert_one_line
from support.pool_peers import SECRET as STRONG

pytest_plugins = ["support.installation_fixtures"]


def test_an_administrator_who_is_there_keeps_the_password(installation):
    installation.init()
    installation.init(password="another password")
    assert installation.accepts(PASSWORD)


def test_reset_admin_password_sets_it_and_ends_the_sessions(installation):
    installation.init()
    epoch = installation.admin_row()[0][6]
    output = installation.init(installation.url, "--reset-admin-password", password="another password").stdout
    assert "password of user admin set\n" in output
    assert installation.accepts("another password")
    assert installation.admin_row()[0][6] == epoch + 1


def test_reset_admin_password_changes_nothing_where_the_sessions_would_go_on(installation):
    installation.init()
    before = installation.admin_row()
    installation.sql("ALTER TABLE _user DISABLE TRIGGER USER")
    result = installation.init(installation.url, "--reset-admin-password", password="another password", check=False)
    assert_one_line(result, "password was not set: the triggers", "doctor")
    assert installation.admin_row() == before


@pytest.mark.parametrize("email", ["Admin", "ADMIN"])
def test_an_administrator_is_found_without_regard_to_case(installation, email):
    installation.init()
    installation.sql("UPDATE _user SET email = %s", (email,))
    installation.init()
    assert [row[1] for row in installation.admin_row()] == [email]


def test_the_password_comes_from_the_environment(installation):
    installation.init(password="from the environment")
    assert installation.accepts("from the environment")


def test_the_password_comes_from_a_file_that_the_environment_names(installation, folder):
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as file:
        file.write("from a file\n")
    installation.init(password=None, USER_API_ADMIN_PASSWORD_FILE=path)
    assert installation.accepts("from a file")


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_files_line_end_and_byte_order_mark_alone_are_cut(installation, folder, end):
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        file.write("  blanks stay " + end)
    installation.init(installation.url, "--admin-password-file", path, password=None)
    assert installation.accepts("  blanks stay ")


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "is empty"),
        ("\r\n", "is empty"),
        ("first secret\nsecond secret\n", "more than one line"),
        ("secret\0secret", "a NUL byte"),
        ("secret" * 20000, "larger than 64 KiB"),
        ("secret" * 500, "too long"),
    ],
)
def test_a_file_that_is_not_one_line_is_refused_and_not_repeated(installation, folder, content, said):
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(content)
    result = installation.init(installation.url, "--admin-password-file", path, password=None, check=False)
    assert_one_line(result, path, said)
    assert "secret" not in result.stderr
    assert not installation.exists()


def test_a_folder_is_no_file_of_a_password(installation, folder):
    result = installation.init(installation.url, "--admin-password-file", folder, password=None, check=False)
    assert_one_line(result, folder, "Is a directory")


def test_every_secret_of_init_may_come_from_a_file_of_windows(installation, folder):
    variables = {}
    for name, secret in {"DATABASE_URL": installation.url, "JWT_SECRET": STRONG, "SERVICE_PASSWORD": "service pass"}.items():
        variables[f"USER_API_{name}_FILE"] = path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            file.write(secret + "\r\n")
    installation.init("--write-env", installation.env_file, **variables)
    assert installation.settings()["USER_API_JWT_SECRET"] == STRONG
    psycopg2.connect(installation.settings()["USER_API_DATABASE_URL"]).close()
    assert "service%20pass@" in installation.settings()["USER_API_DATABASE_URL"]


def test_the_password_comes_from_the_argument_as_in_the_original(installation):
    installation.init(installation.url, STRONG, "from the argument", password="from the environment")
    assert installation.accepts("from the argument")


def test_two_sources_of_a_kind_are_refused(installation, folder):
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PASSWORD)
    result = installation.init(check=False, USER_API_ADMIN_PASSWORD_FILE=path)
    assert_one_line(result, "USER_API_ADMIN_PASSWORD", "USER_API_ADMIN_PASSWORD_FILE")
    result = installation.init(
        installation.url, STRONG, PASSWORD, "--admin-password-file", path, password=None, check=False
    )
    assert_one_line(result, "USER_API_ADMIN_PASSWORD")
    assert not installation.exists()


@pytest.mark.parametrize("password", ["", "x" * 7, "x" * 73, "é" * 37])
def test_a_password_of_the_wrong_length_is_refused_before_anything_is_made(installation, password):
    assert_one_line(installation.init(password=password, check=False), "8 to 72 bytes")
    assert not installation.exists()


@pytest.mark.parametrize("password", ["kqzvwmtx", "kqzvwmtx " * 7 + "and so on", "é" * 35 + "ö"])
def test_a_password_of_8_to_72_bytes_is_taken(installation, password):
    installation.init(password=password)
    assert installation.accepts(password)


@pytest.mark.parametrize("cost", ["3", "17", "04", "x", "", "-5"])
def test_an_impossible_cost_is_refused(installation, cost):
    result = admin.run("init", installation.url, check=False, USER_API_BCRYPT_COST=cost)
    assert_one_line(result, "4 to 16", code=2)


def test_without_a_terminal_a_missing_password_is_an_error_before_anything_is_made(installation):
    process = subprocess.run(
        [admin.binary(), "init", *installation.arguments(installation.url)],
        env=admin.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert_one_line(process, "USER_API_ADMIN_PASSWORD")
    assert not installation.exists()
    assert installation.verifier() is None


def test_the_terminal_is_asked_twice_without_echo(installation, terminal):
    asking = terminal("init", *installation.arguments(installation.url))
    asking.expect("Password of the administrator: ")
    assert not asking.echoes()
    asking.answer("typed password\n")
    asking.expect("(again): ")
    asking.answer("typed password\n")
    assert os.waitstatus_to_exitcode(asking.end()) == 0
    assert "typed" not in asking.output
    assert installation.accepts("typed password")


def test_two_different_answers_are_refused(installation, terminal):
    asking = terminal("init", *installation.arguments(installation.url))
    asking.expect("administrator: ")
    asking.answer("typed password\n")
    asking.expect("(again): ")
    asking.answer("another password\n")
    assert os.waitstatus_to_exitcode(asking.end()) == 1
    assert "the two answers differ" in asking.output
    assert not installation.exists()


def test_a_password_typed_too_short_is_refused(installation, terminal):
    asking = terminal("init", *installation.arguments(installation.url))
    asking.expect("administrator: ")
    asking.answer("short\n")
    asking.expect("(again): ")
    asking.answer("short\n")
    assert os.waitstatus_to_exitcode(asking.end()) == 1
    assert "8 to 72 bytes" in asking.output
    assert not installation.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_the_question_brings_the_echo_back(installation, terminal, number):
    asking = terminal("init", *installation.arguments(installation.url))
    asking.expect("administrator: ")
    assert not asking.echoes()
    os.kill(asking.pid, number)
    status = asking.end()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == number
    assert asking.echoes()
    assert not installation.exists()


def test_ctrl_c_at_the_question_ends_the_program(installation, terminal):
    asking = terminal("init", *installation.arguments(installation.url))
    asking.expect("administrator: ")
    asking.answer("half a passw\x03")
    assert os.WTERMSIG(asking.end()) == signal.SIGINT
    assert "half" not in asking.output


def test_arguments_vanish_from_the_process_list(installation, terminal):
    asking = terminal("init", installation.url, STRONG, *installation.arguments())
    asking.expect("administrator: ")
    with open(f"/proc/{asking.pid}/cmdline", "rb") as file:
        shown = file.read()
    asking.answer("\x03")
    asking.end()
    assert shown.startswith(admin.binary().encode() + b"\0init\0")
    assert shown.rstrip(b"\0").endswith(b"init")


def test_no_password_reaches_the_servers_log(installation):
    installation.init(USER_API_SERVICE_PASSWORD="service secret one")
    installation.init(USER_API_SERVICE_PASSWORD="service secret two")
    log = installation.server.process.log_text()
    assert "CREATE ROLE" in log and "ALTER ROLE" in log
    for secret in ("service secret", PASSWORD):
        assert secret not in log


def test_the_services_password_is_stored_as_scram(installed):
    assert installed.verifier().startswith("SCRAM-SHA-256$")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://operator:sec%zzret@127.0.0.1/postgres",
        "postgresql://operator:sec/ret@127.0.0.1/postgres",
        "postgresql://operator:sec@ret@127.0.0.1/postgres",
        "postgresql://operator:1/sec@ret/postgres",
        "postgresql://operator:sec ret@127.0.0.1:x/postgres",
        "host=127.0.0.1 password=a sec ret",
        "host=127.0.0.1 password='sec",
        "postgresql://h/d?sec=ret",
        "postgresql://operator:sec/ret@127.0.0.1",
        "mysql://operator:secret@127.0.0.1/postgres",
    ],
)
@pytest.mark.parametrize("command", [["init"], ["migrate", "status"], ["doctor"], ["adopt"], ["user", "list"], ["export", "-"]])
def test_a_malformed_url_is_refused_without_repeating_any_of_it(command, url):
    variables = {"USER_API_ADMIN_PASSWORD": PASSWORD, "USER_API_DATABASE_URL": url}
    result = admin.run(*command, check=False, **variables)
    assert_one_line(result, "the database URL ")
    assert "sec" not in result.stdout + result.stderr


def test_a_wrong_password_is_not_repeated(installation):
    url = installation.server.url("postgres", "operator", "wrong secret")
    result = installation.init(url, check=False)
    assert_one_line(result, "password authentication failed")
    assert "secret" not in result.stderr


def test_a_server_that_is_not_there_is_one_line(folder):
    url = f"postgresql://someone:secret@/postgres?host={folder}"
    result = admin.run("init", url, check=False, USER_API_ADMIN_PASSWORD=PASSWORD)
    assert_one_line(result, folder)
    assert "secret" not in result.stderr
