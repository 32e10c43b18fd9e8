"""`user-api-admin user` on a running site: passwords, activation, roles, deletion, and the sessions they end."""

import concurrent.futures
import os

import pytest
from support import admin
from support.client import assert_ended, assert_wrong_login
from support.installation import assert_one_line
from support.operator import operator, terminal  # noqa: F401
from support.seed import PASSWORD, role, roles

WARNING = "without any active user who has the role admin"


def assert_alive(session):
    assert session.get("/api/users/token").status_code == 200


# --- activation ---


def test_a_deactivated_users_session_ends_at_the_next_request_and_stays_ended(site, operator):
    user = site.seed.user()
    session = site.login(user)
    assert operator.document("deactivate", user.email.upper()) == user.full(active=False)
    assert_ended(site, session)
    assert site.client.login(user.email, user.password).json()["message"] == "User is not active."
    assert operator.document("activate", user.email) == user.full()
    assert_ended(site, session)
    assert_alive(site.login(user))


def test_activating_an_active_user_ends_no_session(site, operator):
    user = site.seed.user()
    session = site.login(user)
    operator.user("activate", user.email)
    assert_alive(session)


def test_nothing_but_the_activity_changes(site, operator):
    user = site.seed.user(roles=("reader",))
    before = site.seed.row(user)
    operator.user("deactivate", user.email)
    operator.user("activate", user.email)
    assert site.seed.row(user) == before


# --- passwords ---


def test_a_new_password_logs_in_and_the_old_one_and_its_sessions_do_not(site, operator):
    user = site.seed.user(roles=("reader",))
    session = site.login(user)
    assert operator.document("set-password", user.email, USER_API_PASSWORD="brand new one") == user.full()
    assert_ended(site, session)
    assert_wrong_login(site.client.login(user.email, user.password))
    assert site.client.login(user.email, "brand new one").status_code == 200


def test_the_password_comes_from_a_file_or_standard_input_but_for_one_newline(site, operator, folder):
    user = site.seed.user()
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as file:
        file.write(" from a file \n")
    operator.user("set-password", user.email, "--password-file", path)
    assert site.client.login(user.email, " from a file ").status_code == 200
    operator.user("set-password", user.email, "--password-file", "-", typed="piped pässword\n")
    assert site.client.login(user.email, "piped pässword").status_code == 200
    operator.user("set-password", user.email, USER_API_PASSWORD_FILE=path)
    assert site.client.login(user.email, " from a file ").status_code == 200
    operator.user("set-password", user.email, "--password", "insisted upon")
    assert site.client.login(user.email, "insisted upon").status_code == 200


@pytest.mark.parametrize("password", ["", "x" * 7, "x" * 73, "ü" * 37])
def test_a_password_of_the_wrong_length_is_refused(site, operator, password):
    before = site.seed.row(site.seed.albert)
    result = operator.user("set-password", site.seed.albert.email, check=False, USER_API_PASSWORD=password)
    assert_one_line(result, "8 to 72 bytes")
    assert site.seed.row(site.seed.albert) == before


@pytest.mark.parametrize("password", ["kqzvwmtx", "kqzvwmtx " * 7 + "and so on", "ü" * 35 + "ö"])
def test_a_password_of_8_to_72_bytes_is_taken(site, operator, password):
    user = site.seed.user()
    operator.user("set-password", user.email, USER_API_PASSWORD=password)
    assert site.client.login(user.email, password).status_code == 200


def test_the_settings_shortest_password_counts(site, operator):
    result = operator.user(
        "set-password",
        site.seed.albert.email,
        check=False,
        USER_API_PASSWORD="x" * 11,
        USER_API_PASSWORD_MIN_BYTES="12",
    )
    assert_one_line(result, "12 to 72 bytes")


