"""The events that user-api-admin's commands leave: without an actor, with the operating system's user as `by`."""

import os
import pwd

import pytest
from support.operator import Operator, operator  # noqa: F401
from support.seed import PASSWORD

pytest_plugins = ["support.installation_fixtures"]

BY = {"by": pwd.getpwuid(os.getuid()).pw_name}


@pytest.fixture
def since(site):
    """The events since the test began, ordered by id: (kind, customer, user, data). None of them has an actor."""
    last = site.sql("SELECT coalesce(max(id), 0) FROM event")[0][0]

    def events():
        rows = site.sql(
            "SELECT kind, customer_id, user_id, data, actor_id, address, request_id FROM event"
            " WHERE id > %s ORDER BY id",
            (last,),
        )
        assert all(row[4:] == (None, None, None) for row in rows), rows
        return [row[:4] for row in rows]

    return events


def of(user, kind, **data):
    return (kind, user.customer_id, user.id, {**BY, **data})


def test_adding_a_user_leaves_the_user_and_each_role(site, operator, since):
    made = operator.add("admin-adds@example.org", "--roles", "reader")
    whole = (site.seed.a, made["id"])
    assert since() == [("user.created", *whole, BY), ("user.role_granted", *whole, {**BY, "role": "reader"})]


CHANGES = [
    (("update", "--name", "Another"), [("user.updated", {"changed": ["name"]})]),
    (("deactivate",), [("user.deactivated", {})]),
    (("set-password",), [("user.password_changed", {})]),
    (("grant", "writer"), [("user.role_granted", {"role": "writer"})]),
    (("revoke", "reader"), [("user.role_removed", {"role": "reader"})]),
    (("grant", "reader"), []),
]


@pytest.mark.parametrize("change,expected", CHANGES, ids=lambda each: each[0] if isinstance(each, tuple) else "")
def test_a_change_of_a_user_leaves_what_changed(site, operator, since, change, expected):
    user = site.seed.user(roles=("reader",))
    last = len(since())
    action, *rest = change
    operator.user(action, user.email, *rest, USER_API_PASSWORD="another password")
    assert [of(user, kind, **data) for kind, data in expected] == [
        row for row in since()[last:] if row[2] == user.id
    ]
    assert len(since()) == last + len(expected)


def test_activating_a_user_leaves_that(site, operator, since):
    user = site.seed.user(active=False)
    last = len(since())
    operator.user("activate", user.email)
    assert since()[last:] == [of(user, "user.activated")]


def test_deleting_a_user_leaves_name_and_email(site, operator, since):
    user = site.seed.user()
    last = len(since())
    operator.user("delete", user.email, "--yes")
    assert since()[last:] == [of(user, "user.deleted", email=user.email, name=user.name)]


def test_a_command_that_fails_leaves_nothing(site, operator, since):
    assert operator.user("update", site.seed.albert.email, "--email", site.seed.alice.email, check=False).returncode
    assert operator.user("grant", site.seed.albert.email, "nonsense", check=False).returncode
    assert since() == []


def test_roles_that_come_change_and_go_leave_that_for_operators_alone(site, operator, since):
    operator.run("role", "add", "passing", "Passing", owner=True)
    operator.run("role", "change", "passing", "--assignable", "no", owner=True)
    operator.run("role", "rename", "passing", "Another", owner=True)
    operator.run("role", "delete", "passing", owner=True)
    data = {**BY, "role": "passing"}
    assert since() == [
        ("role.created", None, None, data),
        ("role.updated", None, None, {**data, "changed": ["assignable"]}),
        ("role.updated", None, None, {**data, "changed": ["name"]}),
        ("role.deleted", None, None, data),
    ]


def test_customers_that_come_change_and_go_leave_that(site, operator, since):
    operator.run("customer", "add", "--name", "Passing", owner=True)
    ((number,),) = site.sql("SELECT id FROM customer WHERE name = 'Passing'")
    operator.run("customer", "change", number, "--name", "Another", owner=True)
    operator.run("customer", "set-quota", number, 7, owner=True)
    operator.run("customer", "delete", number, owner=True)
    assert since() == [
        ("customer.created", number, None, {**BY, "name": "Passing"}),
        ("customer.updated", number, None, {**BY, "changed": ["name"]}),
        ("customer.updated", number, None, {**BY, "changed": ["max_user_quota"]}),
        ("customer.deleted", number, None, {**BY, "name": "Another"}),
    ]


def test_a_token_that_is_issued_and_revoked_leaves_a_session_opened_and_ended(site, operator, since):
    user = site.seed.user()
    last = len(since())
    secret = {"USER_API_JWT_SECRET": site.secret}
    token = operator.run("token", "issue", user.email, **secret).stdout.strip()
    operator.run("token", "revoke", token, **secret)
    assert since()[last:] == [of(user, "session.opened"), of(user, "session.ended")]


def test_init_leaves_what_it_makes_and_once_again_nothing(installation):
    installation.init()
    events = "SELECT kind, customer_id, user_id, actor_id, data FROM event ORDER BY id"
    assert installation.sql(events) == [
        ("customer.created", 1, None, None, {**BY, "name": installation.sql("SELECT name FROM customer")[0][0]}),
        ("role.created", None, None, None, {**BY, "role": "admin"}),
        ("user.created", 1, 1, None, BY),
        ("user.role_granted", 1, 1, None, {**BY, "role": "admin"}),
    ]
    installation.init()
    assert len(installation.sql(events)) == 4
    installation.init(installation.url, "--reset-admin-password", password="another password")
    assert installation.sql(events)[4:] == [("user.password_changed", 1, 1, None, BY)]


def test_revoking_all_leaves_one_event_for_each_customer_however_many_users_it_has(fresh_site):
    site = fresh_site
    site.seed.user(customer=site.seed.b)
    last = site.sql("SELECT max(id) FROM event")[0][0]
    Operator(site).run("token", "revoke-all", "--dry-run", owner=True)
    Operator(site).run("token", "revoke-all", "--yes", owner=True)
    users = dict(site.sql("SELECT customer_id, count(*) FROM _user GROUP BY 1"))
    assert users[site.seed.b] == 3
    assert site.sql(
        "SELECT kind, customer_id, user_id, user_name, actor_id, data FROM event WHERE id > %s ORDER BY id", (last,)
    ) == [
        ("session.ended", each, None, None, None, {**BY, "all": True, "users": users[each]})
        for each in (site.seed.a, site.seed.b)
    ]


def test_after_bulk_work_changes_leave_events_again(fresh_site):
    site = fresh_site
    Operator(site).run("token", "revoke-all", "--yes", owner=True)
    last = site.sql("SELECT max(id) FROM event")[0][0]
    site.sql("UPDATE _user SET epoch = epoch + 1 WHERE id = %s", (site.seed.albert.id,))
    assert site.sql("SELECT kind FROM event WHERE id > %s", (last,)) == [("session.ended",)]
    assert site.client.login(site.seed.albert.email, PASSWORD).status_code == 200
