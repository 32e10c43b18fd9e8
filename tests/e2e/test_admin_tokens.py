"""user-api-admin token: issue, inspect and revoke, while the service runs."""

import json
import os
import re
import subprocess
import time

import jwt
import pytest
from support import admin
from support.client import assert_ended, payload_of
from support.installation import assert_one_line
from support.site import LIFETIME

OTHER_SECRET = "another secret of more than 32 bytes, surely"


def settings(site, **changes):
    """The service's settings: the database URL with its own account, and the JWT secret."""
    variables = {
        "USER_API_DATABASE_URL": site.postgres.url(site.database),
        "USER_API_JWT_SECRET": site.secret,
        **changes,
    }
    return {key: value for key, value in variables.items() if value is not None}


def run(site, *arguments, token=None, check=True, **changes):
    """Runs `user-api-admin token …` with the token on standard input."""
    result = subprocess.run(
        [admin.binary(), "token", *map(str, arguments)],
        env=admin.environment(**settings(site, **changes)),
        input="" if token is None else token + "\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    if check:
        assert result.returncode == 0, result.stderr
    return result


def inspect(site, token, code, *arguments, **changes):
    result = run(site, "inspect", "--json", *arguments, token=token, check=False, **changes)
    assert (result.returncode, result.stderr) == (code, "")
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def counts(site, token):
    return site.client.bearer(token).get("/api/users/token").status_code == 200


# --- issue ---


def test_an_issued_token_is_that_of_a_login(site):
    token = run(site, "issue", site.seed.alice.email).stdout.rstrip("\n")
    answer = site.client.bearer(token).get("/api/users/token").json()
    assert {**answer, "exp": 0} == {**site.claims(site.seed.alice), "exp": 0}
    assert abs(answer["exp"] - time.time() - LIFETIME) < 60
    assert site.client.bearer(token).get("/api/users/").status_code == 200


def test_the_token_stands_alone_on_its_line(site):
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", run(site, "issue", site.seed.alice.email).stdout)


def test_json_has_token_and_claims(site):
    answer = json.loads(run(site, "issue", site.seed.alice.email, "--json").stdout)
    assert set(answer) == {"claims", "token"}
    assert answer["claims"] == payload_of(answer["token"])
    assert counts(site, answer["token"])


def test_a_lifetime_is_in_seconds(site):
    token = run(site, "issue", site.seed.alice.email, "--lifetime", 60).stdout.strip()
    assert abs(payload_of(token)["exp"] - time.time() - 60) < 30


def test_the_email_is_looked_up_without_regard_to_case(site):
    assert counts(site, run(site, "issue", site.seed.alice.email.upper()).stdout.strip())


def test_an_email_is_never_an_id(site):
    assert_one_line(run(site, "issue", site.seed.alice.id, check=False), "no such user")


def test_an_unknown_user_gets_none(site):
    result = run(site, "issue", "nobody@example.org", check=False)
    assert_one_line(result, "no such user")
    assert result.stdout == ""


def test_an_inactive_user_gets_none(site):
    user = site.seed.user(active=False)
    result = run(site, "issue", user.email, check=False)
    assert_one_line(result, "not active")
    assert result.stdout == ""


def test_secrets_and_database_come_from_the_services_settings(site, folder):
    path = os.path.join(folder, "settings")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"USER_API_DATABASE_URL={site.postgres.url(site.database)}\nUSER_API_JWT_SECRET={site.secret}\n")
    nothing = {"USER_API_DATABASE_URL": None, "USER_API_JWT_SECRET": None}
    token = run(site, "issue", site.seed.alice.email, "--config", path, **nothing).stdout.strip()
    assert counts(site, token)
    token = run(site, "issue", site.seed.alice.email, USER_API_CONFIG=path, **nothing).stdout.strip()
    assert counts(site, token)


def test_a_secret_comes_from_its_file(site, folder):
    path = os.path.join(folder, "secret")
    with open(path, "w", encoding="utf-8") as file:
        file.write(site.secret + "\n")
    variables = {"USER_API_JWT_SECRET": None, "USER_API_JWT_SECRET_FILE": path}
    assert counts(site, run(site, "issue", site.seed.alice.email, **variables).stdout.strip())