def test_a_password_that_is_not_utf_8_or_holds_a_nul_is_refused(site, operator, folder):
    for content in (b"caf\xe9 au lait", b"nul\0nul\0nul"):
        path = os.path.join(folder, "password")
        with open(path, "wb") as file:
            file.write(content)
        result = operator.user("set-password", site.seed.albert.email, "--password-file", path, check=False)
        assert_one_line(result)


def test_without_a_password_or_a_terminal_nothing_happens(site, operator):
    result = operator.user("set-password", site.seed.albert.email, check=False)
    assert_one_line(result, "USER_API_PASSWORD", "--password-file")
    result = operator.user("add", "not.yet@example.org", "--name", "N", "--customer", site.seed.a, check=False)
    assert_one_line(result, "USER_API_PASSWORD", "--password-file")
    assert_one_line(operator.user("show", "not.yet@example.org", check=False), "there is no user")


def test_the_terminal_is_asked_twice_without_echo(site, operator, terminal):
    user = site.seed.user()
    asking = terminal("user", "set-password", user.email)
    asking.expect(f"Password of {user.email}: ")
    assert not asking.echoes()
    asking.answer("typed password\n")
    asking.expect("(again): ")
    asking.answer("typed password\n")
    assert os.waitstatus_to_exitcode(asking.end()) == 0
    assert "typed" not in asking.output and asking.echoes()
    assert site.client.login(user.email, "typed password").status_code == 200


def test_two_different_answers_change_nothing(site, operator, terminal):
    user = site.seed.user()
    asking = terminal("user", "set-password", user.email)
    asking.expect("Password of ")
    asking.answer("typed password\n")
    asking.expect("(again): ")
    asking.answer("another password\n")
    assert os.waitstatus_to_exitcode(asking.end()) == 1
    assert "the two answers differ" in asking.output
    assert site.client.login(user.email, user.password).status_code == 200


def test_nobody_is_asked_for_the_password_of_a_user_who_cannot_be(site, terminal):
    asking = terminal("user", "add", site.seed.bob.email.upper(), "--name", "N", "--customer", site.seed.a)
    assert os.waitstatus_to_exitcode(asking.end()) == 1
    assert "already" in asking.output and "Password" not in asking.output


def test_a_password_that_was_made_up_is_printed_once_and_logs_in(site, operator):
    added = operator.document(
        "add", "generated@example.org", "--name", "N", "--customer", site.seed.a, "--generate-password"
    )
    assert set(added) == {"password", "user"} and len(added["password"]) >= 24
    assert site.client.login("generated@example.org", added["password"]).json()["id"] == added["user"]["id"]
    first, second = operator.user("set-password", "generated@example.org", "--generate-password").stdout.splitlines()
    assert first == f"user {added['user']['id']} generated@example.org has a new password"
    word, password = second.split(" ")
    assert word == "password" and password != added["password"]
    assert site.client.login("generated@example.org", password).status_code == 200


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_password_that_was_given_is_never_printed(site, operator, json):
    user = site.seed.user()
    secret = "never to be seen"
    for arguments in (
        ["set-password", user.email],
        ["add", f"secret{len(json)}@example.org", "--name", "N", "--customer", site.seed.a],
        ["add", user.email, "--name", "N", "--customer", site.seed.a],
        ["set-password", "nobody@example.org", "--password", secret],
    ):
        result = operator.user(*arguments, *json, check=False, USER_API_PASSWORD=secret)
        assert secret not in result.stdout + result.stderr
        assert "$2b$" not in result.stdout + result.stderr


# --- roles ---


def test_a_role_that_is_given_or_taken_takes_effect_and_ends_sessions(site, operator):
    user = site.seed.user(roles=("reader",))
    session = site.login(user)
    granted = operator.document("grant", user.email, "admin", "writer")
    assert granted["roles"] == roles("admin", "reader", "writer")
    assert_ended(site, session)
    session = site.login(user)
    assert session.get("/api/roles/").status_code == 200
    assert operator.document("revoke", user.email, "admin", "reader")["roles"] == [role("writer")]
    assert_ended(site, session)
    assert site.login(user).get("/api/roles/").status_code == 403


