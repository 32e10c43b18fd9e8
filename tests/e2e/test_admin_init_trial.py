"""`user-api-admin init` logs in as the service would, and reports what the server needs to accept the login."""

import json
import os
import pwd
import re

import pytest
from support import admin
from support.installation import OPERATOR_PASSWORD, PASSWORD, Installation, assert_one_line
from support.postgres import Postgres
from support.processes import wait_until

ME = pwd.getpwuid(os.geteuid()).pw_name
SOMEBODY = "daemon"

pytest_plugins = ["support.installation_fixtures"]


@pytest.fixture(scope="module")
def closed(new_folder):
    """A server that lets only the administrators log in."""
    yield from cluster(new_folder(), "local all operator scram-sha-256\nhost all operator 127.0.0.1/32 scram-sha-256\n")


@pytest.fixture(scope="module")
def peer(new_folder):
    """A server with Debian's peer login, except for the superuser. This process may also be the role `mapped`."""
    yield from cluster(new_folder(), "local all mapped peer map=ours\nlocal all all peer\n", f"ours {ME} mapped\n")


def cluster(folder, hba, ident=""):
    made = Postgres(folder)
    for name, text in (("pg_hba.conf", f"local all postgres trust\n{hba}"), ("pg_ident.conf", ident)):
        with open(os.path.join(made.data, name), "w", encoding="ascii") as file:
            file.write(text)
    made.start()
    made.execute("CREATE ROLE operator LOGIN CREATEDB CREATEROLE PASSWORD %s", (OPERATOR_PASSWORD,))
    yield made
    made.stop()


def superuser(server):
    return server.url("postgres", "postgres")


def advice(result):
    """The line for pg_hba.conf, and the file, that init advises."""
    assert_one_line(result, "the service cannot work as role", "SELECT pg_reload_conf()", "run init again")
    assert "ready" not in result.stdout
    return re.search(r"put the line '(.*)' above all others in (.*), reload", result.stderr).groups()


def follow(server, line):
    path = os.path.join(server.data, "pg_hba.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{line}\n{text}")
    server.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "tcp"])
def test_a_line_that_pg_hba_lacks_is_named_and_lets_the_service_in(closed, folder, tcp):
    made = Installation(closed, folder)
    made.url = closed.url("postgres", "operator", OPERATOR_PASSWORD, tcp)
    line, file = advice(made.init_with_settings(check=False))
    where = "host" if tcp else "local"
    address = " 127.0.0.1/32" if tcp else ""
    assert line == f'{where} "{made.database}" "{made.account}"{address} scram-sha-256'
    assert file == "the server's pg_hba.conf (SHOW hba_file)"  # only a superuser may read its name
    follow(closed, line)
    wait_until(lambda: made.init_with_settings(check=False).stdout.endswith("\nready\n"), 30, "init tries with success")


def test_a_superuser_learns_the_name_of_the_file(closed, folder):
    made = Installation(closed, folder)
    made.url = superuser(closed)
    assert advice(made.init_with_settings(check=False))[1] == os.path.join(closed.data, "pg_hba.conf")


def test_odd_names_are_quoted_in_the_line(closed, folder):
    made = Installation(closed, folder)
    made.url, made.database, made.account = superuser(closed), 'all, "or" #', "+role"
    line, _ = advice(made.init_with_settings(check=False))
    assert line == 'local "all, ""or"" #" "+role" scram-sha-256'
    follow(closed, line)
    wait_until(lambda: made.init_with_settings(check=False).stdout.endswith("\nready\n"), 30, "init tries with success")


def test_a_password_that_is_not_the_roles_is_noticed(installation):
    installation.init_with_settings()
    installation.server.execute(f"ALTER ROLE {installation.account} PASSWORD 'another'")
    result = installation.init_with_settings(check=False)
    assert_one_line(result, "password authentication failed", "set USER_API_SERVICE_PASSWORD and run init again")
    assert installation.init_with_settings(USER_API_SERVICE_PASSWORD="a new one").stdout.endswith("\nready\n")


def test_a_role_that_may_not_log_in_may_again(installation):
    installation.init_with_settings()
    installation.server.execute(f"ALTER ROLE {installation.account} NOLOGIN")
    assert f"role {installation.account} may log in\n" in installation.init_with_settings().stdout


def test_settings_that_lead_to_another_database_are_not_called_ready(installation):
    installation.init_with_settings()
    other = Installation(installation.server, os.path.dirname(installation.env_file))
    other.account = installation.account
    assert_one_line(other.init_with_settings(check=False), installation.env_file, "leads to another database")


