"""customer.max_user_quota, which the service enforces at registration with USER_API_ENFORCE_QUOTA=on."""

import concurrent.futures
import itertools
import re
import threading

import pytest
from support.client import assert_error, until_there_is_a_place
from support.processes import wait_until
from support.site import Site

NUMBERS = itertools.count(1)
WORKERS = 4
ENFORCED = {"USER_API_ENFORCE_QUOTA": "on"}


def document(**changes):
    return {
        "email": f"quota{next(NUMBERS)}@example.org",
        "name": "New",
        "password": "12345678",
        "active": True,
        "roles": [{"id": 1}],
        **changes,
    }


def assert_exceeded(answer):
    assert_error(answer, 409, "CONFLICT", "User quota exceeded.")


class Tenant:
    """A separate customer with an admin, who counts as a user."""

    def __init__(self, site, quota):
        self.site = site
        self.id = site.seed.customer(quota)
        self.admin = site.seed.user(customer=self.id, roles=("admin",))
        self.client = site.login(self.admin)

    def register(self, **changes):
        return self.client.post("/api/users/", document(**changes))

    def limit_to(self, quota):
        self.site.sql("UPDATE customer SET max_user_quota = %s WHERE id = %s", (quota, self.id))

    def count(self):
        return self.site.sql("SELECT count(*) FROM _user WHERE customer_id = %s", (self.id,))[0][0]


@pytest.fixture(scope="module")
def site(postgres, new_folder):
    with_quota = Site(postgres, new_folder(), ENFORCED, workers=WORKERS).start()
    yield with_quota
    with_quota.stop()


def executed(postgres, start):
    """The names of the statements that the server has executed, from byte `start` of its log on."""
    return re.findall(r"execute (\w+):", postgres.process.log_text(start))


def register_logged(make_site, postgres, settings):
    own = make_site({**settings, "USER_API_SESSION_TABLE_MIB": 0}, workers=1)
    own.sql(f'ALTER DATABASE "{own.database}" SET log_statement = \'all\'')
    own.sql("UPDATE customer SET max_user_quota = 100")
    client = own.login(own.seed.alice)
    start = postgres.process.log_size()
    assert client.post("/api/users/", document()).status_code == 201
    return executed(postgres, start)


# --- off, the default ---


def test_by_default_a_quota_stops_nobody(make_site):
    tenant = Tenant(make_site(), 0)
    assert tenant.register().status_code == 201


def test_by_default_registering_sends_not_one_statement_more(make_site, postgres):
    # A registration runs three times: until its turn to be hashed, until the hash is ready, and to its end.
    asked = ["token_state", "roles_find", "user_by_email"]
    written = ["audit", "roles_lock", "user_insert", "user_roles_add", "user_with_roles"]
    assert register_logged(make_site, postgres, {}) == 3 * asked + written
    quota = ["customer_lock_quota", "customer_count_users"]
    asked[2:2] = quota
    written[2:2] = quota
    assert register_logged(make_site, postgres, ENFORCED) == 3 * asked + written


# --- on ---


def test_the_last_one_gets_in_and_the_next_is_a_conflict_that_writes_nothing(site):
    tenant = Tenant(site, 3)
    assert [tenant.register().status_code for _ in range(2)] == [201, 201]
    refused = document()
    before = site.sql("SELECT count(*) FROM user_has_role")
    assert_exceeded(tenant.client.post("/api/users/", refused))
    assert tenant.count() == 3
    assert site.sql("SELECT count(*) FROM _user WHERE email = %s", (refused["email"],)) == [(0,)]
    assert site.sql("SELECT count(*) FROM user_has_role") == before
    tenant.limit_to(4)
    assert tenant.client.post("/api/users/", refused).status_code == 201


def test_without_a_quota_there_is_no_limit(site):
    tenant = Tenant(site, None)
    assert [tenant.register().status_code for _ in range(5)] == [201] * 5


def test_a_quota_of_zero_lets_nobody_in(site):
    tenant = Tenant(site, 0)
    assert_exceeded(tenant.register())
    assert tenant.count() == 1


def test_inactive_users_count(site):
    tenant = Tenant(site, 2)
    assert tenant.register(active=False).status_code == 201
    assert_exceeded(tenant.register())


def test_another_customers_users_do_not_count_and_its_quota_is_its_own(site):
    full, roomy = Tenant(site, 1), Tenant(site, 2)
    assert_exceeded(full.register())
    assert roomy.register().status_code == 201
    assert_exceeded(roomy.register())
    assert Tenant(site, None).register().status_code == 201


