"""`user-api-admin doctor` finds what is wrong with a database, in the original's schema and in ours."""

import glob
import hashlib
import json
import os
import re
import subprocess

import pytest
from support import admin, hashes
from support.original import CUSTOMERS, Original, ours
from support.postgres import SERVICE_ACCOUNT
from support.processes import REPOSITORY

USERS = 60
OK, FAILED, MISUSED, WARNINGS, ERRORS = 0, 1, 2, 3, 4
NOTES = {"schema-original": 1, "hash-legacy": USERS, "jwt-absent": 1}
STRONG = "k3T9-fX2m_vQ8wZ4pL7nB1cR6yH5sJ0dG"


@pytest.fixture(scope="module", params=["bare", "keyed"])
def layout(request):
    return request.param


@pytest.fixture
def original(postgres):
    made = Original(postgres, USERS)
    yield made
    made.drop()


@pytest.fixture
def own(postgres):
    made = ours(postgres)
    yield made
    made.drop()


def examine(database, code, *arguments, **variables):
    """doctor's JSON document."""
    result = database.run("doctor", "--json", *arguments, **variables)
    assert (result.returncode, result.stderr) == (code, ""), result.stdout + result.stderr
    return json.loads(result.stdout)


def by_code(document):
    return {finding["code"]: finding for finding in document["findings"]}


def counts(document):
    return {finding["code"]: finding["count"] for finding in document["findings"]}


def test_a_sound_database_of_the_original_has_nothing_but_notes(postgres, layout):
    original = Original(postgres, USERS, layout)
    document = examine(original, OK)
    assert (document["schema"], document["errors"], document["warnings"]) == ("original", 0, 0)
    assert counts(document) == NOTES
    original.drop()


def test_a_new_database_of_ours_has_nothing_but_notes(own):
    document = examine(own, OK, USER_API_JWT_SECRET=STRONG)
    assert (document["schema"], document["findings"]) == ("user-api", [])