def test_nothing_new_ends_no_session(site, operator):
    user = site.seed.user(roles=("reader",))
    session = site.login(user)
    assert operator.user("grant", user.email, "reader").stdout == f"user {user.id} {user.email} was given 0 roles\n"
    assert operator.user("revoke", "--id", user.id, "writer").stdout == (
        f"user {user.id} {user.email} has lost 0 roles\n"
    )
    assert_alive(session)


def test_a_role_named_twice_counts_once(site, operator):
    user = site.seed.user()
    assert operator.user("grant", user.email, "reader", "reader").stdout.endswith(" was given 1 role\n")


def test_a_user_whom_somebody_else_is_changing_is_waited_for_and_not_for_ever(site, operator):
    user = site.seed.user(roles=("reader",))
    arguments = ("grant", user.email, "writer")
    with site.postgres.connect(site.database) as other:
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM _user WHERE id = %s FOR UPDATE", (user.id,))
        result = operator.user(*arguments, check=False, USER_API_DATABASE_TIMEOUT_MS="300")
        other.rollback()
    other.close()
    assert_one_line(result, "took too long", "nothing was changed")
    assert site.seed.row(user)[5] == ["reader"]
    assert operator.document(*arguments)["roles"] == roles("reader", "writer")


@pytest.mark.parametrize("action", ["grant", "revoke"])
def test_an_unknown_role_changes_nothing(site, operator, action):
    user = site.seed.user(roles=("reader",))
    arguments = ["writer", "reader", "wizard"] if action == "grant" else ["reader", "wizard"]
    assert_one_line(operator.user(action, user.email, *arguments, check=False), "there is no role wizard")
    assert site.seed.row(user)[5] == ["reader"]


def test_none_of_many_who_give_and_take_at_once_is_lost(site, operator):
    count = 12
    codes = [f"concurrent{number}" for number in range(count)]
    for code in codes:
        site.sql("INSERT INTO role (code, name) VALUES (%s, %s)", (code, code))
    user = site.seed.user(roles=("reader",))
    half = codes[: count // 2]
    operator.user("grant", user.email, *half)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        list(
            pool.map(
                lambda code: operator.user("revoke" if code in half else "grant", user.email, code), codes
            )
        )
    assert site.seed.row(user)[5] == ["reader", *codes[count // 2 :]]
    assert site.sql("SELECT epoch FROM _user WHERE id = %s", (user.id,)) == [(1 + count,)]


def test_a_user_keeps_so_few_roles_that_the_api_can_read_it(site, operator):
    user = site.seed.user()
    site.sql("INSERT INTO role (code, name) SELECT 'bulk' || n, 'Bulk' FROM generate_series(1, 257) AS n")
    site.sql(
        "INSERT INTO user_has_role SELECT %s, id FROM role WHERE code LIKE 'bulk%%' ORDER BY id LIMIT 256",
        (user.id,),
    )
    assert operator.user("grant", user.email, "bulk256", "bulk1").returncode == 0  # the user already holds them
    assert_one_line(operator.user("grant", user.email, "bulk257", check=False), "256 roles at most")
    shown = site.login(site.seed.alice).get(f"/api/users/{user.id}")
    assert shown.status_code == 200 and len(shown.json()["roles"]) == 256


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "grant", None, "long-tail"],
        ["user", "update", None, "--name", "N" * 255],
        ["user", "update", None, "--email", "e" * 250 + "@x.de"],
        ["role", "rename", "s", "S" * 255],
        ["role", "change", "s", "--assignable", "no", "--name", "S" * 255],
    ],
)
def test_a_change_that_makes_the_token_too_long_is_refused_also_by_the_command_line(site, operator, arguments):
    user = site.seed.user()
    insert = "INSERT INTO role (code, name) VALUES (%s, %s) ON CONFLICT (code) DO NOTHING"
    held = [("l" * 250 + str(number), "n" * 250) for number in range(10)] + [("m" * 190, "n" * 230), ("s", "S")]
    for role in [*held, ("long-tail", "t" * 250)]:
        site.sql(insert, role)
    site.sql("INSERT INTO user_has_role SELECT %s, id FROM role WHERE code = ANY (%s)", (user.id, [code for code, _ in held]))
    assert_alive(site.login(user))  # the token has room for about 100 bytes more
    before = site.seed.row(user), site.sql("SELECT name, assignable FROM role WHERE code = 's'")
    result = operator.run(*(each or user.email for each in arguments), check=False)
    assert_one_line(result, "This would make the user's token too long.")
    assert (site.seed.row(user), site.sql("SELECT name, assignable FROM role WHERE code = 's'")) == before
    operator.user("update", user.email, "--name", "N")
    operator.run("role", "rename", "s", "T")


