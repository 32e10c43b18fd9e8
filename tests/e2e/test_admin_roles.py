"""user-api-admin role: add, list, change, rename and delete."""

import json
import re
import threading

import pytest
from support import admin
from support.installation import Installation, assert_one_line
from support.processes import wait_until

pytest_plugins = ["support.installation_fixtures"]

NOWHERE = "postgresql://operator@127.0.0.1:1/nowhere"
# Characters that a terminal would act on, or that hide or reverse text: ESC, CSI as one character, bidi, newline, tab.
HOSTILE = "a\x1b[2Jb\x9b31m\u202ec\nadmin  forged\td\x7f\\"


@pytest.fixture(scope="module")
def own(server, new_folder):
    made = Installation(server, new_folder())
    made.init_with_settings()
    return made


def holder(own, code, email):
    """Adds a user who holds the role; returns the user's id."""
    ((user,),) = own.sql(
        "WITH made AS (INSERT INTO _user (email, name, hash, salt, customer_id) VALUES (%s, 'N', 'h', 's', 1) RETURNING id),"
        " given AS (INSERT INTO user_has_role SELECT made.id, role.id FROM made CROSS JOIN role WHERE role.code = %s)"
        " SELECT id FROM made",
        (email, code),
    )
    return user


def epoch(own, user):
    return own.sql("SELECT epoch FROM _user WHERE id = %s", (user,))[0][0]


def test_a_role_is_added_with_a_name(own):
    added = own.ask("role", "add", "editor", "The editor")
    assert added == {"id": added["id"], "code": "editor", "name": "The editor", "assignable": True, "users": 0}
    stored = "SELECT code, name, assignable FROM role WHERE id = %s"
    assert own.sql(stored, (added["id"],)) == [("editor", "The editor", True)]


def test_without_a_name_the_code_is_the_name(own):
    assert own.ask("role", "add", "viewer")["name"] == "viewer"


def test_a_code_is_taken_once(own):
    own.ask("role", "add", "once", "First")
    assert_one_line(own.operate("role", "add", "once", "Second", check=False), "once already")
    assert own.sql("SELECT name FROM role WHERE code = 'once'") == [("First",)]


def test_a_list_is_in_the_order_of_ids_and_counts_holders(own):
    own.ask("role", "add", "held")
    holder(own, "held", "held@example.org")
    roles = own.ask("role", "list")["roles"]
    assert [each["id"] for each in roles] == sorted(each["id"] for each in roles)
    assert roles[0] == {"id": 1, "code": "admin", "name": "Admin", "assignable": True, "users": 1}
    assert [each["users"] for each in roles if each["code"] == "held"] == [1]
    assert own.ask("role", "list", "--limit", "1", "--after", "1")["roles"] == roles[1:2]


def test_renaming_changes_the_name_alone(own):
    before = own.ask("role", "add", "renamed", "Before")
    assert own.ask("role", "rename", "renamed", "Über") == {**before, "name": "Über"}
    assert own.sql("SELECT code, name FROM role WHERE id = %s", (before["id"],)) == [("renamed", "Über")]


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_role_is_added_as_assignable_or_not(own, word):
    added = own.ask("role", "add", f"grantable-{word}", "--assignable", word)
    assert added["assignable"] is (word == "yes")
    assert own.sql("SELECT assignable FROM role WHERE id = %s", (added["id"],)) == [(word == "yes",)]
    shown = own.operate("role", "change", f"grantable-{word}", "--name", "N").stdout
    assert re.search(rf"(?m)^assignable  {word}$", shown)


def test_what_is_not_given_is_not_changed(own):
    before = own.ask("role", "add", "changed", "Before")
    assert own.ask("role", "change", "changed", "--assignable", "no") == {**before, "assignable": False}
    assert own.ask("role", "change", "changed", "--name", "After") == {**before, "assignable": False, "name": "After"}
    assert own.ask("role", "rename", "changed", "Last") == {**before, "assignable": False, "name": "Last"}
    both = ["--assignable", "yes", "--name", "Before"]
    assert own.ask("role", "change", "changed", *both) == before


def test_a_role_that_nobody_holds_is_deleted(own):
    added = own.ask("role", "add", "unheld")
    assert own.ask("role", "delete", "unheld") == {**added, "deleted": True}
    assert own.sql("SELECT 1 FROM role WHERE code = 'unheld'") == []


def test_a_role_that_users_hold_stays(own):
    own.ask("role", "add", "staying")
    user = holder(own, "staying", "staying@example.org")
    assert_one_line(own.operate("role", "delete", "staying", check=False), "1 user holds", "--force")
    assert own.sql("SELECT 1 FROM role WHERE code = 'staying'")
    assert own.sql("SELECT count(*) FROM user_has_role WHERE user_id = %s", (user,)) == [(1,)]
    assert epoch(own, user) == 0


def test_by_force_it_is_taken_from_them_and_their_tokens_end(own):
    own.ask("role", "add", "going")
    own.ask("role", "add", "other")
    users = [holder(own, "going", f"going-{number}@example.org") for number in range(3)]
    bystander = holder(own, "other", "bystander@example.org")
    deleted = own.ask("role", "delete", "going", "--force")
    assert (deleted["code"], deleted["users"], deleted["deleted"]) == ("going", 3, True)
    assert own.sql("SELECT 1 FROM role WHERE code = 'going'") == []
    assert [epoch(own, user) for user in users] == [1, 1, 1]
    assert epoch(own, bystander) == 0
    assert own.sql("SELECT count(*) FROM user_has_role WHERE user_id = %s", (bystander,)) == [(1,)]


