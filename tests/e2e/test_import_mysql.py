"""The original's MySQL database, in each of its layouts, is copied completely: what arrives, and who can log in."""

import json
import os
import pwd

import pytest
from support.client import assert_wrong_login
from support.mysql_import import people, run, state, summary
from support.mysql_original import MySQLOriginal
from support.original import CUSTOMERS, ROLES, ours, person
from support.postgres import Postgres
from support.processes import wait_until
from support.terminal import Terminal

pytestmark = pytest.mark.long

pytest_plugins = ["support.mysql_fixtures"]

THOUSANDS = 2000


class Imported:
    def __init__(self, mysql, postgres, layout, *arguments):
        self.source = MySQLOriginal(mysql, layout, THOUSANDS)
        self.untouched = self.source.checksums()
        self.target = ours(postgres)
        self.said = run(self.source, self.target, *arguments).stdout

    def drop(self):
        self.target.drop()
        self.source.drop()


@pytest.fixture(scope="module")
def create_all(mysql, postgres):
    made = Imported(mysql, postgres, "create_all")
    yield made
    made.drop()


@pytest.fixture(scope="module")
def workbench(mysql, postgres):
    made = Imported(mysql, postgres, "workbench")
    yield made
    made.drop()


def test_ids_names_hashes_and_salts_are_the_same_and_the_numbers_agree(create_all):
    rows = create_all.target.rows()
    assert people(create_all.target) == create_all.source.people()
    assert [row[5:] for row in rows["_user"]] == [
        (person(n).active, person(n).customer_id) for n in range(1, THOUSANDS + 1)
    ]
    assert rows["role"] == ROLES
    assert rows["customer"] == [(n, None if n % 2 else 100000) for n in range(1, CUSTOMERS + 1)]
    members = len(rows["user_has_role"])
    assert summary(create_all.said) == {
        "customer": [CUSTOMERS, CUSTOMERS, CUSTOMERS, 0, 0],
        "_user": [THOUSANDS, THOUSANDS, THOUSANDS, 0, 0],
        "role": [3, 3, 3, 0, 0],
        "user_has_role": [members, members, members, 0, 0],
    }
    held = [(n, row[0]) for n in range(1, THOUSANDS + 1) for row in ROLES if row[1] in person(n).roles]
    assert rows["user_has_role"] == held


def test_the_sources_tables_stay_as_they_are(create_all, workbench):
    for each in (create_all, workbench):
        assert each.source.checksums() == each.untouched


def test_nothing_but_the_rows_is_left_in_the_target(create_all, postgres):
    reference = ours(postgres)
    assert create_all.target.schema() == reference.schema()
    schemas = create_all.target.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'user_api%'")
    assert schemas == [("user_api_search",)], "that of the extensions"
    assert create_all.target.run("doctor").returncode == 0
    reference.drop()


def test_one_event_for_each_customer_says_who_copied_how_many_users(create_all, workbench):
    by = pwd.getpwuid(os.getuid()).pw_name
    for each in (create_all, workbench):
        users = each.target.sql("SELECT customer_id, count(*) FROM _user GROUP BY 1 ORDER BY 1")
        assert each.target.sql("SELECT kind, customer_id, user_id, actor_id, data FROM event ORDER BY id") == [
            ("user.created", customer, None, None, {"by": by, "users": count}) for customer, count in users
        ]


def test_the_next_ids_follow_the_highest(create_all):
    ids = create_all.target.next_ids()
    assert (ids["_user_id_seq"] or THOUSANDS + 1) == THOUSANDS + 1
    number = create_all.target.insert("next@example.org", "x")
    create_all.target.sql("DELETE FROM _user WHERE id = %s", (number,))
    assert number == THOUSANDS + 1


def test_old_passwords_log_in_and_a_token_minted_as_the_original_does_works(create_all, serve):
    service = serve(create_all.target)
    for number in (1, 2, 3, THOUSANDS - 1):
        answer = service.login(number)
        assert (answer.status_code, answer.json()["id"]) == (200, number)
        assert [role["code"] for role in answer.json().get("roles", [])] == list(person(number).roles)
    assert service.login(10).json()["message"] == "User is not active."
    assert_wrong_login(service.client.login(person(1).email, "wrong"))
    claims, token = service.mint(2)
    answer = service.client.bearer(token).get("/api/users/token")
    assert (answer.status_code, answer.json()) == (200, claims)
    assert service.client.bearer(token).get("/api/users/3").status_code == 404  # a user of another customer
    assert service.client.bearer(token).get(f"/api/users/{2 + CUSTOMERS}").status_code == 200
    assert people(create_all.target) == create_all.source.people()


