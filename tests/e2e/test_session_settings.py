"""Presets of the server, the database or the account for sessions change nothing on which the service relies."""

import json
import os
import threading

import pytest
from support.admin import run as run_admin
from support.operator import Operator
from support.postgres import SERVICE_ACCOUNT
from support.processes import wait_until
from support.site import end_sessions

TIMEOUT_MS = 4000

# Presets of the database. The service has to set those of `PINNED`; the others must have no effect.
HOSTILE = {
    "search_path": "evil, pg_catalog",
    "statement_timeout": "0",
    "lock_timeout": "1ms",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "300ms",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Pacific/Chatham",
    "quote_all_identifiers": "on",
    "exit_on_error": "on",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "extra_float_digits": "-15",
    "plan_cache_mode": "force_custom_plan",
    "jit": "on",
    "jit_above_cost": "0",
    "enable_indexscan": "off",
    "enable_bitmapscan": "off",
    "gin_fuzzy_search_limit": "1",
    "synchronous_commit": "off",
}
PINNED = {
    "search_path": "public",
    "statement_timeout": "4s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "8s",
    "transaction_isolation": "read committed",
    "transaction_deferrable": "off",
    "row_security": "off",
    "client_encoding": "UTF8",
    "session_replication_role": "origin",
    "exit_on_error": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "on",
    "enable_indexscan": "on",
    "enable_indexonlyscan": "on",
    "enable_nestloop": "on",
    "enable_sort": "on",
    "random_page_cost": "1",
    "gin_fuzzy_search_limit": "0",
}
MODES = pytest.mark.parametrize("prepared", ["on", "off"])


def preset(site, settings):
    """Presets these settings for all later sessions, and ends the current ones."""
    for name, value in settings.items():
        values = value if name == "search_path" else f"'{value}'"
        site.sql(f'ALTER DATABASE "{site.database}" SET {name} = {values}')
    end_sessions(site)


@pytest.fixture
def make_hostile(make_site):
    def make(prepared):
        site = make_site({"USER_API_DATABASE_PREPARED": prepared, "USER_API_DATABASE_TIMEOUT_MS": TIMEOUT_MS}, workers=2)
        hostile = dict(HOSTILE)
        if site.seed.connection.server_version >= 170000:
            hostile["transaction_timeout"] = "500ms"
        if site.seed.connection.server_version < 140000:
            del hostile["idle_session_timeout"]
        site.sql("CREATE SCHEMA evil")
        site.sql("CREATE TABLE evil._user (LIKE public._user)")
        site.sql(f"GRANT ALL ON SCHEMA evil TO {SERVICE_ACCOUNT}")
        site.sql(f"GRANT ALL ON ALL TABLES IN SCHEMA evil TO {SERVICE_ACCOUNT}")
        preset(site, hostile)
        return site

    return make


def record_settings(site):
    """At every update of a user, a trigger records the settings of the session."""
    site.sql("CREATE TABLE public.seen (name text, value text)")
    site.sql(
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " INSERT INTO public.seen SELECT name, pg_catalog.current_setting(name)"
        " FROM pg_catalog.unnest(TG_ARGV::pg_catalog.text[]) AS name; RETURN NULL; END $$"
    )
    names = ", ".join(f"'{name}'" for name in PINNED)
    site.sql(
        "CREATE TRIGGER note AFTER UPDATE ON public._user"
        f" FOR EACH STATEMENT EXECUTE FUNCTION public.note({names})"
    )


@MODES
def test_with_everything_preset_to_something_else_the_service_works(make_hostile, prepared):
    site = make_hostile(prepared)
    seed, name = site.seed, "Zoë 測試 \\ 'quoted'"
    admin = site.login(seed.alice)
    document = {"email": "hostile@example.org", "name": name, "password": "12345678", "active": True, "roles": [{"id": 2}]}
    made = admin.post("/api/users/", document)
    assert (made.status_code, made.json()["name"]) == (201, name)
    assert admin.post("/api/users/", document).status_code == 409
    path = f"/api/users/{made.json()['id']}"
    update = {"email": "hostile@example.org", "name": name + "!", "active": True, "password": "87654321"}
    record_settings(site)
    assert admin.put(path, update).status_code == 200
    assert dict(site.sql("SELECT name, value FROM public.seen")) == PINNED
    assert admin.get(path).json()["name"] == name + "!"
    assert [each["name"] for each in admin.get("/api/users/?name=%25測試%25").json()["users"]] == [name + "!"]
    session = site.client.login("hostile@example.org", "87654321")
    assert session.status_code == 200
    assert site.client.get("/readyz").status_code == 200
    assert admin.get("/api/users/logout").status_code == 200
    assert admin.get("/api/users/token").status_code == 401


