"""user-api-admin token revoke-all: after a restored backup."""

import json
import os
import time

import pytest
from support.client import assert_invalid_token, token_of
from support.installation import assert_one_line
from support.operator import Operator, terminal  # noqa: F401
from support.processes import wait_until
from support.seed import PASSWORD

STEP, SKIPPED, SECONDS = 1000000, 100000, 10000000


@pytest.fixture
def own(fresh_site):
    return fresh_site


def run(site, *arguments, **options):
    return Operator(site).run("token", "revoke-all", *arguments, **{"owner": True, **options})


def state(site):
    return (
        site.sql("SELECT id, epoch FROM _user ORDER BY id"),
        site.sql("SELECT id, epoch FROM deleted_user ORDER BY id"),
        site.sql("SELECT last_value, is_called FROM _user_id_seq"),
    )


def is_connected(site, token):
    return site.client.bearer(token).get("/api/users/token").status_code == 200


def set_password(site, user, password):
    document = {"email": user.email, "password": password}
    assert site.login(site.seed.alice).post("/api/users/reset-password", document).status_code == 200


def register(site, email):
    new = {"email": email, "name": "New", "password": PASSWORD, "active": True, "roles": []}
    answer = site.login(site.seed.alice).post("/api/users/", new)
    assert answer.status_code == 201
    return answer.json()["id"]


def restore(site, backup):
    """Puts the tables back as they were, as pg_restore would, but faster."""
    users, deleted, ((last, called),) = backup
    site.sql("SET session_replication_role = replica; ALTER TABLE _user DISABLE TRIGGER USER")
    site.sql("DELETE FROM _user WHERE id <> ALL (%s)", ([row[0] for row in users],))
    site.sql("TRUNCATE deleted_user")
    for number, epoch in users:
        site.sql("UPDATE _user SET epoch = %s WHERE id = %s", (epoch, number))
    for row in deleted:
        site.sql("INSERT INTO deleted_user VALUES (%s, %s)", row)
    triggers = site.sql("SELECT tgname FROM pg_trigger WHERE tgrelid = '_user'::regclass AND NOT tgisinternal")
    for (name,) in triggers:
        site.sql(f"ALTER TABLE _user ENABLE ALWAYS TRIGGER {name}")
    site.sql("RESET session_replication_role")
    site.sql("SELECT setval('_user_id_seq', %s, %s)", (last, called))
    assert state(site) == backup


def test_after_a_restore_no_token_of_before_or_after_the_backup_counts_and_none_will(own):
    user = own.seed.user("ann")
    tokens = [own.token(user), own.token(own.seed.bella)]
    backup = state(own)
    for number in range(3):
        set_password(own, user, f"password number {number}")
        tokens.append(token_of(own.client.login(user.email, f"password number {number}")))
        assert is_connected(own, tokens[-1])
    lost = register(own, "lost@example.org")
    tokens.append(token_of(own.client.login("lost@example.org", PASSWORD)))
    restore(own, backup)
    assert any(is_connected(own, token) for token in tokens)

    run(own, "--yes")
    wait_until(lambda: not any(is_connected(own, token) for token in tokens), 10, "the notification has come")
    for change in range(4):
        for token in tokens:
            assert_invalid_token(own.client.bearer(token).get("/api/users/token"))
        set_password(own, user, f"another password {change}")
    assert own.client.login(user.email, "another password 3").status_code == 200
    assert own.login(own.seed.bella).get("/api/users/token").status_code == 200
    assert register(own, "new@example.org") > lost
    for token in tokens:
        assert_invalid_token(own.client.bearer(token).get("/api/users/token"))


def test_users_who_were_deleted_before_the_backup_are_raised_as_well(own):
    gone = own.seed.user()
    own.sql("DELETE FROM _user WHERE id = %s", (gone.id,))
    run(own, "--yes")
    ((epoch,),) = own.sql("SELECT epoch FROM deleted_user WHERE id = %s", (gone.id,))
    assert STEP <= epoch < STEP + SECONDS