def test_a_second_run_finds_all_of_it_there(create_all):
    before = state(create_all.target)
    said = json.loads(run(create_all.source, create_all.target, "--json").stdout)
    assert (said["changed"], said["schema"]) == (False, "create_all")
    assert said["result"].startswith("nothing to do")
    users = next(table for table in said["tables"] if table["table"] == "_user")
    assert (users["source"], users["imported"], users["present"]) == (THOUSANDS, 0, THOUSANDS)
    assert state(create_all.target) == before


def test_the_older_layouts_users_go_to_one_customer_and_groups_become_roles(workbench, serve):
    rows = workbench.target.rows()
    assert people(workbench.target) == workbench.source.people()
    assert {row[6] for row in rows["_user"]} == {1} and rows["customer"] == [(1, None)]
    assert [row[5] for row in rows["_user"]] == [person(n).active for n in range(1, THOUSANDS + 1)]
    assert rows["role"] == ROLES
    members = len(rows["user_has_role"])
    assert summary(workbench.said)["user_has_role"] == [members + 3, members + 3, members, 0, 3]
    assert "all users belong to customer 1" in workbench.said
    assert serve(workbench.target).login(7).json()["id"] == 7


def test_text_of_latin1_columns_arrives_as_the_right_utf8(workbench):
    assert workbench.target.rows()["_user"][0][2] == "Jürgen Größe € 1"


def test_the_older_layouts_second_run_finds_its_customer(workbench):
    said = run(workbench.source, workbench.target).stdout
    assert "nothing to do" in said and "all users belong to customer 1" in said


def test_the_oldest_layout_has_users_alone_all_active_for_the_customer_that_is_named(make_source, target):
    source = make_source("users")
    target.sql("INSERT INTO customer (id, max_user_quota) VALUES (5, NULL), (8, 1000)")
    refused = run(source, target, "--customer", "6", code=1)
    assert "nothing was changed: there is no customer 6" in refused.stderr
    said = run(source, target, "--customer", "8").stdout
    assert "all users belong to customer 8" in said
    rows = target.rows()["_user"]
    assert people(target) == source.people()
    assert {row[5:] for row in rows} == {(True, 8)}


def test_a_customer_of_its_own_is_made_beyond_those_that_are_there(make_source, target):
    target.sql("INSERT INTO customer (id) VALUES (5)")
    assert "all users belong to customer 6" in run(make_source("users"), target).stdout
    assert target.sql("INSERT INTO customer (max_user_quota) VALUES (1) RETURNING id") == [(7,)]


def test_emoji_and_every_letter_of_windows_1252_arrive(source, target):
    letters = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ¡ÿ"
    source.run(f"ALTER TABLE role MODIFY name VARCHAR(255) CHARACTER SET latin1; UPDATE role SET name = '{letters}'")
    source.run("UPDATE _user SET name = '😀 \\t\\\\N ''quoted'' \"x\"' WHERE id = 3; UPDATE _user SET name = '' WHERE id = 4")
    source.run("UPDATE _user SET active = NULL WHERE id = 5; UPDATE _user SET name = 'JÃ¼rgen' WHERE id = 6")
    said = run(source, target).stdout
    assert {row[2] for row in target.rows()["role"]} == {letters}
    names = {row[0]: row[2] for row in target.rows()["_user"]}
    assert (names[3], names[4]) == ("😀 \t\\N 'quoted' \"x\"", "")
    assert target.sql("SELECT active FROM _user WHERE id = 5") == [(False,)]
    assert "warning active-null 1 " in said and "warning text-encoding 1 " in said and "user 6 " in said


def test_sockets_and_tcp_and_passwords_of_special_characters_work_on_both_sides(mysql, make_source, new_folder):
    server = Postgres(new_folder())
    with open(os.path.join(server.data, "pg_hba.conf"), "r+", encoding="utf-8") as file:
        rules = file.read()
        file.seek(0)
        file.write("local all tar:get scram-sha-256\nhost all tar:get 127.0.0.1/32 scram-sha-256\n" + rules)
    server.start()
    password = "p@s's%41/?#& :\"\\"
    server.execute('CREATE ROLE "tar:get" LOGIN PASSWORD %s', (password,))
    for tcp in (False, True):
        target = ours(server)
        server.execute(f'ALTER DATABASE {target.name} OWNER TO "tar:get"')
        server.execute('GRANT postgres TO "tar:get"')
        target.url = server.url(target.name, "tar:get", password, tcp)
        source = make_source()
        source.url = mysql.url(source.name, tcp=tcp, scheme="mysql+pymysql" if tcp else "mariadb")
        run(source, target)
        assert people(target) == source.people()
        target.drop()
    server.stop()


def test_on_a_terminal_something_moves_while_it_loads(source, target):
    terminal = Terminal(["import-mysql", source.url, target.url])
    wait_until(lambda: terminal.shows("\r\x1b[Kloading"), 60, "how far it is")
    wait_until(lambda: terminal.shows("imported: "), 60, "the summary")
    assert terminal.end() == 0
