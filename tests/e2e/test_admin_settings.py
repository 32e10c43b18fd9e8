"""The file of settings that `user-api-admin init --write-env` writes."""

import os
import re
import stat

import psycopg2
import pytest

from support.installation import OPERATOR_PASSWORD, assert_one_line
from support.pool_peers import SECRET

pytest_plugins = ["support.installation_fixtures"]


def test_settings_are_for_their_owner_alone_and_complete(installed):
    assert stat.S_IMODE(os.stat(installed.env_file).st_mode) == 0o600
    assert set(installed.settings()) == {"USER_API_DATABASE_URL", "USER_API_JWT_SECRET", "USER_API_PASSWORD_COMMON"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", installed.settings()["USER_API_JWT_SECRET"])


def test_settings_over_tcp_work_too(installation):
    url = installation.server.url("postgres", "operator", OPERATOR_PASSWORD, tcp=True)
    installation.init(url, "--write-env", installation.env_file)
    written = installation.settings()["USER_API_DATABASE_URL"]
    assert f"@127.0.0.1:{installation.server.port}/{installation.database}" in written
    psycopg2.connect(written).close()


def test_settings_that_are_there_are_updated_and_the_others_kept(installation):
    with open(installation.env_file, "w", encoding="utf-8") as file:
        file.write("# mine\nUSER_API_WORKERS=4\nUSER_API_JWT_SECRET=old\n\nUSER_API_LOG_LEVEL=debug")
    os.chmod(installation.env_file, 0o644)
    installation.init(installation.url, SECRET, "--write-env", installation.env_file)
    with open(installation.env_file, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[:4] == ["# mine", "USER_API_WORKERS=4", "", "USER_API_LOG_LEVEL=debug"]
    assert lines[4].startswith("USER_API_DATABASE_URL=postgresql://")
    assert lines[5:] == ["USER_API_JWT_SECRET=" + SECRET]
    assert stat.S_IMODE(os.stat(installation.env_file).st_mode) == 0o600
    assert os.listdir(os.path.dirname(installation.env_file)) == ["user-api.env"]


def test_a_secret_that_is_there_is_kept_so_that_nobody_is_logged_out(installation):
    with open(installation.env_file, "w", encoding="utf-8") as file:
        file.write("USER_API_JWT_SECRET_FILE=/run/secrets/jwt\n")
    said = installation.init_with_settings().stdout
    assert "\nnot tried: the service could not read its settings here: " in said and "/run/secrets/jwt" in said
    assert installation.settings()["USER_API_JWT_SECRET_FILE"] == "/run/secrets/jwt"
    assert "USER_API_JWT_SECRET" not in installation.settings()


def test_settings_are_not_written_through_a_symbolic_link(installation, folder):
    target = os.path.join(folder, "target")
    os.symlink(target, installation.env_file)
    assert_one_line(installation.init_with_settings(check=False), installation.env_file)
    assert not os.path.exists(target)
    assert not installation.exists()


def test_settings_for_a_role_whose_password_nobody_knows_are_refused(installation):
    installation.init()
    assert_one_line(installation.init_with_settings(check=False), "USER_API_SERVICE_PASSWORD")
    assert not os.path.exists(installation.env_file)


def test_a_secret_with_a_newline_is_refused(installation):
    result = installation.init(installation.url, SECRET + "\nUSER_API_LISTEN=evil", check=False)
    assert_one_line(result, "control characters")


@pytest.mark.parametrize("secret", ["tooshort", "changeme" * 5, "s" * 40])
def test_a_jwt_secret_that_can_be_guessed_is_refused_and_not_shown(installation, secret):
    result = installation.init(installation.url, secret, check=False)
    assert_one_line(result, "the JWT secret is", "USER_API_ALLOW_WEAK_SECRET=on")
    assert secret not in result.stderr
    assert not installation.exists()


def test_where_a_weak_secret_is_allowed_the_settings_allow_it_too(installation):
    arguments = (installation.url, "tooshort", "--write-env", installation.env_file)
    warning = installation.init(*arguments, USER_API_ALLOW_WEAK_SECRET="on").stderr
    assert warning == "user-api-admin: warning: the JWT secret is shorter than 32 bytes and can be guessed\n"
    assert installation.settings()["USER_API_ALLOW_WEAK_SECRET"] == "on"


def test_a_secret_that_is_not_utf8_is_refused(installation):
    result = installation.init(installation.url, "\udce9" + SECRET, check=False)
    assert_one_line(result, "not UTF-8")