def test_without_a_secret_nothing_is_signed(site):
    for secret in (None, ""):
        result = run(site, "issue", site.seed.alice.email, USER_API_JWT_SECRET=secret, check=False)
        assert_one_line(result, "no JWT secret", code=2)
        assert result.stdout == ""


# --- inspect ---


def test_a_token_that_counts_is_told_whole(site):
    token = site.token(site.seed.alice)
    assert inspect(site, token, 0) == {
        "claims": payload_of(token),
        "counts": True,
        "signed_by_secret": 1,
        "expired": False,
        "expires": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(payload_of(token)["exp"])),
        "user_exists": True,
        "user_active": True,
        "epoch_current": True,
        "revoked": False,
    }


def test_a_token_of_the_original_counts_too(site):
    assert inspect(site, site.mint(site.seed.alice), 0)["counts"] is True


def test_which_secret_signed_is_told_by_its_position(site):
    previous = {"USER_API_JWT_SECRET": OTHER_SECRET, "USER_API_JWT_PREVIOUS_SECRETS": f"unused {site.secret}"}
    assert inspect(site, site.token(site.seed.alice), 0, **previous)["signed_by_secret"] == 3


def test_a_foreign_signature_is_told_and_the_claims_still_are(site):
    token = site.mint(site.seed.alice, secret=OTHER_SECRET)
    told = inspect(site, token, 1)
    assert (told["counts"], told["signed_by_secret"]) == (False, None)
    assert told["claims"] == payload_of(token)


def test_another_algorithm_over_the_right_secret_is_no_signature(site):
    assert inspect(site, site.mint(site.seed.alice, algorithm="HS512"), 1)["signed_by_secret"] is None


def test_an_expired_token_is_told(site):
    told = inspect(site, site.mint(site.seed.alice, exp=1000000000), 1)
    assert (told["counts"], told["expired"], told["expires"]) == (False, True, "2001-09-09T01:46:40Z")


def test_a_logged_out_token_is_told(site):
    token = site.token(site.seed.alice)
    site.client.bearer(token).post("/api/users/logout")
    told = inspect(site, token, 1)
    assert (told["counts"], told["revoked"], told["epoch_current"]) == (False, True, True)


def test_a_token_from_before_a_change_of_password_is_told(site):
    user = site.seed.user()
    token = site.token(user)
    site.sql("UPDATE _user SET epoch = epoch + 1 WHERE id = %s", (user.id,))
    told = inspect(site, token, 1)
    assert (told["counts"], told["epoch_current"], told["revoked"]) == (False, False, False)


def test_an_inactive_user_is_told(site):
    user = site.seed.user()
    token = site.token(user)
    site.sql("UPDATE _user SET active = false WHERE id = %s", (user.id,))
    assert inspect(site, token, 1)["user_active"] is False


def test_a_user_who_is_gone_is_told(site):
    token = site.mint(site.seed.alice, id=2147483647)
    told = inspect(site, token, 1)
    assert (told["counts"], told["user_exists"], told["user_active"]) == (False, False, None)


def test_a_user_of_another_customer_is_not_there(site):
    told = inspect(site, site.mint(site.seed.alice, customer={"id": 2147483647}), 1)
    assert told["user_exists"] is False


def test_a_token_that_is_no_sessions_does_not_count(site):
    token = jwt.encode({"sub": "x", "exp": 4000000000}, site.secret, algorithm="HS256")
    told = inspect(site, token, 1)
    assert (told["counts"], told["signed_by_secret"], told["user_exists"]) == (False, 1, None)


def test_offline_no_database_is_asked(site):
    token = site.token(site.seed.alice)
    site.client.bearer(token).post("/api/users/logout")
    away = {"USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"}
    told = inspect(site, token, 0, "--offline", **away)
    assert (told["counts"], told["revoked"], told["user_exists"]) == (True, None, None)


def test_without_a_database_signature_and_time_are_told(site):
    told = inspect(site, site.token(site.seed.alice), 0, USER_API_DATABASE_URL=None)
    assert (told["counts"], told["revoked"]) == (True, None)


def test_a_database_that_is_away_is_a_failure_not_a_verdict(site):
    away = "postgresql://nobody@127.0.0.1:1/nowhere"
    result = run(site, "inspect", token=site.token(site.seed.alice), check=False, USER_API_DATABASE_URL=away)
    assert_one_line(result)
    assert result.stdout == ""


