"""A customer does not lose its last active admin over HTTP."""

import itertools

import pytest
from support.client import assert_error, assert_json
from support.grants import document, ids, minted, roles, state, with_locked_roles
from support.transactions import at_once

ROUNDS = 10


@pytest.fixture(scope="module")
def site(operated):
    return with_locked_roles(operated)


@pytest.fixture(scope="module")
def olga(site):
    return site.login(site.seed.olga)


@pytest.fixture
def tenant(site):
    """(customer, its only admin)."""
    customer = site.seed.customer()
    return customer, site.seed.user(customer=customer, roles=("admin", "reader"))


WAYS = {
    "deletion": lambda site, client, user: client.delete(f"/api/users/{user.id}"),
    "deactivation": lambda site, client, user: client.put(f"/api/users/{user.id}", document(user, active=False)),
    "other roles": lambda site, client, user: client.put(
        f"/api/users/{user.id}", document(user, roles=ids(*roles(site, "reader", "writer")))
    ),
    "no roles": lambda site, client, user: client.put(f"/api/users/{user.id}", document(user, roles=[])),
}


def assert_last(answer):
    assert_error(answer, 409, "CONFLICT", "The last admin can't be removed.")


def admins(site, customer):
    return site.sql(
        "SELECT count(*) FROM _user u JOIN user_has_role h ON h.user_id = u.id JOIN role r ON r.id = h.role_id"
        " WHERE u.customer_id = %s AND u.active AND r.code = 'admin'",
        (customer,),
    )[0][0]


def assert_nobody_removes(site, clients, user, ways=WAYS):
    before = state(site, user)
    session = minted(site, user)
    for client, way in itertools.product(clients, ways):
        assert_last(WAYS[way](site, client, user))
    assert state(site, user) == before
    assert session.get("/api/users/token").status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_an_operator_cannot_remove_the_last_admin(site, olga, tenant, way):
    assert_nobody_removes(site, [olga], tenant[1], [way])


@pytest.mark.parametrize("way", ["deactivation", "other roles", "no roles"])
def test_the_last_admin_cannot_step_back(site, tenant, way):
    assert_nobody_removes(site, [minted(site, tenant[1])], tenant[1], [way])


def test_the_last_admin_who_deletes_themselves_is_told_that_nobody_does_that(site, tenant):
    answer = minted(site, tenant[1]).delete(f"/api/users/{tenant[1].id}")
    assert_error(answer, 409, "CONFLICT", "You can't delete yourself.")


@pytest.mark.parametrize("way", WAYS)
def test_with_another_active_admin_one_may_go_and_then_the_other_is_the_last(site, olga, tenant, way):
    customer, user = tenant
    other = site.seed.user(customer=customer, roles=("admin",))
    assert WAYS[way](site, minted(site, other), user).status_code in (200, 204)
    assert_nobody_removes(site, [olga], other)


def test_an_inactive_admin_does_not_count(site, olga, tenant):
    site.seed.user(customer=tenant[0], roles=("admin",), active=False)
    assert_nobody_removes(site, [olga], tenant[1])


def test_another_customers_admins_do_not_count(site, olga, tenant):
    assert admins(site, site.seed.a) > 0
    assert_nobody_removes(site, [olga], tenant[1])


def test_an_operator_does_not_count_just_for_being_one_nor_any_other_role(site, tenant):
    customer, user = tenant
    operator = site.seed.operator(customer=customer)
    site.seed.user(customer=customer, roles=("reader", "auditor"))
    assert_nobody_removes(site, [minted(site, operator)], user)


def test_an_operator_who_is_an_admin_of_the_customer_counts(site, tenant):
    customer, user = tenant
    operator = site.seed.operator(customer=customer, roles=("admin",))
    client = minted(site, operator)
    assert WAYS["no roles"](site, client, user).status_code == 200
    assert_last(client.put(f"/api/users/{operator.id}", document(operator, roles=ids(site.operator))))


def test_an_operator_of_another_customer_who_is_an_admin_there_does_not_count(site, tenant):
    client = minted(site, site.seed.operator(roles=("admin",)))
    assert_nobody_removes(site, [client], tenant[1])


def test_everything_else_may_be_changed_of_the_last_admin(site, olga, tenant):
    _, user = tenant
    kept = roles(site, "admin", "writer")
    change = document(user, name="Changed", email=f"last{user.id}@example.org", password="brand new one")
    answer = olga.put(f"/api/users/{user.id}", {**change, "roles": ids(*kept)})
    assert_json(answer, 200, user.full(name="Changed", email=change["email"], roles=kept))
    assert olga.post(f"/api/users/{user.id}/logout").status_code == 204


@pytest.mark.parametrize("way", WAYS)
def test_a_customer_without_an_admin_is_not_concerned(site, olga, way):
    customer = site.seed.customer()
    user = site.seed.user(customer=customer, roles=("reader",))
    assert WAYS[way](site, olga, user).status_code in (200, 204)


@pytest.mark.parametrize("way", WAYS)
def test_an_admin_who_is_inactive_already_may_go(site, olga, way):
    user = site.seed.user(customer=site.seed.customer(), roles=("admin",), active=False)
    assert WAYS[way](site, olga, user).status_code in (200, 204)


def test_a_failed_precondition_is_told_before(site, olga, tenant):
    headers = {"If-Match": '"old"'}
    assert olga.delete(f"/api/users/{tenant[1].id}", headers=headers).status_code == 412


def test_other_conflicts_are_told_after(site, olga, tenant):
    _, user = tenant
    assert_last(olga.put(f"/api/users/{user.id}", document(user, active=False, email=site.seed.bob.email)))


# --- at the same time ---


@pytest.mark.parametrize("ways", [("deletion", "deletion"), ("deactivation", "no roles"), ("deletion", "other roles")])
def test_two_admins_who_remove_each_other_at_once_leave_one(site, ways):
    customer = site.seed.customer()
    for _ in range(ROUNDS):
        pair = [site.seed.user(customer=customer, roles=("admin",)) for _ in range(2)]
        removals = list(zip(ways, map(minted, [site] * 2, pair), reversed(pair)))
        answers = at_once(*[lambda each=each: WAYS[each[0]](site, *each[1:]) for each in removals])
        codes = sorted(answer.status_code for answer in answers)
        # 401: the other admin was quicker, and had ended this session.
        assert codes[0] in (200, 204) and codes[1] in (401, 409), codes
        assert admins(site, customer) == 1
        site.sql("UPDATE _user SET active = false WHERE customer_id = %s", (customer,))


def test_of_three_admins_whom_an_operator_removes_at_once_one_stays(site):
    customer = site.seed.customer()
    operators = [minted(site, site.seed.olga) for _ in range(3)]
    for _ in range(ROUNDS):
        three = [site.seed.user(customer=customer, roles=("admin",)) for _ in range(3)]
        removals = list(zip(["deletion", "deactivation", "no roles"], operators, three))
        answers = at_once(*[lambda each=each: WAYS[each[0]](site, *each[1:]) for each in removals])
        assert sorted(answer.status_code for answer in answers)[1:] in ([200, 409], [204, 409])
        assert admins(site, customer) == 1
        site.sql("UPDATE _user SET active = false WHERE customer_id = %s", (customer,))
