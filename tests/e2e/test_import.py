"""`user-api-admin import`: users as JSON lines and CSV, and which of them can log in afterwards."""

import csv
import json
import os
import subprocess

import pytest
from support import admin, hashes, seed
from support.client import assert_wrong_login
from support.original import Original
from support.rows import FIELDS, STRANGE, as_csv, as_jsonl, row_of, user, with_hashes
from support.rows_fixtures import name, other, target  # noqa: F401


def test_every_field_arrives_as_it_is_written(target, name):
    documents = with_hashes(40)
    said = target.load(documents, name=name).stdout
    memberships = sum(len(each["roles"]) for each in documents)
    assert said == f"imported: 40 users, {memberships} memberships; read: 40, skipped: 0\n"
    assert target.users() == [row_of(each) for each in documents]


def test_strange_texts_arrive_unchanged(target, name):
    documents = [user(number, name=text) for number, text in enumerate(STRANGE, 1)]
    documents += [user(100, email='"quoted, name"@example.org'), user(101, email="ÄÖ@example.org")]
    target.load(documents, name=name)
    assert target.users() == [row_of(each) for each in documents]


def test_what_is_not_given_has_a_default(target):
    target.load('{"email":"a","name":"b"}\n', "--customer", "2")
    assert target.users() == [(1, "a", "b", True, 2, [], 0, "*", "*")]


def test_rows_without_a_customer_belong_to_the_only_one(target, name):
    rows = "email,name\na,b\n" if name.endswith("csv") else '{"email":"a","name":"b"}\n'
    several = "there are several customers: say which, with --customer"
    line = 2 if name.endswith("csv") else 1
    assert target.complaints(rows, name=name) == [(line, "customer", several)]
    target.sql("DELETE FROM customer WHERE id <> 2")
    target.load(rows, name=name)
    assert target.users() == [(1, "a", "b", True, 2, [], 0, "*", "*")]
    target.sql("DELETE FROM _user; DELETE FROM customer")
    assert target.complaints(rows, name=name) == [(line, "customer", "there is no customer yet")]


def test_a_customer_that_is_not_there_is_a_slip_and_no_fault_of_the_rows(target):
    said = target.load([user(1)], "--customer", "9", code=1).stderr
    assert "nothing was changed: there is no customer 9\n" in said and "line" not in said
    assert target.users() == []


def test_an_empty_field_of_csv_counts_as_not_given_unless_it_is_quoted(target):
    content = "email,name,id,active,customer,roles,epoch,hash,salt\na,b,,,3,,,,\n"
    target.load(content, name="users.csv")
    assert target.users() == [(1, "a", "b", True, 3, [], 0, "*", "*")]
    quoted = "email,name,customer\nb,\"\",3\n"
    assert target.complaints(quoted, name="users.csv") == [(2, "name", "empty values not allowed")]
    assert target.complaints("email,name,customer\nb,,3\n", name="users.csv") == [(2, "name", "required field")]


def test_columns_may_stand_in_any_order_and_line_ends_be_of_either_kind(target):
    target.load("name,customer,email\r\nA,1,a@x\r\n\r\n\nB,2,b@x\nC,3,c@x", name="users.csv")
    assert [(row[1], row[2], row[4]) for row in target.users()] == [("a@x", "A", 1), ("b@x", "B", 2), ("c@x", "C", 3)]


def test_a_byte_order_mark_is_skipped(target, name):
    text = as_csv([user(1)]) if name.endswith("csv") else as_jsonl([user(1)])
    target.load("\ufeff" + text, name=name)
    assert target.users() == [row_of(user(1))]


@pytest.mark.parametrize("word,active", [("true", True), ("FALSE", False), ("t", True), ("f", False), ("1", True), ("0", False)])
def test_csv_knows_booleans_as_others_write_them(target, word, active):
    target.load(f"email,name,customer,active\na,b,1,{word}\n", name="users.csv")
    assert target.users()[0][3] is active


def test_roles_of_csv_have_semicolons_between_them(target):
    target.sql("INSERT INTO role (id, code, name) VALUES (9, 'two words', 'x')")
    target.load('email,name,customer,roles\na,b,1,"admin; two words;;admin"\n', name="users.csv")
    assert target.users()[0][5] == ["admin", "two words"]


