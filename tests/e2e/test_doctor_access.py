"""`user-api-admin doctor` on access: customers without an admin, and who holds and grants which roles."""

import json
import os
import re

import pytest
from support.original import Original, ours
from support.processes import REPOSITORY

OK, WARNINGS = 0, 3
SECRET = "k3T9-fX2m_vQ8wZ4pL7nB1cR6yH5sJ0dG"
OPERATOR = {"USER_API_OPERATOR_ROLE": "platform"}

# Customers 1 and 2 have an active admin each, 3 has no users. `reader` is assignable, `vault` and `platform` are not.
ROWS = """
INSERT INTO customer (name) VALUES ('First'), ('Second'), (NULL);
INSERT INTO role (code, name, assignable)
  VALUES ('admin', 'Admin', true), ('reader', 'R', true), ('vault', 'V', false), ('platform', 'P', true);
INSERT INTO _user (email, name, hash, salt, customer_id)
  SELECT 'u' || i || '@example.org', 'U', '*', '*', (i + 1) / 2 FROM generate_series(1, 4) AS i;
INSERT INTO user_has_role VALUES (1, 1), (3, 1), (2, 2), (4, 2);
"""

USER_OF_3 = "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('x', 'x', '*', '*', 3)"


@pytest.fixture
def own(postgres):
    made = ours(postgres)
    made.sql(ROWS)
    yield made
    made.drop()


def examine(database, *arguments, **variables):
    """{code: finding} without hash-none, and the exit code."""
    result = database.run("doctor", "--json", *arguments, USER_API_JWT_SECRET=SECRET, **variables)
    assert result.stderr == ""
    found = {each["code"]: each for each in json.loads(result.stdout)["findings"]}
    return {code: each for code, each in found.items() if code != "hash-none"}, result.returncode


def test_a_customer_whose_users_have_no_active_admin_is_a_warning(own):
    own.sql(f"UPDATE _user SET active = false WHERE id = 1; {USER_OF_3}")
    found, code = examine(own)
    assert (list(found), code) == (["admin-none"], WARNINGS)
    finding = found["admin-none"]
    assert (finding["severity"], finding["count"]) == ("warning", 2)
    assert finding["examples"] == ["customer 1 First", "customer 3"]
    assert finding["fix"] == ["user-api-admin user grant --id … admin"]


def test_an_operator_is_no_admin_of_their_customer(own):
    own.sql("DELETE FROM user_has_role WHERE user_id = 1; INSERT INTO user_has_role VALUES (1, 4)")
    found, code = examine(own, **OPERATOR)
    assert (found["admin-none"]["examples"], code) == (["customer 1 First"], WARNINGS)


def test_holders_of_roles_that_are_not_assignable_are_a_note(own):
    own.sql("INSERT INTO user_has_role VALUES (4, 3), (2, 4)")
    found, code = examine(own)
    assert (found["role-protected"]["severity"], code) == ("note", OK)
    assert found["role-protected"]["examples"] == ["user 4 role vault"]


def test_the_operator_role_of_the_settings_is_not_assignable_whatever_its_column_says(own, folder):
    own.sql("INSERT INTO user_has_role VALUES (4, 3), (2, 4)")
    settings = os.path.join(folder, "settings")
    with open(settings, "w", encoding="ascii") as file:
        file.write("USER_API_OPERATOR_ROLE=platform\n")
    os.chmod(settings, 0o600)
    for arguments, variables in (([], OPERATOR), (["--config", settings], {})):
        found, code = examine(own, *arguments, **variables)
        assert code == OK
        assert found["role-protected"]["examples"] == ["user 2 role platform", "user 4 role vault"]
        assert found["role-shared"]["examples"] == ["role 1 admin", "role 2 reader"]


def test_roles_that_admins_of_several_customers_grant_are_a_note(own):
    found, code = examine(own)
    assert (found["role-shared"]["severity"], code) == ("note", OK)
    assert found["role-shared"]["examples"] == ["role 1 admin", "role 2 reader", "role 4 platform"]
    assert "require a customer" in found["role-shared"]["message"]


def test_with_admins_of_one_customer_no_role_is_shared(own):
    own.sql("UPDATE _user SET active = false WHERE id = 3")
    assert list(examine(own)[0]) == ["admin-none"]
    own.sql("UPDATE _user SET customer_id = 1")
    assert examine(own) == ({}, OK)


def test_an_operator_role_that_is_not_there_is_a_warning(own):
    found, code = examine(own, USER_API_OPERATOR_ROLE="platfrom")
    assert (found["operator-none"]["examples"], code) == (["role platfrom"], WARNINGS)
    assert found["operator-none"]["fix"]


def test_the_manual_lists_every_code():
    def read(*path):
        with open(os.path.join(REPOSITORY, *path), encoding="utf-8") as file:
            return file.read()

    codes = re.findall(r'{UA_SEVERITY_[A-Z]+, "([a-z-]+)"', read("src", "operator", "diagnosis_access.c"))
    section = read("docs", "operating.md").partition("\n## Operators\n")[2].partition("\n## ")[0]
    assert codes and re.findall(r"(?m)^\| `([a-z-]+)` \| (?:note|warning) \|", section) == codes


def test_an_operator_role_that_cannot_be_one_is_a_failure_that_names_the_setting(own):
    result = own.run("doctor", USER_API_OPERATOR_ROLE="admin")
    assert (result.returncode, result.stdout) == (1, "")
    assert "USER_API_OPERATOR_ROLE" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("sql", ["ALTER TABLE role DROP COLUMN assignable", "ALTER TABLE customer DROP COLUMN name"])
def test_a_damaged_schema_is_a_finding_and_no_failure(own, sql):
    own.sql(sql)
    found, code = examine(own)
    assert (list(found), code) == (["column-missing"], 4)


def test_the_originals_schema_is_not_asked_who_may_grant(postgres):
    original = Original(postgres, 10)
    original.sql("DELETE FROM user_has_role")
    found, code = examine(original)
    assert ("schema-original" in found, "admin-none" in found, code) == (True, False, OK)
    original.drop()