# --- the last administrator ---


@pytest.mark.parametrize("action", [["deactivate"], ["revoke", "admin", "reader"], ["delete", "--yes"]])
def test_a_customers_last_administrator_goes_by_force_alone_and_with_a_warning(site, operator, action):
    customer = site.seed.customer()
    first, last = (site.seed.user(customer=customer, roles=("admin", "reader")) for _ in range(2))
    site.seed.user(customer=customer, roles=("admin",), active=False)
    site.seed.user(roles=("admin",))
    assert operator.user(action[0], first.email, *action[1:]).stderr == ""
    before = site.seed.row(last)
    result = operator.user(action[0], last.email, *action[1:], check=False)
    assert_one_line(result, "the customer's last active user with the role admin", "--force")
    assert site.seed.row(last) == before
    result = operator.user(action[0], last.email, *action[1:], "--force")
    assert result.stderr == f"user-api-admin: warning: this leaves customer {customer} {WARNING}\n"
    assert site.seed.row(last) != before


def test_force_warns_of_nothing_where_it_was_not_needed(site, operator):
    customer = site.seed.customer()
    others = [site.seed.user(customer=customer, roles=("admin", "reader")) for _ in range(3)]
    last = site.seed.user(customer=customer, roles=("admin", "reader"))
    for user, action in zip(others, (["deactivate"], ["revoke", "admin"], ["delete", "--yes"])):
        assert operator.user(action[0], user.email, *action[1:], "--force").stderr == ""
    assert operator.user("revoke", last.email, "reader", "--force").stderr == ""


def test_of_two_last_administrators_who_go_at_once_one_stays(site, operator):
    customer = site.seed.customer()
    both = [site.seed.user(customer=customer, roles=("admin",)) for _ in range(2)]
    actions = [["deactivate", both[0].email], ["delete", both[1].email, "--yes"]]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda action: operator.user(*action, check=False), actions))
    assert sorted(result.returncode for result in results) == [0, 1]


def test_the_last_administrator_is_refused_before_anybody_is_asked(site, operator):
    last = site.seed.user(customer=site.seed.customer(), roles=("admin",))
    assert_one_line(operator.user("delete", last.email, check=False), "--force")


def test_what_leaves_the_last_administrator_in_place_warns_of_nothing(site, operator):
    customer = site.seed.customer()
    last = site.seed.user(customer=customer, roles=("admin", "reader"))
    for arguments in (["revoke", last.email, "reader"], ["activate", last.email], ["update", last.email, "--name", "X"]):
        assert operator.user(*arguments).stderr == ""


# --- deletion ---