EMPTY = hashlib.pbkdf2_hmac("sha1", b"", b"cd" * 32, 1000, 16).hex(), "cd" * 32
BROKEN = {
    "email-null": ("UPDATE _user SET email = NULL WHERE id IN (3, 4)", 2, ["user 3", "user 4"]),
    "name-null": ("UPDATE _user SET name = NULL WHERE id = 3", 1, ["user 3 Person3@Example.org"]),
    "customer-null": ("UPDATE _user SET customer_id = NULL WHERE id = 3", 1, ["user 3 Person3@Example.org"]),
    "hash-null": (
        "UPDATE _user SET hash = CASE id WHEN 3 THEN NULL ELSE hash END,"
        " salt = CASE id WHEN 4 THEN NULL ELSE salt END WHERE id IN (3, 4)",
        2,
        ["user 3 Person3@Example.org", "user 4 Person4@Example.org"],
    ),
    "email-case": (
        "UPDATE _user SET email = CASE id WHEN 3 THEN 'PERSON9@example.ORG' WHEN 5 THEN 'Ü@x' ELSE U&'u\\0308@x' END"
        " WHERE id IN (3, 5, 6)",
        4,
        ["user 3 PERSON9@example.ORG", "user 9 Person9@Example.org", "user 5 Ü@x", "user 6 u\u0308@x"],
    ),
    "text-too-long": (
        "ALTER TABLE _user ALTER name TYPE text; UPDATE _user SET name = repeat('é', 256) WHERE id = 3",
        1,
        ["user 3"],
    ),
    "customer-orphan": (
        "ALTER TABLE _user DROP CONSTRAINT _user_customer_id_fkey;"
        " UPDATE _user SET customer_id = 99 WHERE id = 3",
        1,
        ["user 3 Person3@Example.org"],
    ),
    "role-null": ("UPDATE role SET code = NULL WHERE id = 2", 1, ["role 2"]),
    "role-twice": (
        "ALTER TABLE role DROP CONSTRAINT role_code_key; UPDATE role SET code = 'admin' WHERE id = 2",
        2,
        ["role 1 admin", "role 2 admin"],
    ),
    "membership-orphan": (
        "INSERT INTO user_has_role VALUES (3, NULL), (NULL, 1)",
        2,
        ["user NULL role 1", "user 3 role NULL"],
    ),
    "quota-negative": ("UPDATE customer SET max_user_quota = -1 WHERE id = 2", 1, ["customer 2"]),
    "version-null": ("INSERT INTO schema_spec (version) VALUES (NULL)", 1, ["schema_spec 1"]),
    "schema-columns": ("ALTER TABLE _user DROP COLUMN salt", 1, ["_user.salt"]),
    "schema-unknown": ("DROP TABLE user_has_role", 1, []),
    "email-number": (
        "UPDATE _user SET email = CASE id WHEN 3 THEN '1' WHEN 4 THEN ' 12 ' ELSE '-1_0' END WHERE id IN (3, 4, 5)",
        3,
        ["user 3 1", "user 4  12 ", "user 5 -1_0"],
    ),
    "email-form": (
        "UPDATE _user SET email = CASE id WHEN 3 THEN 'x ' WHEN 4 THEN U&'\\200By' WHEN 5 THEN E'z\\n' WHEN 6 THEN ''"
        " ELSE U&'\\00FC w\\3000x' END WHERE id IN (3, 4, 5, 6, 7)",
        4,
        [
            "user 3 x : must not begin or end with a blank",
            "user 4 \u200by: invisible character not allowed",
            "user 5 z : control character not allowed",
            "user 6 : empty values not allowed",
        ],
    ),
    "name-form": (
        "UPDATE _user SET name = CASE id WHEN 3 THEN U&'x\\00A0' ELSE 'Zoë  y' END WHERE id IN (3, 4)",
        1,
        ["user 3 Person3@Example.org: must not begin or end with a blank"],
    ),
    "active-null": ("UPDATE _user SET active = NULL WHERE id = 3", 1, ["user 3 Person3@Example.org"]),
    "hash-unknown": ("UPDATE _user SET hash = 'md5' WHERE id = 3", 1, ["user 3 Person3@Example.org"]),
    "hash-expensive": (
        f"UPDATE _user SET hash = '{hashes.EXPENSIVE}', salt = '{hashes.EXPENSIVE[:29]}' WHERE id IN (3, 4)",
        2,
        ["user 3 Person3@Example.org", "user 4 Person4@Example.org"],
    ),
    "membership-twice": ("INSERT INTO user_has_role VALUES (4, 3), (4, 3), (5, 3), (5, 3)", 2, None),
    "quota-exceeded": (
        "UPDATE customer SET max_user_quota = 7 WHERE id = 2",
        1,
        [f"customer 2 {len(range(1, USERS + 1, CUSTOMERS))} of 7"],
    ),
    "password-empty": (
        f"UPDATE _user SET hash = '{EMPTY[0]}', salt = '{EMPTY[1]}' WHERE id IN (3, {USERS})",
        2,
        ["user 3 Person3@Example.org", f"user {USERS} Person{USERS}@Example.org"],
    ),
}
WARNING_CODES = {
    "email-form",
    "name-form",
    "email-number",
    "active-null",
    "hash-unknown",
    "hash-expensive",
    "membership-twice",
    "quota-exceeded",
    "password-empty",
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_broken_is_found_counted_and_shown(original, code):
    sql, count, examples = BROKEN[code]
    original.sql(sql)
    warns = code in WARNING_CODES
    finding = by_code(examine(original, WARNINGS if warns else ERRORS))[code]
    assert (finding["severity"], finding["count"]) == ("warning" if warns else "error", count)
    assert examples is None or finding["examples"] == examples


def test_it_judges_hashes_as_import_and_the_service_do(own, folder):
    """doctor's rule is SQL (src/operator/hash_kind.sql), the others' rule is C. Both must agree on the same columns."""
    own.sql("INSERT INTO customer VALUES (1)")
    path = os.path.join(folder, "users.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for number, (_, hashed, salt) in enumerate(hashes.COLUMNS, 1):
            row = {"email": f"{number}@x", "name": "n", "customer": 1, "hash": hashed, "salt": salt}
            file.write(json.dumps(row) + "\n")
            own.sql(
                "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, %s, 'n', %s, %s, 1)",
                (number, f"stored{number}@x", hashed, salt),
            )
    report = os.path.join(folder, "report.csv")
    own.run("import", path, "--dry-run", "--skip-bad", "--report", report)
    with open(report, encoding="utf-8") as file:
        refused = {int(line.split(",")[0]): "cost" if "bcrypt cost" in line else "unknown" for line in list(file)[1:]}
    found = {}
    for kind in ("unknown", "expensive", "legacy", "none"):
        sql = os.path.join(REPOSITORY, "src", "operator", f"diagnosis_hash_{kind}.sql")
        printed = subprocess.check_output([os.path.join(REPOSITORY, "scripts", "embed-sql"), "print", sql], text=True)
        found.update({int(row[1]): kind for row in own.sql(printed)})
    for number, (kind, hashed, salt) in enumerate(hashes.COLUMNS, 1):
        assert found.get(number, "bcrypt") == kind, (hashed, salt)
        assert refused.get(number) == {"unknown": "unknown", "expensive": "cost"}.get(kind), (hashed, salt)


def test_each_finding_is_one_line_with_what_mends_it_below_and_the_last_line_is_the_tally(original):
    original.sql("UPDATE _user SET email = E'1\\n' || id, name = NULL WHERE id < 10")
    result = original.run("doctor")
    lines = result.stdout.splitlines()
    assert result.returncode == ERRORS
    assert lines[-1] == "schema: original; errors: 1, warnings: 1, notes: 3"
    assert len([line for line in lines if not line.startswith(" ")]) == 6
    at = lines.index("error   name-null 9 users without a name: user 1 1 1, user 2 1 2, user 3 1 3, user 4 1 4, user 5 1 5, …")
    assert lines[at + 1] == "        fix: UPDATE _user SET name = '…' WHERE id = …;"


def test_every_error_and_warning_says_how_to_mend_it():
    def read(*path):
        with open(os.path.join(REPOSITORY, *path), encoding="utf-8") as file:
            return file.read()

    listed = "".join(read("docs", page) for page in ("migrating.md", "migrating-mysql.md"))
    rows = re.findall(r"(?m)^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (?:error|warning) \|", listed)
    codes = set(re.findall(r"[a-z-]+", " ".join(rows)))
    assert len(codes) > 30 and codes <= set(re.findall(r'\{"([a-z-]+)",\s', read("src", "operator", "diagnosis_fixes.c")))


def test_no_hash_no_salt_and_no_secret_is_shown(original):
    for sql, _, _ in (BROKEN[code] for code in ("email-case", "hash-unknown", "password-empty", "name-null")):
        original.sql(sql)
    secret = "geheim-" + "1" * 10
    hidden = [text for row in original.sql("SELECT hash, salt FROM _user WHERE hash <> 'md5'") for text in row]
    for arguments in ([], ["--json"]):
        output = original.run("doctor", *arguments, USER_API_JWT_SECRET=secret).stdout
        assert "jwt-short" in output and secret not in output
        assert not [text for text in hidden if text in output]


def test_it_changes_nothing(original):
    before = original.rows(), original.schema(), original.next_ids()
    original.run("doctor")
    assert (original.rows(), original.schema(), original.next_ids()) == before


@pytest.mark.parametrize(
    "secret, code, expected",
    [
        ("secret", ERRORS, "jwt-known"),
        ("ChangeMe" * 8, ERRORS, "jwt-known"),
        ("x" * 64, ERRORS, "jwt-known"),
        ("a-secret-of-just-31-bytes-......", OK, None),
        ("a-secret-of-just-31-bytes-.....", WARNINGS, "jwt-short"),
        (STRONG, OK, None),
    ],
)
def test_short_and_known_secrets_are_found(own, secret, code, expected):
    found = by_code(examine(own, code, USER_API_JWT_SECRET=secret))
    assert list(found) == ([expected] if expected else [])


def test_previous_secrets_are_looked_at_too(own):
    variables = {"USER_API_JWT_SECRET": STRONG, "USER_API_JWT_PREVIOUS_SECRETS": f"{STRONG[::-1]} password"}
    found = by_code(examine(own, ERRORS, **variables))
    assert found["jwt-known"]["examples"] == ["USER_API_JWT_PREVIOUS_SECRETS"]


def test_secrets_that_others_may_read_are_found(own, folder):
    paths = {name: os.path.join(folder, name) for name in ("settings", "secret", "url", "closed")}
    for name, text in {
        "settings": f"USER_API_JWT_SECRET_FILE={paths['secret']}\n",
        "secret": STRONG,
        "url": own.url,
        "closed": STRONG[::-1],
    }.items():
        with open(paths[name], "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(paths[name], 0o600 if name == "closed" else 0o644)
    variables = {"USER_API_DATABASE_URL_FILE": paths["url"], "USER_API_JWT_PREVIOUS_SECRETS_FILE": paths["closed"]}
    found = by_code(examine(own, WARNINGS, "--config", paths["settings"], **variables))
    assert list(found) == ["secret-exposed"]
    assert sorted(found["secret-exposed"]["examples"]) == sorted(paths[n] for n in ("settings", "secret", "url"))
    for name in paths:
        os.chmod(paths[name], 0o640)
    assert examine(own, OK, "--config", paths["settings"], **variables)["findings"] == []


def test_a_schema_older_than_the_program_is_an_error(own):
    admin.run("migrate", "down", "--database-url", own.url)
    found = by_code(examine(own, ERRORS, USER_API_JWT_SECRET=STRONG))
    newest = max(glob.glob(os.path.join(REPOSITORY, "migrations", "*.sql")))
    assert found["schema-older"]["examples"] == [os.path.basename(newest)]


def test_a_schema_newer_than_the_program_is_a_warning(own):
    own.sql("INSERT INTO schema_migrations VALUES ('29991231235959')")
    found = by_code(examine(own, WARNINGS, USER_API_JWT_SECRET=STRONG))
    assert found["schema-newer"]["examples"] == ["29991231235959"]


def test_an_empty_database_has_no_schema(postgres):
    name = postgres.create_database(migrated=False)
    result = admin.run("doctor", "--json", "--database-url", postgres.url(name, "postgres"), check=False)
    assert (result.returncode, json.loads(result.stdout)["schema"]) == (ERRORS, "none")
    postgres.drop_database(name)


@pytest.mark.parametrize(
    "sql, code, finding, example",
    [
        (f"REVOKE INSERT ON _user FROM {SERVICE_ACCOUNT}", ERRORS, "rights-missing", "INSERT on _user"),
        (f"REVOKE DELETE ON _user FROM {SERVICE_ACCOUNT}", ERRORS, "rights-missing", "DELETE on _user"),
        (f"REVOKE USAGE ON SCHEMA public FROM {SERVICE_ACCOUNT}, PUBLIC", ERRORS, "rights-missing", "USAGE on schema public"),
        (f"REVOKE UPDATE ON failed_login FROM {SERVICE_ACCOUNT}", ERRORS, "rights-missing", "UPDATE on failed_login"),
        (f"REVOKE ALL ON FUNCTION failed_login_reserve FROM {SERVICE_ACCOUNT}", ERRORS, "rights-missing",
         "EXECUTE on failed_login_reserve"),
        (f"GRANT TRUNCATE ON failed_login TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "TRUNCATE on failed_login"),
        (f"GRANT TRUNCATE ON _user TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "TRUNCATE on _user"),
        ("GRANT TRUNCATE ON role TO PUBLIC", WARNINGS, "rights-excessive", "TRUNCATE on role"),
        (f"REVOKE SELECT ON user_count FROM {SERVICE_ACCOUNT}", ERRORS, "rights-missing", "SELECT on user_count"),
        (f"GRANT INSERT ON user_count TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "INSERT on user_count"),
        (f"GRANT SELECT ON deleted_user TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "SELECT on deleted_user"),
        ("GRANT EXECUTE ON FUNCTION user_api_notify TO PUBLIC", WARNINGS, "rights-excessive", "EXECUTE on user_api_notify"),
        (f"GRANT UPDATE ON schema_spec TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "UPDATE on schema_spec"),
        (f"GRANT CREATE ON SCHEMA public TO {SERVICE_ACCOUNT}", WARNINGS, "rights-excessive", "CREATE on schema public"),
        (f"ALTER TABLE role OWNER TO {SERVICE_ACCOUNT}", ERRORS, "account-owner", "role"),
    ],
)
def test_missing_and_excessive_rights_of_the_service_account_are_found(own, sql, code, finding, example):
    own.sql(sql)
    found = by_code(examine(own, code, USER_API_JWT_SECRET=STRONG))
    assert list(found) == [finding]
    assert (found[finding]["account"], found[finding]["examples"]) == (SERVICE_ACCOUNT, [example])
    assert f"{found[finding]['message']} (account {SERVICE_ACCOUNT}): {example}\n" in own.run("doctor").stdout


def test_rights_that_an_older_version_did_not_give_are_found_and_migrate_gives_them(own):
    own.sql(f"REVOKE INSERT, UPDATE, DELETE ON customer, role FROM {SERVICE_ACCOUNT}")
    own.sql(f"REVOKE DELETE ON _user FROM {SERVICE_ACCOUNT}; GRANT UPDATE (id) ON customer TO {SERVICE_ACCOUNT}")
    (finding,) = examine(own, ERRORS, USER_API_JWT_SECRET=STRONG)["findings"]
    assert (finding["code"], finding["count"], finding["fix"]) == ("rights-missing", 7, ["user-api-admin migrate up"])
    own.run("migrate", check=True)
    assert examine(own, OK, USER_API_JWT_SECRET=STRONG)["findings"] == []
    columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attacl IS NOT NULL"
    assert own.sql(columns) == [(0,)]


@pytest.fixture
def other_account(own):
    """A service account with a name of its own, which the tests do not pass to the commands."""
    own.server.execute('CREATE ROLE "user-api" LOGIN')
    own.run("migrate", "--service-account", "user-api", check=True)
    own.sql(f"REVOKE ALL ON revoked_token FROM {SERVICE_ACCOUNT}")
    yield "user-api"
    own.sql('DROP OWNED BY "user-api"')
    own.server.execute('DROP ROLE "user-api"')


def test_the_account_that_a_database_serves_is_found_without_its_name(own, other_account):
    own.sql(f'REVOKE UPDATE ON _user FROM "{other_account}"; REVOKE INSERT ON revoked_token FROM "{other_account}"')
    document = examine(own, ERRORS, USER_API_JWT_SECRET=STRONG)
    (finding,) = document["findings"]
    assert (finding["code"], finding["account"]) == ("rights-missing", other_account)
    assert finding["examples"] == ["UPDATE on _user", "INSERT on revoked_token"]
    own.run("migrate", check=True)
    assert examine(own, OK, USER_API_JWT_SECRET=STRONG)["findings"] == []


def test_a_role_with_other_rights_is_no_service_account_and_keeps_them(own, other_account):
    own.sql(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{other_account}"')
    own.run("migrate", check=True)
    held = "SELECT has_table_privilege(%s, '_user', 'TRUNCATE'), has_table_privilege(%s, 'revoked_token', 'UPDATE')"
    assert own.sql(held, (other_account, other_account)) == [(True, True)]


def test_a_role_that_purges_old_tokens_is_no_service_account_and_is_given_no_users(own):
    own.server.execute("CREATE ROLE purger LOGIN")
    own.sql("GRANT SELECT, DELETE ON revoked_token TO purger; GRANT SELECT ON _user TO purger")
    own.run("migrate", check=True)
    held = "SELECT has_table_privilege('purger', t, 'INSERT, UPDATE') FROM unnest(ARRAY['_user', 'revoked_token']) AS t"
    assert own.sql(held) == [(False,), (False,)]
    assert examine(own, OK, USER_API_JWT_SECRET=STRONG)["findings"] == []
    own.sql("DROP OWNED BY purger; DROP ROLE purger")


def test_powers_of_the_service_account_are_found(own):
    own.server.execute("CREATE ROLE mighty LOGIN SUPERUSER")
    found = by_code(examine(own, WARNINGS, "--service-account", "mighty", USER_API_JWT_SECRET=STRONG))
    assert (found["account-powers"]["account"], found["account-powers"]["examples"]) == ("mighty", ["SUPERUSER"])


def test_a_service_account_that_is_not_there_is_a_note(own):
    found = by_code(examine(own, OK, "--service-account", "nobody_knows", USER_API_JWT_SECRET=STRONG))
    assert found["account-absent"]["examples"] == ["nobody_knows"]


def test_a_server_that_does_not_answer_is_told_apart_from_findings(folder):
    result = admin.run("doctor", f"postgresql:///x?host={folder}", check=False)
    assert result.returncode == FAILED
    assert len(result.stderr.splitlines()) == 1
    assert admin.run("doctor", "--nonsense", check=False).returncode == MISUSED


def test_settings_that_cannot_be_read_are_a_failure_of_one_line(own, folder):
    result = own.run("doctor", "--json", "--config", os.path.join(folder, "missing"))
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (FAILED, "", 1)
