"""`user-api-admin user`: adding, showing, changing and listing users of any customer."""

import itertools
import json
import os
import subprocess

import pytest
from support import admin
from support.installation import assert_one_line
from support.operator import operator, terminal  # noqa: F401
from support.seed import roles

NUMBERS = itertools.count(1)


def new_email():
    return f"operator{next(NUMBERS)}@example.org"


# --- adding ---


def test_a_user_who_was_added_logs_in_and_is_what_the_api_says(site, operator):
    email = new_email()
    added = operator.add(email, "--roles", "reader, admin", password="the first password")
    assert added == {
        "active": True,
        "customer": {"id": site.seed.a},
        "email": email,
        "id": added["id"],
        "name": "New",
        "roles": roles("admin", "reader"),
    }
    assert site.login(site.seed.alice).get(f"/api/users/{added['id']}").json() == added
    answer = site.client.login(email, "the first password")
    assert answer.status_code == 200 and answer.json()["roles"] == added["roles"]


def test_a_user_may_be_added_inactive(site, operator):
    email = new_email()
    assert operator.add(email, "--inactive")["active"] is False
    assert site.client.login(email, "brand new one").json()["message"] == "User is not active."


def test_people_read_one_line(site, operator):
    email = new_email()
    output = operator.user(
        "add", email, "--name", "N", "--customer", site.seed.a, USER_API_PASSWORD="brand new one"
    ).stdout
    assert output == f"user {operator.document('show', email)['id']} {email} added\n"


def test_the_customer_may_be_left_out_only_where_there_is_one(fresh_site, site, operator):
    result = operator.user("add", new_email(), "--name", "N", check=False, USER_API_PASSWORD="brand new one")
    assert_one_line(result, "several customers", "--customer")
    alone = type(operator)(fresh_site)
    fresh_site.sql("DELETE FROM user_has_role")
    fresh_site.sql("DELETE FROM _user")
    fresh_site.sql("DELETE FROM customer WHERE id <> %s", (fresh_site.seed.a,))
    added = alone.document("add", new_email(), "--name", "N", USER_API_PASSWORD="brand new one")
    assert added["customer"] == {"id": fresh_site.seed.a}
    fresh_site.sql("DELETE FROM _user")
    fresh_site.sql("DELETE FROM customer")
    result = alone.user("add", new_email(), "--name", "N", check=False, USER_API_PASSWORD="brand new one")
    assert_one_line(result, "no customer yet")


@pytest.mark.parametrize("change", [str.upper, str.title, str], ids=["upper", "title", "same"])
def test_an_email_that_is_taken_by_another_customers_user_in_another_case_is_a_conflict(site, operator, change):
    email = new_email()
    operator.add(email, "--customer", site.seed.b)
    arguments = ("add", change(email), "--name", "N", "--customer", site.seed.a)
    assert_one_line(operator.user(*arguments, check=False, USER_API_PASSWORD="kqzvwmtx"), "already")


def test_letters_beyond_ascii_are_folded_as_well(operator):
    operator.add("Jörg.Ünder@example.org")
    assert operator.document("show", "JÖRG.ÜNDER@EXAMPLE.ORG")["email"] == "Jörg.Ünder@example.org"
    result = operator.user(
        "add", "jörg.ünder@example.org", "--name", "N", "--customer", 1, check=False, USER_API_PASSWORD="kqzvwmtx"
    )
    assert_one_line(result, "already")


def test_unknown_roles_and_customers_are_told_and_nothing_is_added(site, operator):
    email = new_email()
    arguments = ("add", email, "--name", "N", "--customer")
    result = operator.user(
        *arguments, site.seed.a, "--roles", "reader,wizard", check=False, USER_API_PASSWORD="kqzvwmtx"
    )
    assert_one_line(result, "there is no role wizard")
    result = operator.user(*arguments, 99999, check=False, USER_API_PASSWORD="kqzvwmtx")
    assert_one_line(result, "there is no customer 99999")
    assert_one_line(operator.user("show", email, check=False), "there is no user")


def test_a_quota_does_not_matter_unless_it_is_enforced(site, operator):
    full = site.seed.customer(quota=0)
    assert operator.add(new_email(), "--customer", full)["customer"] == {"id": full}


