"""user-api-admin customer: add, list, show, change, set-quota and delete."""

import json
import os
import re
import subprocess
import threading

import pytest
from support import admin
from support.installation import Installation, assert_one_line
from support.processes import wait_until

pytest_plugins = ["support.installation_fixtures"]

NOWHERE = "postgresql://operator@127.0.0.1:1/nowhere"


@pytest.fixture(scope="module")
def own(server, new_folder):
    """An installation that these tests may change."""
    made = Installation(server, new_folder())
    made.init_with_settings()
    return made


def add_users(own, customer, active, inactive=0):
    for number in range(active + inactive):
        own.sql(
            "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES (%s, 'N', 'h', 's', %s, %s)",
            (f"{customer}-{number}@example.org", number < active, customer),
        )


def test_a_customer_is_added_without_a_limit(own):
    added = own.ask("customer", "add")
    assert added == {"id": added["id"], "name": None, "quota": None, "users": 0, "active_users": 0}
    assert own.sql("SELECT max_user_quota FROM customer WHERE id = %s", (added["id"],)) == [(None,)]


@pytest.mark.parametrize("quota", [0, 7, 2147483647])
def test_a_customer_is_added_with_a_quota(own, quota):
    added = own.ask("customer", "add", "--quota", quota)
    assert added["quota"] == quota
    assert own.sql("SELECT max_user_quota FROM customer WHERE id = %s", (added["id"],)) == [(quota,)]


def test_show_counts_users_and_active_users(own):
    customer = own.ask("customer", "add", "--quota", "9")["id"]
    add_users(own, customer, active=2, inactive=1)
    shown = {"id": customer, "name": None, "quota": 9, "users": 3, "active_users": 2}
    assert own.ask("customer", "show", customer) == shown


def test_people_read_one_line_a_column(own):
    customer = own.ask("customer", "add")["id"]
    lines = "id            %d\nname          %s\nquota         none\nusers         0\nactive_users  0\n"
    assert own.operate("customer", "show", customer).stdout == lines % (customer, "-")
    assert own.operate("customer", "change", customer, "--name", "Große & Söhne").stdout == lines % (customer, "Große & Söhne")


def test_a_customer_has_the_name_that_it_is_given(own):
    added = own.ask("customer", "add", "--name", "é" * 255, "--quota", "3")
    assert (added["name"], added["quota"]) == ("é" * 255, 3)
    assert own.sql("SELECT name FROM customer WHERE id = %s", (added["id"],)) == [("é" * 255,)]
    assert own.ask("customer", "show", added["id"]) == added
    assert added in own.ask("customer", "list")["customers"]


def test_what_is_not_given_is_not_changed(own):
    before = own.ask("customer", "add", "--name", "Before", "--quota", "3")
    customer = before["id"]
    assert own.ask("customer", "change", customer, "--name", "After") == {**before, "name": "After"}
    assert own.ask("customer", "change", customer, "--quota", "none") == {**before, "name": "After", "quota": None}
    assert own.ask("customer", "set-quota", customer, "4") == {**before, "name": "After", "quota": 4}
    assert own.ask("customer", "change", customer, "--name", "Before", "--quota", "3") == before


def test_a_customer_without_users_is_deleted(own):
    added = own.ask("customer", "add", "--name", "Going")
    assert own.ask("customer", "delete", added["id"]) == {**added, "deleted": True}
    assert own.sql("SELECT 1 FROM customer WHERE id = %s", (added["id"],)) == []


def test_a_customer_with_users_stays(own):
    customer = own.ask("customer", "add")["id"]
    add_users(own, customer, active=1, inactive=1)
    result = own.operate("customer", "delete", customer, check=False)
    assert_one_line(result, f"customer {customer} has 2 users: delete them first")
    assert own.ask("customer", "show", customer)["users"] == 2


def test_a_user_who_comes_meanwhile_is_not_overlooked(own):
    customer = own.ask("customer", "add")["id"]
    adder = own.server.connect(own.database)
    adder.autocommit = False
    with adder.cursor() as cursor:
        insert = "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('late@x', 'N', 'h', 's', %s)"
        cursor.execute(insert, (customer,))
    results = []
    thread = threading.Thread(target=lambda: results.append(own.operate("customer", "delete", customer, check=False)))
    thread.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    wait_until(lambda: own.server.execute(waiting, (own.database,)), what="the deletion to wait for the lock")
    adder.commit()
    adder.close()
    thread.join()
    assert_one_line(results[0], "has 1 user: delete them first")


