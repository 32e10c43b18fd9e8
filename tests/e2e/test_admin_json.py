"""--json of the commands that prepare a database: each prints one object on one line, whatever it did."""

import json
import os

import pytest
from support import admin
from support.installation import PASSWORD, assert_one_line
from support.original import Original

pytest_plugins = ["support.installation_fixtures"]


def read(result, code=0):
    assert result.returncode == code, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def names(answer, what, change):
    return [each["name"] for each in answer["changes"] if (each["what"], each["change"]) == (what, change)]


def migrations():
    folder = os.path.join(os.path.dirname(__file__), "..", "..", "migrations")
    return sorted(name for name in os.listdir(folder) if name.endswith(".sql"))


def test_init_tells_each_change_and_no_secret(installation):
    result = installation.init_with_settings("--json")
    answer = read(result)
    assert answer["done"] is True
    assert names(answer, "database", "created") == [installation.database]
    assert names(answer, "role", "created") == [installation.account]
    assert names(answer, "settings", "written") == [installation.env_file]
    assert names(answer, "migration", "applied") == migrations()
    assert (names(answer, "customer", "created"), names(answer, "user", "created")) == (["1"], ["admin"])
    settings = installation.settings()
    for secret in (PASSWORD, settings["USER_API_JWT_SECRET"], settings["USER_API_DATABASE_URL"]):
        assert secret not in result.stdout


def test_init_again_has_nothing_to_tell(installation):
    installation.init_with_settings()
    answer = read(installation.init_with_settings("--json"))
    assert [each for each in answer["changes"] if each["what"] != "settings"] == []
    assert answer["done"] is True


def test_a_url_that_init_made_and_wrote_nowhere_is_told(installation):
    answer = read(installation.init(installation.url, "--json"))
    admin.run("customer", "list", "--database-url", answer["database_url"])


def test_an_init_that_changed_nothing_prints_nothing(installation):
    result = installation.init("postgresql://operator@127.0.0.1:1/nowhere", "--json", check=False)
    assert_one_line(result)
    assert result.stdout == ""


def test_an_init_that_broke_off_tells_what_it_did(installation, folder):
    with open(os.path.join(folder, "20260101000000_broken.sql"), "w", encoding="ascii") as file:
        file.write("-- migrate:up\nSELECT 1/0;\n-- migrate:down\n")
    result = installation.init(installation.url, "--json", "--migrations", folder, check=False)
    assert_one_line(result, "20260101000000_broken.sql", "SQLSTATE 22012")
    answer = read(result, 1)
    assert answer["done"] is False
    assert names(answer, "database", "created") == [installation.database]
    assert installation.account in answer["database_url"]


def test_migrate_tells_what_it_applied_and_reverted(installation):
    installation.init_with_settings()
    last = migrations()[-1]
    migrate = lambda *arguments: read(installation.operate("migrate", *arguments, "--json"))  # noqa: E731
    assert migrate("up") == {"changes": [], "done": True}
    assert migrate("down") == {"changes": [{"what": "migration", "name": last, "change": "reverted"}], "done": True}
    assert migrate("status")["migrations"][-1] == {"name": last, "state": "pending"}
    assert names(migrate("up"), "migration", "applied") == [last]
    assert {each["state"] for each in migrate("status")["migrations"]} == {"applied"}


def test_a_migration_that_the_program_does_not_know_is_told(installation):
    installation.init_with_settings()
    installation.sql("INSERT INTO schema_migrations (version) VALUES ('29991231235959')")
    listed = read(installation.operate("migrate", "status", "--json"))["migrations"]
    assert listed[-1] == {"name": "29991231235959", "state": "unknown"}


@pytest.mark.parametrize("action", ["up", "down", "status"])
def test_a_migrate_that_cannot_connect_prints_nothing(action):
    url = "postgresql://operator@127.0.0.1:1/nowhere"
    result = admin.run("migrate", action, "--json", "--database-url", url, check=False)
    assert_one_line(result)
    assert result.stdout == ""


# --- adopt and finalize ---


@pytest.fixture
def original(postgres):
    made = Original(postgres)
    yield made
    made.drop()


def test_adopt_tells_findings_and_rows(original):
    counts = {table: original.sql(f"SELECT count(*) FROM {table}")[0][0] for table in ("customer", "_user", "role")}
    answer = read(original.run("adopt", "--json"))
    assert (answer["adopted"], answer["schema"], answer["errors"]) == (True, "original", 0)
    rows = answer["rows"]
    assert (rows["customers"], rows["users"], rows["roles"]) == (counts["customer"], counts["_user"], counts["role"])
    assert "schema-original" in [each["code"] for each in answer["findings"]]


def test_adopt_again_tells_that_nothing_was_done(original):
    original.run("adopt", check=True)
    answer = read(original.run("adopt", "--json"))
    assert (answer["adopted"], answer["schema"]) == (False, "user-api")
    assert "rows" not in answer


def test_an_adoption_that_is_refused_tells_why(original):
    original.sql("UPDATE _user SET email = NULL WHERE id = 1")
    result = original.run("adopt", "--json")
    assert_one_line(result, "refused", code=4)
    answer = read(result, 4)
    assert answer["adopted"] is False
    assert answer["errors"] >= 1


def test_an_adoption_that_fails_prints_one_line_and_no_object(original):
    original.sql("CREATE TABLE revoked_token (id integer)")
    result = original.run("adopt", "--json")
    assert_one_line(result, "nothing was changed")
    assert result.stdout == ""


def test_finalize_tells_how_many_hashes_are_the_originals(original):
    original.run("adopt", check=True)
    users = original.sql("SELECT count(*) FROM _user")[0][0]
    answer = read(original.run("finalize", "--json"))
    assert (answer["finalized"], answer["legacy_hashes"]) == (True, users)
    assert read(original.run("finalize", "--json"))["finalized"] is False


def test_finalizing_what_is_not_adopted_prints_one_line_and_no_object(original):
    result = original.run("finalize", "--json")
    assert_one_line(result, "not adopted")
    assert result.stdout == ""
