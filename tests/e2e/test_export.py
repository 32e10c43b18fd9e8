"""`user-api-admin export`: users as JSON lines and CSV, and importing them again."""

import json
import os
import signal
import stat
import subprocess

import pytest
from support import admin
from support.original import Original, person
from support.rows import OLD, STRANGE, row_of, user, with_hashes
from support.rows_fixtures import name, other, target  # noqa: F401

THOUSANDS = 5000


def test_what_export_writes_import_reads_back(target, other, name):
    documents = with_hashes(60) + [user(100 + number, name=text) for number, text in enumerate(STRANGE)]
    target.load(documents)
    path = target.path(name)
    target.run("export", path, "--with-hashes")
    other.run("import", path)
    assert other.users() == target.users()
    assert other.database.next_ids()["_user_id_seq"] == target.database.next_ids()["_user_id_seq"]
    other.run("export", other.path(name), "--with-hashes")
    with open(path, "rb") as first, open(other.path(name), "rb") as second:
        assert first.read() == second.read()


def test_names_that_nobody_could_be_given_are_written_and_not_read_back(target, other, name):
    target.load([user(number) for number in range(1, len(OLD) + 1)])
    for number, text in enumerate(OLD, 1):
        target.sql("UPDATE _user SET name = %s WHERE id = %s", (text, number))
    path = target.path(name)
    target.run("export", path)
    said = other.run("import", path, code=1).stderr
    told = [line for line in said.splitlines() if ": name: " in line]
    assert len(told) == len(OLD) and f"{len(OLD)} of {len(OLD)} rows are bad" in said


def test_five_thousand_users_go_there_and_back(target, other, name):
    documents = [user(number, hash=f"$2b$12${number:021}u{number:030}u") for number in range(1, THOUSANDS + 1)]
    assert target.summary(documents, name=name)["imported"] == THOUSANDS
    assert target.users() == [row_of(each) for each in documents]
    assert json.loads(target.run("export", target.path("out." + name), "--with-hashes", "--json").stdout) == {
        "exported": THOUSANDS
    }
    other.run("import", target.path("out." + name))
    assert other.users() == target.users()


def test_json_lines_are_compact_objects_with_sorted_names(target):
    target.load([user(6, name="a/b é", hash=None)])
    target.sql("UPDATE _user SET name = name || E' \\u0001'")
    written = target.run("export", "-").stdout
    assert written == (
        '{"active":true,"customer":1,"email":"user6@example.org","epoch":2,"id":6,'
        '"name":"a/b é \\u0001","roles":["admin","reader"]}\n'
    )


def test_csv_is_that_of_rfc_4180(target):
    target.load([user(6, name='say "hi", bye'), user(7, name="=1+1", roles=[])])
    target.run("export", target.path("users.csv"))
    with open(target.path("users.csv"), "rb") as file:
        assert file.read() == (
            b"id,email,name,active,customer,roles,epoch\r\n"
            b'6,user6@example.org,"say ""hi"", bye",true,1,admin;reader,2\r\n'
            b"7,user7@example.org,=1+1,true,2,,3\r\n"
        )


def test_hashes_are_written_on_request_alone(target, name):
    target.load(with_hashes(6))
    target.run("export", target.path(name))
    with open(target.path(name), encoding="utf-8") as file:
        written = file.read()
    assert "$2b$" not in written and "hash" not in written and "salt" not in written


def test_users_of_one_customer_are_written_in_the_order_of_their_ids(target):
    target.load([user(number) for number in (9, 3, 8, 1, 6, 2)])
    written = target.run("export", "-", "--customer", "1").stdout
    assert [json.loads(line)["id"] for line in written.splitlines()] == [3, 6, 9]
    assert "there is no customer 9" in target.run("export", "-", "--customer", "9", code=1).stderr