def test_a_deletion_that_breaks_off_leaves_no_trace(own):
    own.ask("role", "add", "guarded")
    user = holder(own, "guarded", "guarded@example.org")
    own.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;"
        "CREATE TRIGGER refuse BEFORE DELETE ON role FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    result = own.operate("role", "delete", "guarded", "--force", check=False)
    own.sql("DROP TRIGGER refuse ON role; DROP FUNCTION refuse()")
    assert_one_line(result, "SQLSTATE P0001")
    assert result.stdout == ""
    assert epoch(own, user) == 0
    assert own.sql("SELECT count(*) FROM user_has_role WHERE user_id = %s", (user,)) == [(1,)]


def test_whoever_is_given_the_role_meanwhile_is_not_overlooked(own):
    own.ask("role", "add", "raced")
    ((user,),) = own.sql(
        "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('raced@x', 'N', 'h', 's', 1) RETURNING id"
    )
    giver = own.server.connect(own.database)
    giver.autocommit = False
    with giver.cursor() as cursor:
        cursor.execute("INSERT INTO user_has_role SELECT %s, id FROM role WHERE code = 'raced'", (user,))
    results = []
    thread = threading.Thread(target=lambda: results.append(own.operate("role", "delete", "raced", check=False)))
    thread.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    wait_until(lambda: own.server.execute(waiting, (own.database,)), what="the deletion to wait for the lock")
    giver.commit()
    giver.close()
    thread.join()
    assert_one_line(results[0], "1 user holds")


def test_the_role_admin_is_not_deleted_by_accident(own):
    result = own.operate("role", "delete", "admin", check=False)
    assert_one_line(result, "administrators", "--force")
    assert own.sql("SELECT count(*) FROM role WHERE code = 'admin'") == [(1,)]


def test_the_role_admin_is_deleted_by_force_also_when_nobody_holds_it(installation):
    installation.init_with_settings()
    installation.sql("DELETE FROM user_has_role")
    assert_one_line(installation.operate("role", "delete", "admin", check=False), "--force")
    assert installation.ask("role", "delete", "admin", "--force")["deleted"] is True


def test_the_operator_role_of_the_settings_is_not_deleted_by_accident(own):
    own.ask("role", "add", "platform", "--assignable", "no")
    settings = {"USER_API_OPERATOR_ROLE": "platform"}
    assert_one_line(own.operate("role", "delete", "platform", check=False, **settings), "operators", "--force")
    assert own.sql("SELECT 1 FROM role WHERE code = 'platform'")
    assert own.ask("role", "delete", "platform", "--force", **settings)["assignable"] is False


def test_a_name_cannot_forge_what_people_read(own):
    own.ask("role", "add", "hostile", HOSTILE)
    for arguments in (["list"], ["rename", "hostile", HOSTILE]):
        output = own.operate("role", *arguments).stdout
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", output)
        assert r"a\x1b[2Jb\u009b31m\u202ec\x0aadmin\x20\x20forged\x09d\x7f\\" in output
    rows = own.operate("role", "list").stdout.splitlines()
    assert len(rows) == len(own.ask("role", "list")["roles"]) + 1


def test_json_tells_a_name_as_it_is(own):
    own.ask("role", "add", "exact", HOSTILE)
    assert own.ask("role", "rename", "exact", HOSTILE)["name"] == HOSTILE
    output = own.operate("role", "list", "--json").stdout
    assert output.count("\n") == 1
    assert "\x1b" not in output
    assert HOSTILE in [each["name"] for each in json.loads(output)["roles"]]


def test_a_failure_about_a_hostile_code_is_one_plain_line(own):
    result = own.operate("role", "delete", "x\x1b[2J\x9b\nuser-api-admin: all is well", check=False)
    assert_one_line(result, "no role")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.stderr)


def test_bounds_are_the_contracts(own):
    assert own.ask("role", "add", "é" * 255, "ü" * 255)["name"] == "ü" * 255
    assert own.ask("role", "add", "nameless", "")["name"] == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["add"],
        ["add", ""],
        ["add", "x" * 256],
        ["add", "x", "y" * 256],
        ["add", "a,b"],
        ["add", " a"],
        ["add", "a\nb"],
        ["add", "a", "b", "c"],
        ["add", "a", "--assignable", "maybe"],
        ["add", "a", "--assignable", ""],
        ["change"],
        ["change", "admin"],
        ["change", "admin", "Name"],
        ["change", "admin", "--assignable", "t"],
        ["change", "admin", "--name", "x" * 256],
        ["change", "", "--name", "x"],
        ["rename", "admin"],
        ["rename", "admin", "x" * 256],
        ["rename", "", "x"],
        ["delete"],
        ["delete", "a", "b"],
        ["list", "admin"],
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_2(own, arguments):
    before = own.sql("SELECT id, code, name, assignable FROM role ORDER BY id")
    result = own.operate("role", *arguments, check=False)
    assert_one_line(result, code=2)
    assert result.stdout == ""
    assert own.sql("SELECT id, code, name, assignable FROM role ORDER BY id") == before


def test_text_that_is_not_utf_8_is_refused(own):
    assert_one_line(own.operate("role", "add", "ok", "\udcff\udcfe", check=False), "UTF-8", code=2)


@pytest.mark.parametrize("arguments", [["rename", "nobodys", "x"], ["change", "nobodys", "--name", "x"], ["delete", "nobodys"], ["delete", "nobodys", "--force"]])
def test_a_role_that_is_not_there_is_a_failure(own, arguments):
    assert_one_line(own.operate("role", *arguments, check=False), "no role nobodys")


@pytest.mark.parametrize("arguments", [["list"], ["add", "x"], ["rename", "x", "y"], ["delete", "x"]])
def test_a_database_that_is_away_is_one_line(arguments):
    result = admin.run("role", *arguments, "--database-url", NOWHERE, check=False)
    assert_one_line(result)
    assert result.stdout == ""