def test_a_quota_is_set_and_taken_away(own):
    customer = own.ask("customer", "add")["id"]
    assert own.ask("customer", "set-quota", customer, "5")["quota"] == 5
    assert own.ask("customer", "show", customer)["quota"] == 5
    assert own.ask("customer", "set-quota", customer, "none")["quota"] is None
    assert own.ask("customer", "show", customer)["quota"] is None


def test_a_quota_may_be_below_the_users_there_are(own):
    customer = own.ask("customer", "add")["id"]
    add_users(own, customer, active=2)
    assert own.ask("customer", "set-quota", customer, "1") == {
        "id": customer,
        "name": None,
        "quota": 1,
        "users": 2,
        "active_users": 2,
    }


def test_a_list_is_in_the_order_of_ids_and_has_everybody(own):
    own.ask("customer", "add")
    listed = own.ask("customer", "list")
    ids = [each["id"] for each in listed["customers"]]
    assert list(listed) == ["customers"]
    assert ids == [row[0] for row in own.sql("SELECT id FROM customer ORDER BY id")]


def test_a_list_is_read_page_by_page(own):
    for _ in range(3):
        own.ask("customer", "add")
    everybody = own.ask("customer", "list")["customers"]
    pages, after = [], 0
    while page := own.ask("customer", "list", "--limit", "2", "--after", after)["customers"]:
        assert len(page) <= 2
        pages += page
        after = page[-1]["id"]
    assert pages == everybody
    assert own.ask("customer", "list", "--limit", "0") == {"customers": []}


def test_a_table_is_aligned(own):
    own.ask("customer", "add", "--quota", "2147483647")
    heading, *rows = own.operate("customer", "list").stdout.splitlines()
    assert heading.split() == ["id", "name", "quota", "users", "active_users"]
    at = heading.index("users")
    assert rows
    assert all(re.match(r"\d+ ", row[at:]) and row[at - 1] == " " for row in rows)


def test_a_long_list_is_streamed_whole(own):
    own.sql("INSERT INTO customer (max_user_quota) SELECT n FROM generate_series(1, 5000) n")
    count = own.sql("SELECT count(*) FROM customer")[0][0]
    assert len(own.ask("customer", "list")["customers"]) == count
    assert len(own.operate("customer", "list").stdout.splitlines()) == count + 1


def peak_kilobytes(own, *arguments):
    """The program's peak memory in KiB, as the kernel counted it."""
    script = "import os, subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL);"
    script += " print(os.wait4(p.pid, 0)[2].ru_maxrss)"
    # By default, a sanitizer keeps freed memory.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    run = subprocess.run(
        ["/usr/bin/python3", "-c", script, admin.binary(), *arguments],
        env=admin.environment(USER_API_DATABASE_URL=own.operator_url(), ASAN_OPTIONS=sanitizer),
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return int(run.stdout)


def test_a_list_of_two_hundred_thousand_needs_no_more_memory_than_one_of_a_hundred(own):
    own.sql("INSERT INTO customer (max_user_quota) SELECT NULL FROM generate_series(1, 200000)")
    few = peak_kilobytes(own, "customer", "list", "--limit", "100")
    many = peak_kilobytes(own, "customer", "list")
    own.sql("DELETE FROM customer c WHERE NOT EXISTS (SELECT 1 FROM _user WHERE customer_id = c.id)")
    # If the program kept all rows in memory, they would take at least twice that.
    assert many < few + 8192


def test_the_workers_role_may_do_all_of_this_by_the_rights_that_migrate_gives(own):
    settings = ["--config", own.env_file]
    own.sql(f"REVOKE INSERT ON customer FROM {own.account}")
    told = f"permission denied for table customer (SQLSTATE 42501): connect as a role that may do this, {own.account} may not"
    assert_one_line(admin.run("customer", "add", *settings, check=False), told)
    own.operate("migrate", "--service-account", own.account)
    added = json.loads(admin.run("customer", "add", "--json", *settings).stdout)["id"]
    admin.run("customer", "change", added, "--name", "Other", "--quota", "1", *settings)
    assert str(added) in admin.run("customer", "list", *settings).stdout
    admin.run("customer", "delete", added, *settings)
    assert own.sql("SELECT 1 FROM customer WHERE id = %s", (added,)) == []


def test_users_and_tokens_name_the_role_that_lacks_a_right(own, new_folder):
    settings = ["--config", own.env_file]
    refused = f"permission denied (SQLSTATE 42501): connect as a role that may do this, {own.account} may not"
    own.sql(f"REVOKE UPDATE ON _user FROM {own.account}")
    own.sql(f"REVOKE INSERT ON revoked_token FROM {own.account}")
    token = os.path.join(new_folder(), "token")
    with open(token, "w", encoding="utf-8") as file:
        file.write(own.operate("token", "issue", "admin", *settings).stdout)
    assert_one_line(admin.run("user", "update", "admin", "--name", "Other", *settings, check=False), refused)
    assert_one_line(admin.run("token", "revoke", "--token-file", token, *settings, check=False), refused)
    own.operate("migrate", "--service-account", own.account)