def test_settings_of_another_role_stay_as_they_are(installation):
    installation.init_with_settings()
    before = installation.settings()
    other = Installation(installation.server, os.path.dirname(installation.env_file))
    assert_one_line(other.init_with_settings(check=False), f"the role {installation.account}, not {other.account}: ")
    assert installation.settings() == before


def test_what_could_not_be_tried_is_not_called_ready(installation):
    assert installation.init().stdout.endswith("\nready\n")
    again = installation.init().stdout
    assert "ready" not in again
    assert "\nnot tried: the password of the role" in again and "--write-env" in again
    assert json.loads(installation.init(installation.url, "--json").stdout)["tried"] is False
    assert json.loads(installation.init_with_settings("--json", USER_API_SERVICE_PASSWORD="new").stdout)["tried"] is True


# --peer: the operating system says who the service is


def by_peer(server, folder, user, *options, check=True):
    made = Installation(server, folder)
    names = ["--database", made.database, "--bcrypt-cost", "4", "--write-env", made.env_file, *options]
    result = admin.run("init", superuser(server), "--peer", user, *names, check=check, USER_API_ADMIN_PASSWORD=PASSWORD)
    return made, result


def test_a_service_account_without_a_password_is_made_and_tried(peer, folder):
    made, result = by_peer(peer, folder, ME, "--service-account", "mapped")
    assert result.stdout.endswith("\nready\n")
    url = made.settings()["USER_API_DATABASE_URL"]
    assert url.startswith("postgresql://mapped@")
    assert peer.execute("SELECT rolpassword IS NULL, rolcanlogin FROM pg_authid WHERE rolname = 'mapped'") == [(True, True)]
    assert admin.run("customer", "list", "--config", made.env_file).stdout.startswith("id ")
    again = Installation(peer, folder)
    again.database, again.account, again.url = made.database, "mapped", superuser(peer)
    assert again.init_with_settings().stdout.endswith("\nready\n")
    assert again.settings()["USER_API_DATABASE_URL"] == url


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can log in as another system user")
def test_the_role_is_named_like_the_system_user_and_root_tries_as_that_user(peer, folder):
    made, result = by_peer(peer, folder, SOMEBODY)
    assert result.stdout.endswith("\nready\n")
    assert made.settings()["USER_API_DATABASE_URL"].startswith(f"postgresql://{SOMEBODY}@")
    assert admin.run("customer", "list", "--config", made.env_file).stdout.startswith("id ")
    added = admin.run("user", "add", "x@example.org", "--name=X", "--generate-password", "--config", made.env_file)
    assert "user 2 x@example.org added" in added.stdout
    made.account, made.url = SOMEBODY, superuser(peer)
    assert made.init_with_settings().stdout.endswith("\nready\n")  # without --peer: the settings file says it


@pytest.mark.skipif(os.geteuid() == 0, reason="root can try it")
def test_another_system_user_cannot_be_tried(peer, folder):
    _, result = by_peer(peer, folder, SOMEBODY)
    assert f"not tried: only the system user {SOMEBODY} can log in" in result.stdout
    assert f"runuser -u {SOMEBODY} -- user-api-admin role list" in result.stdout


def test_a_server_that_wants_a_password_is_told_that_it_is_the_system_user(server, folder):
    _, result = by_peer(server, folder, ME, "--service-account", "passwordless", check=False)
    line, _ = advice(result)
    assert re.fullmatch(r'local "installation_\d+" "passwordless" peer', line)


def test_peer_needs_a_socket_a_user_and_no_password(server, folder):
    arguments = ["init", "--peer", ME, "--service-account", "nobody_else"]
    by_tcp = server.url("postgres", "operator", OPERATOR_PASSWORD, tcp=True)
    assert_one_line(admin.run(*arguments, by_tcp, check=False, USER_API_ADMIN_PASSWORD=PASSWORD), "unix socket")
    _, result = by_peer(server, folder, "no-such-user", check=False)
    assert_one_line(result, "there is no system user no-such-user", "useradd")
    result = admin.run(*arguments, superuser(server), check=False, USER_API_SERVICE_PASSWORD="x")
    assert_one_line(result, "--peer", code=2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can log in as another system user")
def test_pgloader_cannot_log_in_as_another_system_user_and_it_is_said(peer, folder):
    made, _ = by_peer(peer, folder, SOMEBODY)
    peer.execute(f"ALTER ROLE {SOMEBODY} SUPERUSER")
    result = admin.run("import-mysql", "mysql://u@127.0.0.1:1/d", peer.url(made.database, SOMEBODY), check=False)
    peer.execute(f"ALTER ROLE {SOMEBODY} NOSUPERUSER")
    assert_one_line(result, "nothing was changed", f"runuser -u {SOMEBODY} -- user-api-admin import-mysql")