def test_the_token_is_an_argument_a_file_or_standard_input(site, folder):
    token = site.token(site.seed.alice)
    path = os.path.join(folder, "token")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"  {token}\r\n")
    by_input = run(site, "inspect", token=token).stdout
    assert run(site, "inspect", token).stdout == by_input
    assert run(site, "inspect", "--token-file", path).stdout == by_input


def test_a_name_in_a_token_cannot_forge_what_people_read(site):
    hostile = "x\x1b[2J\ncounts            yes"
    told = run(site, "inspect", token=site.mint(site.seed.alice, secret=OTHER_SECRET, name=hostile), check=False).stdout
    assert re.findall(r"(?m)^counts .*$", told) == ["counts            no"]
    assert "\x1b" not in told


# --- revoke ---


def test_a_revoked_token_is_refused_and_the_others_are_not(site):
    token, other = site.token(site.seed.alice), site.token(site.seed.alice)
    assert counts(site, token)
    told = json.loads(run(site, "revoke", "--json", token=token).stdout)
    assert (told["counts"], told["revoked"]) == (False, True)
    assert_ended(site, site.client.bearer(token))
    assert counts(site, other)


def test_revoking_may_be_repeated(site):
    token = site.token(site.seed.alice)
    first = run(site, "revoke", token=token).stdout
    assert run(site, "revoke", token=token).stdout == first


def test_an_expired_token_needs_no_revocation(site):
    token = site.mint(site.seed.alice, exp=1000000000)
    before = site.sql("SELECT count(*) FROM revoked_token")
    assert json.loads(run(site, "revoke", "--json", token=token).stdout)["expired"] is True
    assert site.sql("SELECT count(*) FROM revoked_token") == before


def test_a_token_that_was_not_signed_here_is_not_revoked(site):
    before = site.sql("SELECT count(*) FROM revoked_token")
    token = site.mint(site.seed.alice, secret=OTHER_SECRET)
    assert_one_line(run(site, "revoke", token=token, check=False), "none of the secrets")
    assert site.sql("SELECT count(*) FROM revoked_token") == before


def test_a_token_of_nobodys_is_not_revoked(site):
    token = jwt.encode({"sub": "x", "exp": 4000000000}, site.secret, algorithm="HS256")
    assert_one_line(run(site, "revoke", token=token, check=False), "does not belong to a session")


def test_no_secret_is_ever_printed(site):
    token = site.token(site.seed.alice)
    for arguments in (["issue", site.seed.alice.email], ["inspect"], ["revoke"]):
        result = run(site, *arguments, token=token)
        assert site.secret not in result.stdout + result.stderr


# --- misuse ---


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["issue"],
        ["issue", ""],
        ["issue", "x" * 256],
        ["issue", "a@b", "c@d"],
        ["issue", "a@b", "--lifetime", "0"],
        ["issue", "a@b", "--lifetime", "315360001"],
        ["issue", "a@b", "--lifetime", "-1"],
        ["inspect"],
        ["inspect", "a", "b"],
        ["inspect", "a.b.c", "--token-file", "/dev/null"],
        ["revoke"],
        ["revoke", "--offline"],
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_2(site, arguments):
    result = run(site, *arguments, check=False)
    assert_one_line(result, code=2)
    assert result.stdout == ""


@pytest.mark.parametrize("token", ["x", "a.b.c", "Bearer x.y.z", "x" * 20000, "é.é.é"])
@pytest.mark.parametrize("action", ["inspect", "revoke"])
def test_what_is_no_token_is_a_failure(site, action, token):
    result = run(site, action, token=token, check=False)
    assert_one_line(result, "not a token")
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_told(site):
    assert_one_line(run(site, "inspect", "--token-file", "/nonexistent/token", check=False), "/nonexistent/token")
    assert_one_line(run(site, "inspect", "--token-file", "/", check=False), "directory")


@pytest.mark.parametrize("arguments", [["issue", "a@b"], ["revoke", "x.y.z"]])
def test_a_database_that_is_away_is_one_line(site, arguments):
    result = run(site, *arguments, USER_API_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere", check=False)
    assert_one_line(result)
    assert result.stdout == ""