def test_what_a_foreign_trigger_refuses_is_told_with_where_to_look(own):
    own.sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'private'; END $$")
    own.sql("CREATE TRIGGER refuse BEFORE UPDATE ON _user FOR EACH ROW EXECUTE FUNCTION refuse()")
    result = own.operate("user", "update", "admin", "--name", "Other", check=False)
    own.sql("DROP FUNCTION refuse CASCADE")
    assert_one_line(result, "(SQLSTATE P0001): a trigger or function that is not part of User API refused")
    assert "private" not in result.stderr


@pytest.mark.parametrize("action", [["show"], ["set-quota", "1"], ["change", "--name", "N"], ["delete"]])
def test_an_id_that_is_not_there_is_a_failure(own, action):
    result = own.operate("customer", action[0], "2147483647", *action[1:], check=False)
    assert_one_line(result, "no customer 2147483647")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["add", "1"],
        ["add", "--quota", "-1"],
        ["add", "--quota", "2147483648"],
        ["add", "--quota", "1.5"],
        ["add", "--quota", ""],
        ["show"],
        ["show", "0"],
        ["show", "-1"],
        ["show", "01"],
        ["show", "2147483648"],
        ["show", "1 OR 1=1"],
        ["show", "1", "2"],
        ["add", "--name", ""],
        ["add", "--name", "x" * 256],
        ["add", "--name", "\udcff"],
        ["change", "1"],
        ["change", "1", "--name", ""],
        ["change", "1", "--quota", "many"],
        ["change", "0", "--quota", "1"],
        ["change", "1", "2", "--quota", "1"],
        ["delete"],
        ["delete", "x"],
        ["set-quota", "1"],
        ["set-quota", "1", "many"],
        ["set-quota", "1", "2147483648"],
        ["list", "--limit", "-1"],
        ["list", "--limit", "x"],
        ["list", "--after", "2147483648"],
        ["list", "1"],
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_2(own, arguments):
    before = own.sql("SELECT count(*), max(name) FROM customer")
    result = own.operate("customer", *arguments, check=False)
    assert_one_line(result, "customer" if not arguments else "", code=2)
    assert result.stdout == ""
    assert own.sql("SELECT count(*), max(name) FROM customer") == before


@pytest.mark.parametrize("arguments", [[], ["frobnicate"]])
def test_a_missing_or_unknown_action_tells_which_there_are(arguments):
    result = admin.run("customer", *arguments, check=False)
    assert_one_line(result, "add, list, show, change, set-quota or delete", code=2)


@pytest.mark.parametrize("arguments", [["help", "customer"], ["customer", "--help"], ["customer", "-h"]])
def test_help_of_the_group_tells_all_actions(arguments):
    output = admin.run(*arguments).stdout
    for action in ("add", "list", "show", "change", "set-quota", "delete"):
        assert re.search(rf"^  customer {action}  +[A-Z]", output, re.M)


def test_without_a_database_it_says_so():
    assert_one_line(admin.run("customer", "list", check=False), "no database given", code=2)


@pytest.mark.parametrize("arguments", [["list"], ["add"], ["show", "1"], ["set-quota", "1", "2"]])
def test_a_database_that_is_away_is_one_line_and_prints_nothing(arguments):
    result = admin.run("customer", *arguments, "--json", "--database-url", NOWHERE, check=False)
    assert_one_line(result)
    assert result.stdout == ""


def test_a_database_without_the_tables_is_one_line(own):
    elsewhere = own.server.url("postgres", "operator", "the operator's own")
    result = admin.run("customer", "list", "--database-url", elsewhere, check=False)
    assert_one_line(result, "there is no User API schema in this database")


def test_settings_that_cannot_be_read_are_told(own):
    assert_one_line(own.operate("customer", "list", "--config", "/nonexistent/settings", check=False), "/nonexistent")


def test_a_full_disk_is_noticed(own):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run(
            [admin.binary(), "customer", "list", "--json"],
            env=admin.environment(USER_API_DATABASE_URL=own.operator_url()),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert_one_line(result, "standard output")


def test_json_is_one_object_on_one_line(own):
    for arguments in (["list"], ["add"], ["show", "1"]):
        output = own.operate("customer", *arguments, "--json").stdout
        assert output.count("\n") == 1
        assert isinstance(json.loads(output), dict)