def test_a_quota_that_is_enforced_counts_for_the_operator_too(site, operator):
    customer = site.seed.customer(quota=1)
    operator.add(new_email(), "--customer", customer, USER_API_ENFORCE_QUOTA="on")
    result = operator.user(
        *("add", new_email(), "--name", "N", "--customer", customer),
        check=False,
        USER_API_PASSWORD="kqzvwmtx",
        USER_API_ENFORCE_QUOTA="on",
    )
    assert_one_line(result, "as many users as it may have")
    assert site.sql("SELECT count(*) FROM _user WHERE customer_id = %s", (customer,)) == [(1,)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["add"],
        ["add", "a@example.org"],
        ["add", "", "--name", "N"],
        ["add", "a@example.org", "--name", ""],
        ["add", "e" * 256, "--name", "N"],
        ["add", "a@example.org", "--name", "ü" * 256],
        ["add", b"\xff@example.org", "--name", "N"],
        ["add", "a@example.org", "--name", b"caf\xe9"],
        ["add", "a@example.org", "--name", "N", "--customer", "0"],
        ["add", "a@example.org", "--name", "N", "--customer", "x"],
        ["add", "a@example.org", "--name", "N", "--password", "x" * 8, "--generate-password"],
        ["add", "a@example.org", "b@example.org", "--name", "N"],
        ["show"],
        ["show", "a@example.org", "--id", "1"],
        ["show", "--id", "-1"],
        ["show", "--id", "2147483648"],
        ["show", "--id", ""],
        ["show", "e" * 256],
        ["update", "a@example.org"],
        ["update", "a@example.org", "--email", "e" * 256],
        ["update", "--name", "N"],
        ["list", "--active", "--inactive"],
        ["list", "--limit", "x"],
        ["list", "--after", "-1"],
        ["list", "--email", ""],
        ["list", "everybody"],
        ["grant", "a@example.org"],
        ["grant", "--id", "1"],
        ["revoke"],
        ["set-password"],
        ["set-password", "a@example.org", "--password", "x" * 8, "--password-file", "-"],
        ["activate"],
        ["deactivate", "a", "b"],
        ["delete"],
        ["frobnicate"],
        [],
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_2(site, operator, arguments):
    before = site.sql("SELECT count(*), sum(epoch) FROM _user")
    result = subprocess.run(
        [admin.binary(), "user", *arguments, *(["--database-url", operator.url(True)] if arguments else [])],
        env=admin.environment(USER_API_PASSWORD="brand new one"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )
    assert_one_line(result, code=2)
    assert result.stdout == ""
    assert site.sql("SELECT count(*), sum(epoch) FROM _user") == before


def test_strings_of_255_characters_are_taken(operator):
    email, name = "ü" * 255, "漢" * 255
    added = operator.document("add", email, "--name", name, "--customer", 1, USER_API_PASSWORD="kqzvwmtx")
    assert (added["email"], added["name"]) == (email, name)
    assert operator.document("show", email.upper()) == added


# --- naming ---


def test_an_email_is_only_ever_an_email_also_when_it_looks_like_a_number(site, operator):
    alice = site.seed.alice
    assert_one_line(operator.user("show", alice.id, check=False), f"there is no user {alice.id}")
    number = operator.add(str(alice.id))
    assert operator.document("show", alice.id) == number
    assert operator.document("show", "--id", alice.id)["email"] == alice.email
    operator.user("deactivate", alice.id)
    assert operator.document("show", "--id", number["id"])["active"] is False
    assert operator.document("show", "--id", alice.id)["active"] is True
    operator.user("update", "--id", number["id"], "--email", new_email())


@pytest.mark.parametrize("action", ["show", "activate", "deactivate", "delete", "set-password"])
def test_a_user_who_is_not_there_is_told_and_nobody_is_asked_anything(operator, action):
    options = {"check": False, "owner": True}
    assert_one_line(operator.user(action, "nobody@example.org", **options), "there is no user nobody@example.org")
    assert_one_line(operator.user(action, "--id", 2**31 - 1, **options), "there is no user with id 2147483647")


def test_a_user_is_shown_as_the_api_renders_it(site, operator):
    user = site.seed.user(roles=("writer", "reader"), customer=site.seed.b)
    assert operator.document("show", user.email) == user.full()


def test_people_read_a_line_for_each_column(site, operator):
    user = site.seed.user(name="Ann Smith", email=new_email(), roles=("writer", "reader"))
    lines = dict(line.split(None, 1) for line in operator.user("show", user.email).stdout.splitlines())
    assert lines == {
        "id": str(user.id),
        "customer": str(user.customer_id),
        "email": user.email,
        "name": "Ann Smith",
        "active": "yes",
        "roles": "reader, writer",
    }


# --- changing ---


def test_only_what_is_given_changes(site, operator):
    user = site.seed.user(roles=("reader",), active=False)
    before = site.seed.row(user)
    changed = operator.document("update", user.email, "--name", "Renamed")
    assert changed == user.full(name="Renamed")
    email = new_email()
    assert operator.document("update", user.email.upper(), "--email", email) == user.full(name="Renamed", email=email)
    assert site.seed.row(user) == (email, "Renamed", *before[2:])


def test_a_change_of_name_leaves_sessions_alone(site, operator):
    user = site.seed.user()
    session = site.login(user)
    operator.user("update", user.email, "--name", "Renamed")
    assert session.get("/api/users/token").status_code == 200


def test_an_email_may_change_its_case_and_may_not_become_anothers(site, operator):
    user = site.seed.user()
    changed = operator.document("update", user.email, "--email", user.email.upper(), "--name", "Loud")
    assert changed["email"] == user.email.upper()
    result = operator.user(
        "update", user.email, "--email", site.seed.bob.email.upper(), "--name", "X", check=False
    )
    assert_one_line(result, "already")
    assert site.seed.row(user)[:2] == (user.email.upper(), "Loud")


# --- the output cannot be forged ---

NASTY = "Ann\x1b[2J\nuser 1 root added\r\u202egnihton\x9b7m\\ \t"


def test_control_characters_reach_no_terminal(site, operator):
    email = site.seed.user(name=NASTY, email=new_email()).email
    assert operator.document("show", email)["name"] == NASTY
    for action in (["show", email], ["list", "--email", email]):
        output = operator.user(*action).stdout
        assert not {"\x1b", "\r", "\u202e", "\x9b", "\t"} & set(output)
        assert "\\x1b[2J\\x0auser 1 root" in output
        assert "\\u202e" in output
    assert len(operator.user("list", "--email", email).stdout.splitlines()) == 2


def test_an_email_with_control_characters_forges_no_line(site, operator):
    email = "a\nuser-api-admin: all is well\x1b[2J" + new_email()
    user = site.seed.user(email=email)
    output = operator.user("update", email, "--name", "N").stdout
    assert output.count("\n") == 1 and "\x1b" not in output
    site.sql("DELETE FROM _user WHERE id = %s", (user.id,))
    result = operator.user("show", email, check=False)
    assert_one_line(result, "there is no user")
    assert "\x1b" not in result.stderr


# --- listing ---


@pytest.fixture(scope="module")
def people(site):
    """A customer of the tests' own: its id, and its users."""
    customer = site.seed.customer()
    specimens = [
        ("ann", {"roles": ("admin", "reader")}),
        ("Annabel", {"active": False}),
        ("bob_100%", {"roles": ("reader",)}),
        ("Ünal", {"email": "ÜNAL@example.net"}),
    ]
    users = [
        site.seed.user(name, customer, **{"email": f"{name}{customer}@example.com", **more})
        for name, more in specimens
    ]
    return customer, users


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ([], [0, 1, 2, 3]),
        (["--name", "ANN"], [0, 1]),
        (["--name", "ann", "--active"], [0]),
        (["--inactive"], [1]),
        (["--active"], [0, 2, 3]),
        (["--role", "reader"], [0, 2]),
        (["--role", "reader", "--name", "bob"], [2]),
        (["--email", "example.net"], [3]),
        (["--email", "ünal"], [3]),
        (["--email", "example.com", "--name", "ü"], []),
        (["--name", "b%1"], [2]),
        (["--name", "b_b"], [2]),
        (["--name", "100\\%"], [2]),
        (["--name", "a\\%"], []),
        (["--name", "'; DROP TABLE _user; --"], []),
        (["--limit", "2"], [0, 1]),
        (["--limit", "0"], []),
    ],
)
def test_the_users_that_fit_everything_asked_for_are_listed_by_their_ids(operator, people, arguments, expected):
    customer, users = people
    listed = operator.document("list", "--customer", customer, *arguments)
    assert listed == {"users": [users[number].full() for number in expected]}