@MODES
def test_changes_at_the_same_time_do_not_fail_each_other(make_site, prepared):
    """They would fail each other if the service inherited the isolation level of the database."""
    site = make_site({"USER_API_DATABASE_PREPARED": prepared}, workers=4)
    preset(site, {"default_transaction_isolation": "serializable"})
    admin, albert = site.login(site.seed.alice), site.seed.albert
    document = {"email": albert.email, "name": "changed", "active": True, "roles": [{"id": 2}]}
    codes = []

    def change():
        for _ in range(10):
            codes.append(admin.put(f"/api/users/{albert.id}", document).status_code)
            codes.append(admin.get("/api/users/").status_code)

    threads = [threading.Thread(target=change) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 160


@MODES
def test_rows_that_a_policy_hides_are_an_outage_and_no_wrong_password(make_site, prepared):
    site = make_site({"USER_API_DATABASE_PREPARED": prepared}, workers=2)
    admin, alice = site.login(site.seed.alice), site.seed.alice
    site.sql("ALTER TABLE _user ENABLE ROW LEVEL SECURITY")
    assert site.client.login(alice.email, alice.password).status_code == 503
    assert admin.get("/api/users/token").status_code == 503
    failed = [line for line in site.pool.log_lines() if line.get("event") == "statement failed"]
    assert failed and all("row-level security" in line["hint"] for line in failed)
    site.sql("ALTER TABLE _user DISABLE ROW LEVEL SECURITY")
    assert site.client.login(alice.email, alice.password).status_code == 200


@MODES
def test_where_constraints_are_switched_off_nothing_is_served_and_the_log_says_why(make_site, prepared):
    site = make_site({"USER_API_DATABASE_PREPARED": prepared}, workers=2)
    admin = site.login(site.seed.alice)
    preset(site, {"session_replication_role": "replica"})
    assert admin.get("/api/users/token").status_code == 503
    assert site.client.get("/readyz").status_code == 503
    said = "session_replication_role" if prepared == "on" else "the account lacks a right"
    assert any(said in str(line) for line in site.pool.log_lines())
    site.sql(f'ALTER DATABASE "{site.database}" RESET session_replication_role')
    end_sessions(site)
    wait_until(lambda: admin.get("/api/users/token").status_code == 200, 10, "the service works again")


def test_the_command_line_works_too(make_hostile, folder):
    site = make_hostile("on")
    # Compiling each of doctor's statements would take a second.
    site.sql(f'ALTER DATABASE "{site.database}" RESET jit_above_cost')
    operator = Operator(site)
    operator.add("by-hand@example.org", "--roles", "reader")
    assert "by-hand@example.org" in operator.user("list", owner=True).stdout
    exported = os.path.join(folder, "users.jsonl")
    operator.run("export", "--with-hashes", exported, owner=True)
    with open(exported, encoding="utf-8") as file:
        assert "by-hand@example.org" in file.read()
    operator.user("delete", "by-hand@example.org", "--yes", owner=True)
    assert operator.run("import", "--skip-bad", exported, owner=True, check=False).returncode == 3
    assert "by-hand@example.org" in operator.user("list").stdout
    assert "[ ]" not in operator.run("migrate", "status", owner=True).stdout
    operator.run("migrate", owner=True)
    found = operator.run("doctor", "--json", owner=True, check=False).stdout
    assert {each["code"] for each in json.loads(found)["findings"]} == {"table-shadowed", "role-shared", "jwt-absent"}


def test_what_the_server_says_at_the_login_is_no_line_of_the_log(make_site):
    site = make_site()
    preset(site, {"client_min_messages": "debug5"})
    assert site.client.get("/readyz").status_code == 200
    assert site.login(site.seed.alice).get("/api/users/").status_code == 200
    assert site.pool.log_lines()  # fails if a line is not JSON


def test_what_the_server_says_at_the_login_is_not_shown_to_the_operator(make_site):
    site = make_site()
    preset(site, {"client_min_messages": "debug5"})
    url = site.postgres.url(site.database, "postgres")
    for command in (["migrate", "status", url], ["role", "list", "--database-url", url]):
        assert run_admin(*command).stderr == ""