def test_standard_input_and_another_format_than_the_names_are_read(target):
    content = as_csv([user(1)]).encode()
    result = subprocess.run(
        [admin.binary(), "import", "-", "--format", "csv", "--database-url", target.url],
        env=admin.environment(),
        input=content,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    target.load(as_csv([user(2)]), "--format", "csv", name="users.txt")
    assert target.users() == [row_of(user(1)), row_of(user(2))]


def test_users_are_added_to_those_who_are_there(target, name):
    target.load([user(1), user(2)], name=name)
    target.load([user(7), user(4)], name=name)
    assert target.users() == [row_of(user(number)) for number in (1, 2, 4, 7)]


def test_rows_without_an_id_get_the_next_ones_in_their_order(target):
    target.load([user(1), user(30)])
    documents = [user(number, id=None) for number in (5, 6)] + [user(40)] + [user(7, id=None)]
    target.load(documents)
    assert [(row[0], row[1]) for row in target.users()] == [
        (1, "user1@example.org"),
        (30, "user30@example.org"),
        (40, "user40@example.org"),
        (41, "user5@example.org"),
        (42, "user6@example.org"),
        (43, "user7@example.org"),
    ]
    assert [row[5] for row in target.users()][3:] == [user(number)["roles"] for number in (5, 6, 7)]


def test_ids_that_were_given_out_and_not_used_are_not_given_out_again(target):
    target.sql("SELECT nextval(pg_get_serial_sequence('_user', 'id')) FROM generate_series(1, 9)")
    target.load([user(1, id=None)])
    assert target.users()[0][0] == 10


def test_the_highest_id_that_there_can_be_is_taken(target):
    target.load([user(1, id=2**31 - 1)])
    result = target.load([user(2, id=None)], code=1)
    assert "nothing was changed: there are not enough ids left" in result.stderr


@pytest.mark.parametrize("layout", ["bare", "keyed"])
def test_an_adopted_database_is_imported_into_before_and_after_it_is_finalized(postgres, folder, layout):
    original = Original(postgres, layout=layout)
    original.run("adopt", check=True)
    for step, number in (("adopted", 1001), ("finalized", 1003)):
        path = os.path.join(folder, f"{step}.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(as_jsonl([user(number), user(number + 1, id=None)]))
        original.run("import", path, check=True)
        found = original.sql("SELECT id, email FROM _user WHERE id >= %s ORDER BY id", (number,))
        assert found == [(number, f"user{number}@example.org"), (number + 1, f"user{number + 1}@example.org")]
        original.run("finalize", check=True)
    assert original.insert("next@example.org", "x") == 1005
    original.drop()


def test_a_dry_run_says_what_would_be_and_changes_nothing(target, name):
    target.load([user(1)], name=name)
    before = target.state()
    said = target.load([user(2), user(9, id=None)], "--dry-run", name=name).stdout
    assert said.startswith("would be imported: 2 users")
    assert target.state() == before
    assert target.summary([user(2), user(9)], "--dry-run") == {
        "bad": 0,
        "dry_run": True,
        "imported": 2,
        "memberships": 2,
        "read": 2,
        "skipped": 0,
    }
    assert target.state() == before
    target.load([user(1)], "--dry-run", code=1)


def test_exclusive_makes_the_same_of_it(target, other):
    documents = with_hashes(300)
    target.load(documents[:10])
    other.load(documents[:10])
    target.load(documents[10:])
    other.load(documents[10:], "--exclusive")
    assert other.state() == target.state()


@pytest.mark.parametrize("way", [(), ("--exclusive",)])
def test_bad_rows_are_found_either_way(target, way):
    target.load([user(1), user(2)])
    before = target.state()
    documents = [user(3), user(2), user(4, email="USER1@example.org"), user(5)]
    expected = [(2, "id", "user 2 is there already"), (2, "email", "is that of user 2 already")]
    expected += [(3, "email", "is that of user 1 already")]
    assert target.complaints(documents, *way) == expected
    assert target.state() == before
    assert target.complaints(documents, "--skip-bad", *way, code=3) == expected
    assert target.users() == [row_of(user(number)) for number in (1, 2, 3, 5)]
    assert target.state()[1] == before[1]


# --- the service ---


def test_imported_users_log_in_with_their_old_passwords(site, folder):
    bcrypt, pbkdf2 = seed.bcrypt("old password"), seed.pbkdf2("pässwörd")
    documents = [
        {"email": "2b@import", "hash": bcrypt[0]},
        {"email": "2y@import", "hash": bcrypt[0].replace("$2b$", "$2y$"), "salt": bcrypt[1].replace("$2b$", "$2y$")},
        {"email": "2a@import", "hash": bcrypt[0].replace("$2b$", "$2a$")},
        {"email": "pbkdf2@import", "hash": pbkdf2[0].upper(), "salt": pbkdf2[1]},
        {"email": "none@import"},
        {"email": "inactive@import", "hash": bcrypt[0], "active": False},
    ]
    documents = [{"name": "x", "customer": site.seed.a, "roles": ["reader"], **each} for each in documents]
    path = os.path.join(folder, "users.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(as_jsonl(documents))
    url = site.postgres.url(site.database, "postgres")
    admin.run("import", path, "--database-url", url)
    for email in ("2b@import", "2y@import", "2a@import"):
        answer = site.client.login(email, "old password")
        assert answer.status_code == 200, email
        assert [each["code"] for each in answer.json()["roles"]] == ["reader"]
    assert site.client.login("pbkdf2@import", "pässwörd").status_code == 200
    for password in ("", "*", "old password"):
        assert_wrong_login(site.client.login("none@import", password))
    assert site.client.login("inactive@import", "old password").json()["message"] == "User is not active."


def test_bits_without_a_meaning_in_bcrypts_base64_are_made_canonical(site, folder):
    stored = [hashes.CANONICAL, hashes.PADDED_SALT, hashes.PADDED_DIGEST, hashes.PADDED_BOTH]
    documents = [{"email": f"padded{number}@import", "hash": each} for number, each in enumerate(stored)]
    documents.append({"email": "padded4@import", "hash": hashes.CANONICAL, "salt": hashes.PADDED_SALT[:29]})
    path = os.path.join(folder, "users.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(as_jsonl([{"name": "x", "customer": site.seed.a, **each} for each in documents]))
    admin.run("import", path, "--database-url", site.postgres.url(site.database, "postgres"))
    rows = site.sql("SELECT hash, salt FROM _user WHERE email LIKE 'padded_@import'")
    assert rows == [(hashes.CANONICAL, hashes.CANONICAL[:29])] * 5
    for number in range(5):
        assert site.client.login(f"padded{number}@import", hashes.PASSWORD).status_code == 200
        assert_wrong_login(site.client.login(f"padded{number}@import", "secret-pass-2"))


def test_a_hash_that_would_outlast_the_watchdog_is_left_out(target):
    documents = [user(1), user(2, hash=hashes.EXPENSIVE), user(3, hash=hashes.of_cost(16))]
    target.load(documents, code=1)
    assert target.users() == []
    target.load(documents, "--skip-bad", code=3)
    assert target.users() == [row_of(documents[0]), row_of(documents[2])]


def test_who_registers_after_an_import_gets_the_next_id(site, folder):
    next_id = site.sql("SELECT max(id) FROM _user")[0][0] + 1000
    path = os.path.join(folder, "users.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(as_jsonl([{"id": next_id, "email": f"{next_id}@next", "name": "x", "customer": site.seed.a}]))
    admin.run("import", path, "--database-url", site.postgres.url(site.database, "postgres"))
    document = {"email": "after@next", "name": "n", "active": True, "password": "some password", "roles": []}
    assert site.login(site.seed.alice).post("/api/users/", document).json()["id"] == next_id + 1


def test_doctor_takes_users_without_a_password_for_what_they_are(target):
    target.load([user(1, roles=["admin"]), user(2)])
    document = json.loads(target.run("doctor", "--json").stdout)
    found = {each["code"]: each["count"] for each in document["findings"]}
    assert found["hash-none"] == 2 and "hash-unknown" not in found


def test_every_field_is_told_in_the_help():
    said = admin.run("help", "import").stdout
    assert all(name in said for name in FIELDS)


def test_the_report_is_csv(target):
    content = '{"email":"a","name":"b","customer":1,"say \\"x\\", y":1}\n'
    assert target.complaints(content) == [(1, 'say "x", y', "unknown field")]
    with open(target.path("report.csv"), newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 2