def test_a_list_goes_on_after_an_id(operator, people):
    customer, users = people
    listed = operator.document("list", "--customer", customer, "--after", users[1].id, "--limit", 1)
    assert listed == {"users": [users[2].full()]}
    assert operator.document("list", "--customer", customer, "--after", users[3].id) == {"users": []}


def test_without_a_customer_users_of_all_are_listed(site, operator):
    ids = [user["id"] for user in operator.document("list")["users"]]
    assert ids == [row[0] for row in site.sql("SELECT id FROM _user ORDER BY id")]


def test_people_read_a_table(operator, people):
    customer, users = people
    lines = operator.user("list", "--customer", customer).stdout.splitlines()
    assert lines[0].split() == ["id", "customer", "email", "name", "active", "roles"]
    assert [line.split()[0] for line in lines[1:]] == [str(user.id) for user in users]
    assert lines[1].endswith("admin, reader")


@pytest.mark.parametrize("arguments", [["--role", "wizard"], ["--customer", "99999"]])
def test_a_role_or_customer_that_is_not_there_is_no_empty_list(operator, arguments):
    assert_one_line(operator.user("list", *arguments, check=False), "there is no")


def peak_kib(process):
    """The peak memory of a process in KiB; waits until the process has ended."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss


def test_a_large_list_takes_no_more_memory_than_a_small_one(site, operator):
    customer, count = site.seed.customer(), 60000
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, customer_id)"
        " SELECT 'many' || n || '@example.org', repeat('n', 250), 'h', 's', %s FROM generate_series(1, %s) AS n",
        (customer, count),
    )
    peaks = {}
    for limit in (10, count):
        with subprocess.Popen(
            [admin.binary(), "user", "list", "--json", "--customer", str(customer), "--limit", str(limit)],
            # By default, a sanitizer keeps freed memory.
            env=admin.environment(USER_API_DATABASE_URL=operator.url(), ASAN_OPTIONS="quarantine_size_mb=1"),
            stdout=subprocess.PIPE,
        ) as process:
            text = process.stdout.read()
            peaks[limit] = peak_kib(process)
        assert process.returncode == 0
        assert len(json.loads(text)["users"]) == limit
    assert len(text) > 20e6
    assert peaks[count] < peaks[10] + 4096, peaks
