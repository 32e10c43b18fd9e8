"""The settings file. The service, user-api-admin and systemd read the same values from it."""

import json
import os
import subprocess
import time

import jwt
import pytest
from support import admin, systemd_env
from support.installation import assert_one_line
from support.pool import binary
from support.pool_peers import SECRET, SETTINGS

pytest_plugins = ["support.installation_fixtures"]

# Values as they are in the file, after USER_API_JWT_SECRET=.
READ = [
    f"{SECRET}",
    f" {SECRET} ",
    f"'{SECRET}'",
    f'"{SECRET}"',
    f"'a b {SECRET} '",
    f"'\\ \" $ ` # {SECRET}'",
    f'"\\\\ \\" \\$ \\` \\n \\x # {SECRET}"',
    f"a\\b\\\\c\\'{SECRET}",
    f"{SECRET}\\ ",
    f"it's {SECRET}",
    f"{SECRET} # no comment",
    f"{SECRET};#",
    f"$HOME`id`%d{SECRET}",
    f"{SECRET}\\\ncontinued",
    f"{SECRET} \\\n  continued",
    f'"{SECRET}\\\ncontinued"',
    f"'{SECRET}'\"'\"'s'",
    f"'é{SECRET}'",
]

REFUSED = {
    f"'{SECRET}": "a quote is not closed",
    f'"{SECRET}\nOTHER=x': "a quote is not closed",
    f"{SECRET}'": "a quote is missing",
    f'{SECRET}"': "a quote is missing",
    f"'it's {SECRET}'": "text behind the closing quote",
    f'"{SECRET}" # comment': "text behind the closing quote",
    f"{SECRET}\\": "the last line ends in a backslash",
    f"{SECRET}\n#\\\nUSER_API_WORKERS=2": "the comment ends in a backslash",
    f"{SECRET}\n{SECRET}": "not KEY=value",
    f"\udce9{SECRET}": "not UTF-8",
}


@pytest.fixture
def path(folder):
    return os.path.join(folder, "conf")


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    os.chmod(path, 0o600)


def check_config(path):
    """The service's exit code and output."""
    known = {"PATH": os.environ["PATH"], "USER_API_DATABASE_URL": SETTINGS["USER_API_DATABASE_URL"]}
    done = subprocess.run(
        [binary(), "--check-config", "--config", path],
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def inspect(path, secret):
    """Runs user-api-admin with that file, on a token that `secret` signed."""
    token = jwt.encode({"id": 1, "exp": int(time.time()) + 60}, secret, algorithm="HS256")
    return admin.run("token", "inspect", token, "--config", path, "--json", check=False)


def is_secret_of(path, secret):
    return json.loads(inspect(path, secret).stdout)["signed_by_secret"] == 1


@pytest.mark.parametrize("raw", READ)
def test_a_value_is_the_one_that_systemd_reads(path, raw):
    write(path, f"# comment\n;another\n\nUSER_API_JWT_SECRET={raw}\nUSER_API_LOG_LEVEL=warn\n")
    secret = systemd_env.read(path)["USER_API_JWT_SECRET"]
    assert is_secret_of(path, secret)
    assert check_config(path) == (0, "user-api: the settings are valid\n")


@pytest.mark.parametrize("raw", REFUSED)
def test_what_is_a_mistake_is_refused_with_its_line_and_not_repeated(path, raw):
    write(path, f"USER_API_LOG_LEVEL=warn\nUSER_API_JWT_SECRET={raw}")
    code, said = check_config(path)
    assert code == 2 and said.startswith(f"user-api: {path} line ") and REFUSED[raw] in said
    other = inspect(path, "x")
    assert other.returncode == 1 and f"{path} line " in other.stderr and REFUSED[raw] in other.stderr
    assert SECRET not in said + other.stderr


def test_a_file_of_windows_is_read_as_if_it_had_other_line_ends(path):
    write(path, f"\ufeffUSER_API_JWT_SECRET={SECRET}\r\n\r\nUSER_API_LOG_LEVEL='warn'\r\n")
    assert is_secret_of(path, SECRET)
    assert check_config(path)[0] == 0


@pytest.mark.parametrize("sign", ["'", '"', "\\", "$HOME", "`id`", "#", ";", "=é", "\\\\ "])
def test_what_init_writes_is_read_alike_by_systemd_and_by_us(installation, sign):
    secret = f" {SECRET} {sign}"
    installation.init(installation.url, secret, "--write-env", installation.env_file)
    assert systemd_env.read(installation.env_file)["USER_API_JWT_SECRET"] == secret
    assert is_secret_of(installation.env_file, secret)


@pytest.mark.parametrize("secret", [f"~root/{SECRET}", f"{SECRET}:~root/", f" {SECRET} '$HOME`id`\\\\\"#;~"])
def test_what_init_writes_is_read_alike_by_a_shell(installation, secret):
    installation.init(installation.url, secret, "--write-env", installation.env_file)
    script = '. "$1" && printf %s "$USER_API_JWT_SECRET"'
    for shell in ("sh", "bash"):
        read = subprocess.run([shell, "-euc", script, shell, installation.env_file], stdout=subprocess.PIPE, check=True)
        assert read.stdout.decode() == secret


def test_init_replaces_a_value_of_several_lines_and_keeps_the_others(installation):
    kept = "# mine\nUSER_API_LOG_LEVEL='warn'\nOTHER='a\nUSER_API_JWT_SECRET=b'\n"
    write(installation.env_file, f"{kept}USER_API_JWT_SECRET='old\nold'\n")
    installation.init(installation.url, SECRET, "--write-env", installation.env_file)
    with open(installation.env_file, encoding="utf-8") as file:
        text = file.read()
    assert text.startswith(f"{kept}USER_API_DATABASE_URL=") and text.endswith(f"\nUSER_API_JWT_SECRET={SECRET}\n")
    assert "old" not in text


def test_init_changes_nothing_where_a_line_of_the_file_is_wrong(installation):
    write(installation.env_file, "USER_API_WORKERS=2\nUSER_API_JWT_SECRET='half\n")
    result = installation.init_with_settings(check=False)
    assert_one_line(result, f"{installation.env_file} line 2: a quote is not closed")
    assert not installation.exists()