def test_lowered_below_the_number_of_users_it_lets_nobody_in_and_drives_nobody_out(site):
    tenant = Tenant(site, 4)
    assert [tenant.register().status_code for _ in range(3)] == [201] * 3
    tenant.limit_to(2)
    assert_exceeded(tenant.register())
    assert tenant.count() == 4
    assert site.client.login(tenant.admin.email, tenant.admin.password).status_code == 200


def test_whoever_is_there_is_updated_and_gets_a_new_password_whatever_the_quota(site):
    tenant = Tenant(site, 2)
    made = tenant.register(active=False).json()
    tenant.limit_to(0)
    change = {"email": made["email"], "name": "Changed", "active": True, "roles": [{"id": 2}], "password": "87654321"}
    changed = tenant.client.put(f"/api/users/{made['id']}", change)
    assert (changed.status_code, changed.json()["name"]) == (200, "Changed")
    reset = {"email": made["email"], "password": "another password"}
    assert tenant.client.post("/api/users/reset-password", reset).status_code == 200
    assert site.client.login(made["email"], "another password").status_code == 200


def test_at_a_full_customer_the_quota_is_told_before_an_email_that_is_taken(site):
    tenant = Tenant(site, 2)
    assert_error(tenant.register(email=tenant.admin.email), 409, "CONFLICT", "User already exists.")
    assert tenant.register().status_code == 201
    assert_exceeded(tenant.register(email=tenant.admin.email))


def test_a_wrong_document_and_an_unknown_role_are_told_before_the_quota(site):
    tenant = Tenant(site, 0)
    assert tenant.register(password="short").status_code == 422
    assert tenant.register(roles=[{"id": 99}]).status_code == 422


def test_a_conflict_of_emails_takes_no_place(site):
    tenant = Tenant(site, 2)
    for _ in range(3):
        assert_error(tenant.register(email=tenant.admin.email), 409, "CONFLICT", "User already exists.")
    assert tenant.register().status_code == 201


# --- concurrent registrations ---


def waiting(site):
    """How many sessions of the service wait for a lock."""
    own = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    return site.sql(own, (site.database,))[0][0]


@pytest.mark.parametrize("places", [2, 20])
def test_of_fifty_who_register_at_once_exactly_the_quota_gets_in(site, postgres, places):
    tenant = Tenant(site, 1 + places)
    start = threading.Barrier(51)

    def attempt(sent):
        client = site.client.bearer(tenant.client.token)
        start.wait(60)
        return until_there_is_a_place(lambda: client.post("/api/users/", sent))

    gate = postgres.connect(site.database)
    gate.autocommit = False
    with concurrent.futures.ThreadPoolExecutor(50) as clients, gate.cursor() as cursor:
        answers = [clients.submit(attempt, document()) for _ in range(50)]
        cursor.execute("SELECT 1 FROM customer WHERE id = %s FOR UPDATE", (tenant.id,))
        start.wait(60)
        wait_until(lambda: waiting(site) == WORKERS - 1, 15, "every worker but the kept one has come to the row")
        gate.rollback()
        answers = [answer.result() for answer in answers]
    gate.close()
    assert sorted(answer.status_code for answer in answers) == [201] * places + [409] * (50 - places)
    for answer in answers:
        if answer.status_code == 409:
            assert_exceeded(answer)
    assert tenant.count() == 1 + places


def test_who_had_to_wait_counts_those_who_came_in_meanwhile(site, postgres):
    """Also counts users that were added without the service, such as by an import, and uses a quota that was changed
    meanwhile."""
    tenant = Tenant(site, 3)
    other = postgres.connect(site.database)
    other.autocommit = False
    with concurrent.futures.ThreadPoolExecutor(1) as client, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES ('imported@example.org', 'n', 'h', 's', %s)",
            (tenant.id,),
        )
        answer = client.submit(tenant.register)
        wait_until(lambda: waiting(site) == 1, 15, "the registration waits for the row")
        cursor.execute("UPDATE customer SET max_user_quota = 2 WHERE id = %s", (tenant.id,))
        other.commit()
        assert_exceeded(answer.result())
    other.close()
    assert tenant.count() == 2


def test_a_registration_that_waits_too_long_is_503_and_writes_nothing(make_site, postgres):
    own = make_site({**ENFORCED, "USER_API_DATABASE_TIMEOUT_MS": "1000"}, workers=1)
    tenant = Tenant(own, 5)
    other = postgres.connect(own.database)
    other.autocommit = False
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM customer WHERE id = %s FOR UPDATE", (tenant.id,))
        answer = tenant.register()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    other.rollback()
    other.close()
    assert tenant.count() == 1
    assert tenant.register().status_code == 201