def test_users_are_sent_as_they_are_read_and_not_sorted_first(target, name):
    target.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'user' || number || '@example.org', 'N', '*', '*', true, 1 FROM generate_series(1, 20000) AS number"
    )
    target.sql("ANALYZE")
    target.run("export", target.path(name), PGOPTIONS="-c work_mem=64kB -c temp_file_limit=0")  # a sort would fail


def test_a_file_with_hashes_is_for_its_owner_alone(target, name):
    target.load([user(1)])
    before = os.umask(0o022)
    try:
        target.run("export", target.path("with." + name), "--with-hashes")
        target.run("export", target.path("without." + name))
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(target.path("with." + name)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(target.path("without." + name)).st_mode) == 0o644


def test_a_file_that_is_there_is_replaced_by_force_alone(target, name):
    target.load([user(1)])
    path = target.write("precious\n", name)
    os.chmod(path, 0o644)
    result = target.run("export", path, "--with-hashes", code=1)
    assert "is there already (--force replaces it)" in result.stderr
    with open(path, encoding="utf-8") as file:
        assert file.read() == "precious\n"
    target.run("export", path, "--with-hashes", "--force")
    with open(path, encoding="utf-8") as file:
        assert "user1@example.org" in file.read()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_link_is_not_followed(target, name):
    target.load([user(1)])
    aim = target.write("precious\n", "aim")
    os.symlink(aim, target.path(name))
    target.run("export", target.path(name), code=1)
    target.run("export", target.path(name), "--force")
    with open(aim, encoding="utf-8") as file:
        assert file.read() == "precious\n"


@pytest.mark.parametrize("is_there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_at_the_unfinished_file_is_not_followed(target, is_there):
    """An attacker can guess the unfinished file's name, which contains the pid."""
    target.load([user(1)])
    aim = target.write("precious\n", "aim") if is_there else target.path("nowhere")
    result = subprocess.run(
        ["sh", "-c", 'ln -s "$1" "$2.$$.part" && exec "$3" export "$2" --with-hashes', "sh", aim, target.path("out.jsonl"), admin.binary()],
        env=admin.environment(USER_API_DATABASE_URL=target.url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1 and f"cannot write {target.path('out.jsonl')}" in result.stderr
    assert os.path.exists(aim) == is_there
    if is_there:
        with open(aim, encoding="utf-8") as file:
            assert file.read() == "precious\n"


@pytest.mark.parametrize("code", ["a;b", " a", "a ", ""])
def test_csv_refuses_roles_that_it_cannot_tell(target, code):
    target.sql("INSERT INTO role (id, code, name) VALUES (9, %s, 'x')", (code,))
    target.load([user(1, roles=[code])])
    assert "JSON lines can" in target.run("export", target.path("x.csv"), code=1).stderr
    assert not os.path.exists(target.path("x.csv"))
    assert json.loads(target.run("export", "-").stdout)["roles"] == [code]


def test_an_export_that_cannot_be_written_leaves_nothing_behind(target):
    target.load([user(number) for number in range(1, 3000)])
    result = subprocess.run(
        f"ulimit -f 8; exec {admin.binary()} export {target.path('x.csv')}",
        shell=True,
        env=admin.environment(USER_API_DATABASE_URL=target.url),
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1 and "cannot write" in result.stderr
    assert os.listdir(target.folder) == ["import.jsonl"]


def test_the_originals_users_go_over_by_export_and_import_too(postgres, target):
    original = Original(postgres)
    original.run("adopt", check=True)
    original.run("export", target.path("users.csv"), "--with-hashes", check=True)
    target.sql("INSERT INTO customer (max_user_quota) SELECT NULL FROM generate_series(1, 4)")
    target.run("import", target.path("users.csv"))
    stored = original.sql("SELECT id, email, name, hash, salt, active, customer_id FROM _user ORDER BY id")
    assert target.sql("SELECT id, email, name, hash, salt, active, customer_id FROM _user ORDER BY id") == stored
    assert target.users()[8][5] == list(person(9).roles)
    original.drop()
