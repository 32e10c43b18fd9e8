"""The notifications of the database on the channel user_api_session. Changes that end sessions send exactly what a
listener must forget, and other changes send nothing."""

import hashlib

import pytest

pytest_plugins = ["support.sql_changes_fixtures"]

TOGETHER = 100

SAID = [
    ("UPDATE _user SET email = 'e' || id", "u"),
    ("UPDATE _user SET hash = 'x'", "u"),
    ("UPDATE _user SET salt = 'x'", "u"),
    ("UPDATE _user SET active = false", "u"),
    ("UPDATE _user SET customer_id = 2", "u"),
    ("UPDATE _user SET epoch = epoch + 1", "u"),
    ("UPDATE user_has_role SET role_id = 3", "u"),
    ("DELETE FROM user_has_role", "u"),
    ("TRUNCATE user_has_role", "u"),
    ("INSERT INTO user_has_role SELECT id, 3 FROM _user", "u"),
    ("UPDATE role SET code = code || 'x'", "u"),
    ("DELETE FROM user_has_role; DELETE FROM _user", "u"),
    ("TRUNCATE _user CASCADE", "u*"),
    ("INSERT INTO revoked_token SELECT sha256('t'), id, now() FROM _user", "t"),
]


@pytest.mark.parametrize("statement, kinds", SAID)
def test_whatever_ends_sessions_is_said(own, statement, kinds):
    user = own.user([1])
    own.heard()
    own.sql(statement)
    said = {"u": f"u {user}", "t": "t " + hashlib.sha256(b"t").hexdigest(), "*": "*"}
    # TRUNCATE chooses the order of the tables itself.
    assert sorted(own.heard()) == sorted(said[kind] for kind in kinds)


NOT_SAID = [
    "UPDATE _user SET name = 'Other'",
    "UPDATE _user SET epoch = 0, email = email, hash = hash, active = active",
    "UPDATE user_has_role SET role_id = role_id",
    "INSERT INTO user_has_role SELECT * FROM user_has_role ON CONFLICT DO NOTHING",
    "UPDATE role SET name = 'Other', assignable = false",
    "UPDATE customer SET name = 'Other', max_user_quota = 3",
    "INSERT INTO role (code, name) VALUES ('new', 'New'); DELETE FROM role WHERE code = 'new'",
    "DELETE FROM revoked_token",
    "DELETE FROM _user WHERE false",
    "UPDATE _user SET hash = 'up', salt = 'up' WHERE set_config('user_api.upgraded_hash', 'up', true) IS NOT NULL",
]


@pytest.mark.parametrize("statement", NOT_SAID)
def test_nothing_is_said_of_what_ends_no_session(own, statement):
    user = own.user([1])
    own.sql("INSERT INTO revoked_token VALUES (sha256('t'), %s, now())", (user,))
    own.heard()
    own.sql(statement)
    assert own.epoch(user) == 0
    assert own.heard() == []


def test_nothing_is_said_of_a_new_user(changed):
    changed.heard()
    changed.user([1, 2])
    changed.sql("BEGIN")
    user = changed.user()
    changed.sql("INSERT INTO user_has_role VALUES (%s, 1)", (user,))
    changed.sql("COMMIT")
    assert changed.heard() == []


def test_who_comes_back_with_an_old_id_is_said(changed):
    user = changed.user()
    changed.sql("DELETE FROM _user WHERE id = %s", (user,))
    changed.heard()
    changed.user(id=user)
    assert changed.heard() == [f"u {user}"]


def test_an_id_that_changes_is_said_of_both(changed):
    user, gone = changed.user(), changed.user()
    changed.sql("DELETE FROM _user WHERE id = %s", (gone,))
    changed.heard()
    changed.sql("UPDATE _user SET id = %s WHERE id = %s", (gone, user))
    assert set(changed.heard()) == {f"u {user}", f"u {gone}"}


@pytest.mark.parametrize("count, everything", [(TOGETHER, []), (TOGETHER + 1, ["*"]), (10000, ["*"])])
@pytest.mark.parametrize("change", ["UPDATE _user SET active = false", "DELETE FROM _user", "INSERT INTO user_has_role SELECT id, 1 FROM _user"])
def test_a_transaction_names_a_hundred_users_and_then_means_everybody(own, change, count, everything):
    users = own.users(count)
    own.heard()
    own.sql(change)
    heard = own.heard()
    named = [each for each in heard if each != "*"]
    assert len(named) == TOGETHER and set(named) <= {f"u {user}" for user in users}
    assert heard == named + everything


def test_the_hundred_are_counted_over_the_statements_of_a_transaction(own):
    users = own.users(TOGETHER + 1)
    own.heard()
    own.sql("BEGIN")
    for user in users:
        own.sql("UPDATE _user SET active = false WHERE id = %s", (user,))
    own.sql("COMMIT")
    assert own.heard() == [f"u {user}" for user in users[:TOGETHER]] + ["*"]


def test_each_transaction_has_a_hundred_of_its_own(own):
    users = own.users(TOGETHER)
    own.heard()
    for active in ("false", "true"):
        own.sql(f"UPDATE _user SET active = {active}")
        assert sorted(own.heard()) == sorted(f"u {user}" for user in users)


def test_a_savepoint_that_is_rolled_back_takes_its_messages_and_their_count_along(own):
    users = own.users(2 * TOGETHER - 10)
    own.heard()
    own.sql("BEGIN; SAVEPOINT s")
    own.sql("UPDATE _user SET active = false WHERE id = ANY (%s)", (users[TOGETHER:],))
    own.sql("ROLLBACK TO s")
    own.sql("UPDATE _user SET active = false WHERE id = ANY (%s)", (users[:TOGETHER],))
    own.sql("COMMIT")
    assert sorted(own.heard()) == sorted(f"u {user}" for user in users[:TOGETHER])


def test_a_transaction_that_is_rolled_back_says_nothing(own):
    own.users(3)
    own.sql("BEGIN")
    own.sql("UPDATE _user SET active = false")
    own.sql("ROLLBACK")
    assert own.heard() == []


def test_revoked_tokens_are_counted_as_well(own):
    user = own.user()
    own.sql("INSERT INTO revoked_token SELECT sha256(n::text::bytea), %s, now() FROM generate_series(1, 101) n", (user,))
    heard = own.heard()
    assert len(heard) == TOGETHER + 1 and heard[-1] == "*"


@pytest.mark.parametrize("setting", ["nonsense", "-1", "100", "99999999999999999999", " 3"])
def test_a_count_that_somebody_has_spoilt_makes_it_everybody(own, setting):
    own.user()
    own.sql("SELECT set_config('user_api.notified', %s, false)", (setting,))
    own.sql("UPDATE _user SET active = false")
    assert own.heard() == ["*"]
