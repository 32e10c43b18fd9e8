"""Rows of the original's MySQL database and those of the target: refused, added, already there, or taken back."""

import json

import pytest
from support import hashes
from support.mysql_import import people, run, state, summary
from support.original import ROLES, person

pytest_plugins = ["support.mysql_fixtures"]


BROKEN = {
    "email-null": "UPDATE _user SET email = NULL WHERE id = 1",
    "name-null": "UPDATE _user SET name = NULL WHERE id = 2",
    "hash-null": "UPDATE _user SET salt = NULL WHERE id = 3",
    "customer-null": "UPDATE _user SET customer_id = NULL WHERE id = 4",
    "email-case": "ALTER TABLE _user MODIFY email VARCHAR(255) COLLATE utf8mb4_bin;"
    " UPDATE _user SET email = 'ÄRGER@x' WHERE id = 5; UPDATE _user SET email = 'ärger@X' WHERE id = 6",
    "text-too-long": "ALTER TABLE _user MODIFY name VARCHAR(300); UPDATE _user SET name = REPEAT('ü', 256) WHERE id = 7",
    "customer-orphan": "SET foreign_key_checks = 0; UPDATE _user SET customer_id = 99 WHERE id = 8",
    "membership-orphan": "INSERT INTO user_has_role VALUES (NULL, 1)",
    "role-null": "INSERT INTO role VALUES (9, NULL, 'x')",
    "quota-negative": "UPDATE customer SET max_user_quota = -1 WHERE id = 1",
    "id-range": "INSERT INTO role VALUES (-3, 'minus', 'x')",
}


@pytest.mark.parametrize("kinds", [["email-case"], ["membership-orphan"], list(BROKEN)], ids=["case", "orphan", "all"])
def test_broken_rows_are_named_and_nothing_is_changed(source, target, kinds):
    for kind in kinds:
        source.run(BROKEN[kind])
    before = state(target)
    said = run(source, target, code=4)
    for kind in kinds:
        assert f"error   {kind} " in said.stdout
    assert said.stderr == "user-api-admin: refused, nothing was changed: fix the errors first\n"
    assert state(target) == before


def test_hashes_that_cannot_be_verified_are_named_and_copied_as_they_are(source, target):
    store = "UPDATE _user SET hash = '{0}', salt = LEFT('{0}', 29) WHERE id = {1}"
    source.run(store.format(hashes.EXPENSIVE, 2) + ";" + store.format(hashes.PADDED_BOTH, 3))
    said = run(source, target).stdout
    assert "warning hash-expensive 1 " in said and f"user 2 {person(2).email}" in said
    assert "hash-unknown" not in said and people(target) == source.people()


def test_emails_and_names_that_nobody_could_be_given_are_named_and_copied_as_they_are(source, target):
    source.run("UPDATE _user SET email = ' 2@x' WHERE id = 2; UPDATE _user SET name = CONCAT('a', CHAR(10)) WHERE id = 3")
    said = run(source, target).stdout
    assert "warning email-form 1 " in said and "warning name-form 1 " in said
    assert target.sql("SELECT id, email, name FROM _user WHERE id IN (2, 3) ORDER BY id") == [
        (2, " 2@x", person(2).name),
        (3, person(3).email, "a\n"),
    ]


def test_emails_that_differ_in_how_letters_are_composed_are_refused(source, target):
    source.run("ALTER TABLE _user MODIFY email VARCHAR(255) COLLATE utf8mb4_bin")
    source.run("UPDATE _user SET email = 'zo\u00eb@x' WHERE id = 5; UPDATE _user SET email = 'zoe\u0308@x' WHERE id = 6")
    assert "error   email-case 2 " in run(source, target, code=4).stdout
    target.sql("INSERT INTO customer VALUES (1, 3)")
    source.run("UPDATE _user SET email = 'other@x' WHERE id = 6")
    user = "INSERT INTO _user (id, email, name, hash, salt, active, customer_id) VALUES (1000, %s, 'n', 'h', 's', true, 1)"
    target.sql(user, ("Zoe\u0308@x",))
    assert "error   email-taken 1 " in run(source, target, code=4).stdout


def test_rows_that_the_target_has_otherwise_are_refused(source, target):
    target.sql("INSERT INTO customer VALUES (1, 3), (2, 100000)")
    target.sql("INSERT INTO role VALUES (1, 'boss', 'B')")
    user = "INSERT INTO _user (id, email, name, hash, salt, active, customer_id) VALUES (%s, %s, 'n', 'h', 's', true, 2)"
    target.sql(user, (1, "admin"))
    target.sql(user, (1000, "PERSON7@example.org"))
    target.sql("INSERT INTO user_has_role VALUES (1, 1)")
    before = state(target)
    said = json.loads(run(source, target, "--json", code=4).stdout)
    wrong = {each["code"]: each["count"] for each in said["findings"] if each["severity"] == "error"}
    assert wrong == {"customer-taken": 1, "user-taken": 1, "email-taken": 1, "role-taken": 1, "membership-extra": 1}
    assert state(target) == before


def test_a_role_is_the_same_where_its_code_is(source, target):
    target.sql("INSERT INTO role VALUES (9, 'reader', 'Reader')")
    said = run(source, target).stdout
    assert "note    role-moved 1 " in said and summary(said)["role"] == [3, 3, 2, 1, 0]
    assert target.rows()["role"] == [ROLES[0], ROLES[2], (9, "reader", "Reader")]
    readers = [number for number, role in target.rows()["user_has_role"] if role == 9]
    assert readers == [n for n in range(1, source.users + 1) if "reader" in person(n).roles]


def test_what_came_meanwhile_is_added_by_the_next_run_and_what_changed_is_refused(source, target):
    run(source, target)
    source.run("INSERT INTO _user VALUES (500, 'late@example.org', 'Late', 'h', 's', 1, 3)")
    source.run("INSERT INTO user_has_role VALUES (500, 1)")
    said = run(source, target).stdout
    assert summary(said)["_user"] == [41, 41, 1, 40, 0]
    assert people(target) == source.people() and (500, 1) in target.rows()["user_has_role"]
    source.run("UPDATE _user SET hash = 'other' WHERE id = 3")
    before = state(target)
    assert "error   user-taken 1 " in run(source, target, code=4).stdout
    assert state(target) == before


def test_a_dry_run_does_all_of_it_and_leaves_nothing(source, target):
    before = state(target)
    said = run(source, target, "--dry-run").stdout
    assert summary(said)["_user"] == [40, 40, 40, 0, 0] and "dry run: everything was undone" in said
    assert state(target) == before


@pytest.mark.parametrize("table", ["customer", "user_has_role"])
def test_a_failure_while_it_copies_leaves_no_trace(source, target, table):
    target.sql("CREATE FUNCTION inject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'injected'; END $$")
    target.sql(f"CREATE TRIGGER inject BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION inject()")
    before = state(target)
    said = run(source, target, code=1)
    assert "nothing was changed: the database refused (SQLSTATE P0001)" in said.stderr
    assert "imported" not in said.stdout.splitlines()[-1]
    assert state(target) == before


def test_rows_that_vanish_on_the_way_are_noticed(source, target):
    target.sql("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    target.sql("CREATE TRIGGER swallow BEFORE INSERT ON user_has_role FOR EACH ROW EXECUTE FUNCTION swallow()")
    before = state(target)
    assert "the numbers of rows do not agree" in run(source, target, code=1).stderr
    assert state(target) == before