def test_it_prints_what_it_did(own):
    users, _, ((last, _),) = state(own)
    tried = json.loads(run(own, "--dry-run", "--json").stdout)
    assert (tried["revoked"], tried["users"]) == (False, len(users))
    assert 0 <= tried["next_id"] - last - SKIPPED - 1 < SECONDS
    told = run(own, "--yes").stdout
    registered = register(own, "next@example.org")
    assert told == f"revoked  yes\nusers    {len(users)}\nnext_id  {registered}\n"
    assert 0 <= registered - last - SKIPPED - 1 < SECONDS


def test_a_dry_run_changes_nothing_and_asks_nobody(own):
    before = state(own)
    token = own.token(own.seed.alice)
    run(own, "--dry-run")
    assert state(own) == before
    assert is_connected(own, token)


def test_without_a_terminal_it_needs_yes(own):
    before = state(own)
    result = run(own, check=False)
    assert_one_line(result, "--yes", code=2)
    assert (result.stdout, state(own)) == ("", before)


@pytest.mark.parametrize("answer", ["no", "yes"])
def test_on_a_terminal_only_yes_does_it(site, terminal, answer):
    before = state(site)
    asking = terminal("token", "revoke-all", owner=True)
    asking.expect("End all sessions of all users? [yes/no] ")
    asking.answer(answer + "\n")
    assert os.waitstatus_to_exitcode(asking.end()) == (0 if answer == "yes" else 1)
    assert (state(site) == before) is (answer == "no")


def test_it_takes_the_owner_of_the_tables(own):
    before = state(own)
    result = run(own, "--yes", owner=False, check=False)
    assert_one_line(result, "permission denied", "connect as a role that may do this")
    assert (result.stdout, state(own)) == ("", before)


@pytest.mark.parametrize(
    "spoil,told",
    [
        ("SELECT setval('_user_id_seq', 2147483000)", "numbers left"),
        ("UPDATE _user SET epoch = 2147000000 WHERE name = 'bob'", "numbers left"),
    ],
)
def test_where_it_cannot_do_all_it_does_nothing(own, spoil, told):
    own.sql(spoil)
    before = state(own)
    assert_one_line(run(own, "--yes", check=False), told)
    assert state(own) == before


def test_ids_that_no_sequence_gives_cannot_be_skipped(own):
    own.sql("ALTER TABLE _user ALTER COLUMN id DROP IDENTITY")
    assert_one_line(run(own, "--yes", check=False), "no sequence gives the ids", "doctor")
    assert own.sql("SELECT max(epoch) FROM _user") == [(0,)]


@pytest.mark.parametrize("arguments", [["x"], ["--yes", "x"], ["--force"], ["--dry-run=1"]])
def test_what_is_not_understood_is_one_line_and_exit_code_2(site, arguments):
    result = run(site, *arguments, check=False)
    assert_one_line(result, code=2)


def test_a_backup_that_is_restored_twice_brings_nothing_back_either(own):
    """Two tokens from between the restores: one is logged out, the other one's user id could be given out again."""
    user = own.seed.user()
    backup = state(own)
    wait_until(lambda: 0.5 < time.time() % 1 < 0.6, 5, "the second is rounded up, if it is")
    run(own, "--yes")
    ended = own.login(user)
    assert ended.post("/api/users/logout").status_code == 200
    lost = register(own, "lost@example.org")
    stranger = token_of(own.client.login("lost@example.org", PASSWORD))
    restore(own, backup)
    own.sql("TRUNCATE revoked_token")
    second = int(time.time())
    wait_until(lambda: int(time.time()) > second, 5, "another second has begun")
    run(own, "--yes")
    wait_until(lambda: ended.get("/api/users/token").status_code == 401, 10, "the notification has come")
    assert register(own, "new@example.org") != lost
    assert_invalid_token(own.client.bearer(stranger).get("/api/users/token"))
