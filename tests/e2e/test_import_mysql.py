"""The original's MySQL database, in both of its layouts, is copied: all of it, or nothing."""

import glob
import json
import os
import signal
import stat
import tempfile

import pytest
from support import admin, mariadb, original, seed
from support.client import assert_wrong_login
from support.mariadb import MariaDB
from support.mysql_original import MySQLOriginal
from support.original import CUSTOMERS, ROLES, ours, person
from support.postgres import Postgres
from support.processes import Process, children_of, is_alive, wait_until
from support.service import Service
from support.terminal import Terminal

THOUSANDS = 4000
PROGRAM_SECONDS = 300


@pytest.fixture(scope="module")
def mysql(new_folder):
    server = MariaDB(new_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def target(postgres):
    made = ours(postgres)
    yield made
    made.drop()


@pytest.fixture
def make_source(mysql):
    made = []

    def make(*arguments, **options):
        made.append(MySQLOriginal(mysql, *arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.drop()


@pytest.fixture
def source(make_source):
    return make_source()


def run(source, target, *arguments, code=0, **variables):
    variables = {"USER_API_MYSQL_URL": source.url, "USER_API_DATABASE_URL": target.url, **variables}
    result = admin.run("import-mysql", *arguments, check=False, timeout=PROGRAM_SECONDS, **variables)
    assert result.returncode == code, result.stdout + result.stderr
    assert mariadb.PASSWORD not in result.stdout + result.stderr
    return result


def state(target):
    """All that there is: rows, tables, rights, sequences, schemas."""
    schemas = target.sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1")
    return target.rows(), target.schema(), target.next_ids(), schemas


def summary(said):
    """The numbers of each table: source, staged, imported, present, repeated."""
    rows = [line.split() for line in said.splitlines()]
    names = ("customer", "_user", "role", "user_has_role")
    return {row[0]: [None if cell == "-" else int(cell) for cell in row[1:]] for row in rows if row and row[0] in names}


def people(target):
    return [row[:5] for row in target.rows()["_user"]]


def scratch_folders():
    return glob.glob(os.path.join(tempfile.gettempdir(), "user-api-admin-*"))


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


@pytest.fixture
def serve(new_folder):
    made = []

    def start(database, **settings):
        made.append(Service(database, new_folder(), **settings))
        return made[-1]

    yield start
    for each in made:
        each.nginx.stop()
        assert each.pool.terminate() == 0
        each.pool.log_lines()
        each.pool.stop()


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
    assert create_all.target.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'user_api%'") == []
    assert create_all.target.run("doctor").returncode == 0
    reference.drop()


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
    assert service.client.bearer(token).get("/api/users/3").status_code == 404  # of another customer
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
    assert said.stderr == "user-api-admin: refused, nothing was changed: mend the errors first\n"
    assert state(target) == before


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
    assert summary(said)["_user"] == [40, 40, 40, 0, 0] and "dry run: all of it was taken back" in said
    assert state(target) == before


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
        server.execute(f'GRANT postgres TO "tar:get"')
        target.url = server.url(target.name, "tar:get", password, tcp)
        source = make_source()
        source.url = mysql.url(source.name, tcp=tcp, scheme="mysql+pymysql" if tcp else "mariadb")
        run(source, target)
        assert people(target) == source.people()
        target.drop()
    server.stop()


def test_wrong_ways_are_told_in_one_line_and_change_nothing(mysql, source, target):
    before = state(target)
    ways = {
        mysql.url(source.name, "guess"): "Access denied",
        mysql.url("no_such_database"): "no_such_database",
        mysql.url("mysql"): "the source has not the original's tables",
    }
    for url, words in ways.items():
        said = run(source, target, code=1, USER_API_MYSQL_URL=url)
        assert said.stderr.startswith("user-api-admin: nothing was changed: ") and words in said.stderr
        assert len(said.stderr.splitlines()) == 1 and "guess" not in said.stderr
    assert state(target) == before
    assert scratch_folders() == []


def test_without_pgloader_it_names_the_package(source, target, folder):
    before = state(target)
    said = run(source, target, code=1, PATH=folder)
    assert "pgloader is not installed (Debian's package pgloader)" in said.stderr
    assert state(target) == before


def test_a_target_that_is_not_migrated_is_refused(source, postgres):
    name = postgres.create_database(migrated=False)
    url = postgres.url(name, "postgres")
    said = admin.run("import-mysql", source.url, url, check=False)
    assert said.returncode == 1 and "user-api-admin migrate up" in said.stderr
    admin.migrate_up(url)
    admin.run("migrate", "down", url)
    assert "user-api-admin migrate up" in admin.run("import-mysql", source.url, url, check=False).stderr
    postgres.drop_database(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["mysql://u:geheim@h:x/d", "x"],
        ["postgresql://u:geheim@h/d", "x"],
        ["mysql://u:geheim@h/d?colour=red", "x"],
        ["mysql://u:geheim@h/d", "x", "--mysql-url", "mysql://h/d"],
        ["mysql://u:geheim@h/d", "x", "--customer", "0"],
        [],
    ],
)
def test_a_wrong_command_line_is_refused_without_repeating_it(arguments):
    said = admin.run("import-mysql", *arguments, check=False)
    assert said.returncode == 2 and len(said.stderr.splitlines()) == 1
    assert "geheim" not in said.stderr


class Held:
    """An import whose pgloader waits for a table that somebody has locked."""

    def __init__(self, source, target, folder):
        self.source = source
        self.locked = source.server.lock(source.name, "_user")
        self.process = Process(
            [admin.binary(), "import-mysql", "--database-url", target.url],
            env=admin.environment(USER_API_MYSQL_URL=source.url, TMPDIR=folder),
            log_path=os.path.join(folder, "output"),
        ).start()
        self.loader = wait_until(lambda: children_of(self.process.pid), 30, "pgloader runs")[0]
        waits = "SELECT 1 FROM information_schema.processlist WHERE user = 'original' AND state LIKE 'Waiting for%'"
        wait_until(lambda: source.server.run(waits), 60, "pgloader waits for the table")

    def release(self):
        self.locked.stdin.close()
        self.locked.wait(20)
        self.locked.stdout.close()

    def end(self, patience=60):
        code = self.process.wait(patience)
        self.release()
        wait_until(lambda: not is_alive(self.loader), 20, "pgloader has ended")
        return code, self.process.log_text()


@pytest.fixture
def hold(source, target, folder):
    made = []

    def start():
        made.append(Held(source, target, folder))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        if not each.locked.stdin.closed:
            each.release()


def kill_loader(held, target):
    os.kill(held.loader, signal.SIGKILL)


def kill_mysql_sessions(held, target):
    for session in held.source.server.sessions():
        held.source.server.run(f"KILL {session}")


def end_target_sessions(held, target):
    target.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        (target.name,),
    )


@pytest.mark.parametrize("accident", [kill_loader, kill_mysql_sessions, end_target_sessions])
def test_an_accident_while_it_loads_leaves_no_trace(hold, target, folder, accident):
    before = state(target)
    held = hold()
    accident(held, target)
    # pgloader may wait for itself for ever when a session is gone: it is ended once it has brought nothing for 5 minutes.
    code, said = held.end(patience=360)
    assert code == 1 and said.startswith("user-api-admin: nothing was changed: "), said
    assert state(target) == before
    assert glob.glob(os.path.join(folder, "user-api-admin-*")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_pgloader_and_leaves_no_trace(hold, target, folder, number):
    before = state(target)
    held = hold()
    held.process.signal(number)
    code, said = held.end()
    assert code == -number and "interrupted" in said
    assert state(target) == before
    assert glob.glob(os.path.join(folder, "user-api-admin-*")) == []


def test_whoever_is_killed_takes_pgloader_along_and_the_next_run_cleans_up(hold, source, target):
    rows = target.rows()
    held = hold()
    held.process.kill()
    held.release()
    wait_until(lambda: not is_alive(held.loader), 20, "pgloader has ended")
    assert target.rows() == rows
    left = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'user_api_import_%'"
    assert len(target.sql(left)) == 1
    run(source, target)
    assert target.sql(left) == [] and people(target) == source.people()


def test_passwords_are_in_no_argument_and_files_in_a_private_folder(hold, source, folder):
    held = hold()
    for pid in (held.process.pid, held.loader):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read()
        assert mariadb.PASSWORD.encode() not in words and source.url.encode() not in words
    (scratch,) = glob.glob(os.path.join(folder, "user-api-admin-*"))
    assert stat.S_IMODE(os.stat(scratch).st_mode) == 0o700
    for path in glob.glob(os.path.join(scratch, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                assert mariadb.PASSWORD.encode() not in file.read(), path
    held.process.signal(signal.SIGTERM)
    held.end()


@pytest.mark.parametrize("table", ["customer", "user_has_role"])
def test_a_failure_while_it_copies_leaves_no_trace(source, target, table):
    target.sql("CREATE FUNCTION inject() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'injected'; END $$")
    target.sql(f"CREATE TRIGGER inject BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION inject()")
    before = state(target)
    said = run(source, target, code=1)
    assert "nothing was changed: injected" in said.stderr and "imported" not in said.stdout.splitlines()[-1]
    assert state(target) == before


def test_rows_that_vanish_on_the_way_are_noticed(source, target):
    target.sql("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    target.sql("CREATE TRIGGER swallow BEFORE INSERT ON user_has_role FOR EACH ROW EXECUTE FUNCTION swallow()")
    before = state(target)
    assert "the numbers of rows do not agree" in run(source, target, code=1).stderr
    assert state(target) == before


def test_on_a_terminal_something_moves_while_it_loads(source, target):
    terminal = Terminal(["import-mysql", source.url, target.url])
    wait_until(lambda: terminal.shows("\r\x1b[Kloading"), 60, "how far it is")
    wait_until(lambda: terminal.shows("imported: "), 60, "the summary")
    assert terminal.end() == 0
