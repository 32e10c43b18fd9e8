"""The command line of user-api: options that print something, wrong settings, and secrets that are never printed."""

import os

import pytest
from support.pool_peers import SECRET, inheriting

pytest_plugins = ["support.pool_fixtures"]


def run(folder, *arguments, **settings):
    process = inheriting(folder, settings, arguments)
    return process.wait(), process.log_text()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--print-example"], ["--check-config"]])
def test_questions_are_answered_with_exit_code_0(folder, arguments):
    code, said = run(folder, *arguments)
    assert code == 0 and said


def test_help_fits_eighty_columns(folder):
    _, said = run(folder, "--help")
    assert "--watchdog-seconds N\n      a worker that is busy with one request" in said
    assert [line for line in said.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    "arguments, settings, code, said",
    [
        ([], {"USER_API_JWT_SECRET": ""}, 2, "user-api: USER_API_JWT_SECRET is empty"),
        ([], {"USER_API_DATABASE_URL": ""}, 2, "user-api: USER_API_DATABASE_URL is not set"),
        (["--check-config"], {"USER_API_WORKERS": "x"}, 2, "user-api: USER_API_WORKERS: must be a whole number"),
        (["--check-config", "--listen", "nowhere"], {}, 2, "user-api: address 'nowhere': not unix:/path"),
        (["--jwt-secret", "hunter2"], {}, 2, "user-api: --jwt-secret: every user could see it"),
        (["--frobnicate"], {}, 2, "user-api: unknown flag --frobnicate"),
        (["--config", "/nonexistent"], {}, 1, "user-api: cannot read '/nonexistent'"),
        ([], {}, 2, "user-api: no address to listen on"),
    ],
)
def test_wrong_settings_end_the_start_with_one_line(folder, arguments, settings, code, said):
    settings = {"USER_API_BCRYPT_COST": "12", **settings}
    got, text = run(folder, *arguments, **settings)
    assert (got, text.count("\n")) == (code, 1), text
    assert text.startswith(said)
    assert "hunter2" not in text


@pytest.mark.parametrize("arguments", [["--check-config"], []])
@pytest.mark.parametrize(
    "settings",
    [
        {"USER_API_JWT_SECRET": "short-and-guessable"},
        {"USER_API_JWT_SECRET": "short-and-guessable-" * 4},
        {"USER_API_JWT_SECRET": "changeme-0000000000000000-short-and"},
        {"USER_API_JWT_PREVIOUS_SECRETS": "short-and-guessable"},
    ],
)
def test_a_secret_that_can_be_guessed_is_refused(folder, arguments, settings):
    code, said = run(folder, *arguments, **settings)
    assert code == 2 and said.count("\n") == 1
    assert said.startswith(f"user-api: {next(iter(settings))}: a secret is ") and "USER_API_ALLOW_WEAK_SECRET=on" in said
    assert "short-and" not in said


def test_a_secret_that_can_be_guessed_is_warned_about_where_it_is_allowed(folder):
    weak = {"USER_API_JWT_SECRET": "short-and-guessable", "USER_API_ALLOW_WEAK_SECRET": "on"}
    code, said = run(folder, "--check-config", **weak)
    assert code == 0
    assert "shorter than 32 bytes" in said and "short-and-guessable" not in said


@pytest.mark.parametrize("arguments", [["--check-config"], []])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://usr:hunter2/x@db/user_api",
        "postgresql://usr:1/hunter2@db/user_api",
        "postgresql://usr:hunter2%zz@db/user_api",
        "host=db password=a hunter2",
        "mysql://usr:hunter2@db/user_api",
        "hunter2",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_before_it_is_and_not_repeated(folder, arguments, url):
    code, said = run(folder, *arguments, USER_API_DATABASE_URL=url, USER_API_BCRYPT_COST="12")
    assert code == 2 and said.count("\n") == 1
    assert said.startswith("user-api: USER_API_DATABASE_URL: the database URL ") and "hunter2" not in said


def test_secrets_in_a_file_that_others_may_read_are_warned_about(make_pool):
    pool = make_pool()
    os.chmod(pool.config_path, 0o644)
    code, said = run(pool.folder, "--check-config", "--config", pool.config_path)
    assert code == 0 and "can be read by others" in said and SECRET not in said


def test_no_secret_is_ever_logged_or_shown(make_pool):
    pool = make_pool({"USER_API_LOG_LEVEL": "debug"}).start()
    pool.reload_and_wait()
    pool.terminate()
    assert SECRET not in pool.log_text()