def everything(site):
    return [
        site.sql(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("customer", "_user", "role", "user_has_role", "revoked_token", "failed_login", "schema_spec")
    ]


def test_a_deleted_user_leaves_no_trace_and_others_are_as_they_were(site, operator):
    before = everything(site)
    user = site.seed.user(roles=("reader", "writer"))
    bystander = site.login(site.seed.albert)
    assert site.login(user).get("/api/users/logout").status_code == 200
    session = site.login(user)
    deleted = operator.document("delete", user.email.upper(), "--yes", owner=True)
    assert deleted == {"deleted": user.full(), "roles": 2}
    assert everything(site) == before
    assert_ended(site, session)
    assert_wrong_login(site.client.login(user.email, user.password))
    assert_alive(bystander)
    assert operator.add(user.email)["id"] != user.id


def test_people_read_what_went(site, operator):
    user = site.seed.user(roles=("reader",))
    output = operator.user("delete", "--id", user.id, "--yes", owner=True).stdout
    assert output == f"user {user.id} {user.email} deleted, with 1 role\n"


def test_without_a_terminal_deleting_needs_yes(site, operator):
    user = site.seed.user()
    assert_one_line(operator.user("delete", user.email, check=False, owner=True), "--yes", code=2)
    assert site.seed.row(user) is not None


@pytest.mark.parametrize("answer", ["yes\n", "y\n", "no\n", "\n", "yesyesyes\n", "\x04"])
def test_on_a_terminal_only_yes_deletes(site, terminal, answer):
    user = site.seed.user()
    asking = terminal("user", "delete", user.email, owner=True)
    asking.expect(f"Delete user {user.id} {user.email} of customer {user.customer_id}? [yes/no] ")
    asking.answer(answer)
    code = os.waitstatus_to_exitcode(asking.end())
    assert (code, site.seed.row(user) is None) == ((0, True) if answer == "yes\n" else (1, False))


def test_the_service_account_may_delete(site, operator):
    user = site.seed.user(roles=("reader",))
    assert operator.document("delete", user.email, "--yes")["deleted"] == user.full()
    assert site.seed.row(user) is None


def test_what_another_table_refers_to_is_not_deleted_by_halves(site, operator):
    user = site.seed.user(roles=("reader",))
    site.sql("CREATE TABLE IF NOT EXISTS own_orders (user_id integer CONSTRAINT own_orders_fkey REFERENCES _user)")
    site.sql("INSERT INTO own_orders VALUES (%s)", (user.id,))
    before = site.seed.row(user)
    result = operator.user("delete", user.email, "--yes", check=False)
    assert_one_line(result, "nothing was deleted", "another table", "own_orders_fkey")
    assert site.seed.row(user) == before
    site.sql("DROP TABLE own_orders")


# --- rights ---


@pytest.fixture
def onlooker(site):
    """The URL of a database role that may only read."""
    site.sql("CREATE ROLE onlooker LOGIN")
    site.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
    yield site.postgres.url(site.database, "onlooker")
    site.sql("DROP OWNED BY onlooker")
    site.sql("DROP ROLE onlooker")


def test_missing_rights_are_told_in_one_line(site, operator, onlooker):
    user = site.seed.user(roles=("reader",))
    before = site.seed.row(user)
    for arguments in (
        ["add", "x@example.org", "--name", "N", "--customer", site.seed.a],
        ["update", user.email, "--name", "N"],
        ["deactivate", user.email],
        ["set-password", user.email],
        ["grant", user.email, "writer"],
        ["revoke", user.email, "reader"],
        ["delete", user.email, "--yes"],
    ):
        result = operator.user(
            *arguments, "--database-url", onlooker, check=False, USER_API_PASSWORD="brand new one"
        )
        assert_one_line(result, "SQLSTATE 42501", "onlooker may not")
    assert operator.document("show", user.email, "--database-url", onlooker) == user.full()
    assert site.seed.row(user) == before


def test_the_settings_file_gives_the_database(site, operator, folder):
    path = os.path.join(folder, "user-api.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"USER_API_DATABASE_URL={operator.url()}\nUSER_API_BCRYPT_COST=4\n")
    os.chmod(path, 0o600)
    user = site.seed.user(password=PASSWORD)
    output = admin.run("user", "show", user.email, "--json", "--config", path).stdout
    assert f'"id":{user.id}' in output
