"""A service that cannot count failed logins hashes nothing; and what the log says about counted ones."""

import re

import pytest
from support.attempts import (
    ELSEWHERE,
    HERE,
    WRONG,
    address_of,
    assert_wrong,
    block,
    counted,
    login,
)
from support.client import canonical
from support.cpu import spent_by
from support.postgres import SERVICE_ACCOUNT
from support.processes import wait_until
from support.site import Site, end_sessions
from support.transactions import transaction

# A hash of this cost takes far longer than the rest of a login.
COST = 11
HASH_SECONDS = 0.04
FUNCTION = "FUNCTION failed_login_reserve"


@pytest.fixture(scope="module")
def closed(postgres, new_folder):
    """A site that hashes slowly, a user, and the cookie of a browser that has logged in."""
    site = Site(postgres, new_folder(), {"USER_API_DATABASE_TIMEOUT_MS": 1000}, workers=2, cost=COST).start()
    site.device = login(site.pool.address, site.seed.alice.email, site.seed.alice.password).device
    assert site.device
    yield site
    site.stop()


def ways(site):
    """All kinds of login: right and wrong passwords, known and unknown emails, with and without a known browser."""
    alice, address = site.seed.alice, site.pool.address
    return [
        lambda: login(address, alice.email, alice.password, ELSEWHERE),
        lambda: login(address, alice.email, alice.password, ELSEWHERE, site.device),
        lambda: login(address, alice.email, WRONG, ELSEWHERE, site.device),
        lambda: login(address, alice.email),
        lambda: login(address, "nobody@example.org"),
    ]


def assert_nothing_is_hashed(site):
    for way in ways(site):
        begin = spent_by(site)
        answer = way()
        spent = spent_by(site) - begin
        assert (answer.status, answer.body) == (
            503,
            canonical({"error_code": "SERVICE_UNAVAILABLE", "message": "The service is unavailable."}),
        )
        assert answer.retry_after > 0 and answer.cookies == []
        assert spent < HASH_SECONDS, spent


def assert_all_is_well(site):
    alice = site.seed.alice
    begin = spent_by(site)
    wait_until(lambda: login(site.pool.address, alice.email, alice.password).status == 200, 20, "logins work again")
    assert_wrong(login(site.pool.address, alice.email))
    assert spent_by(site) - begin > 2 * HASH_SECONDS, "a hash is as slow as this file believes"
    site.sql("DELETE FROM failed_login")


@pytest.mark.parametrize(
    "fault,mend",
    [
        (f"REVOKE ALL ON failed_login FROM {SERVICE_ACCOUNT}", None),
        (f"REVOKE SELECT ON failed_login FROM {SERVICE_ACCOUNT}", None),
        (f"REVOKE INSERT ON failed_login FROM {SERVICE_ACCOUNT}", None),
        (f"REVOKE EXECUTE ON {FUNCTION} FROM {SERVICE_ACCOUNT}", f"GRANT EXECUTE ON {FUNCTION} TO {SERVICE_ACCOUNT}"),
        ("ALTER TABLE failed_login RENAME TO gone", "ALTER TABLE gone RENAME TO failed_login"),
        (f"ALTER {FUNCTION} RENAME TO gone", "ALTER FUNCTION gone RENAME TO failed_login_reserve"),
        ("ALTER TABLE failed_login RENAME failures TO gone", "ALTER TABLE failed_login RENAME gone TO failures"),
    ],
    ids=lambda value: value and value.partition(" ON ")[0][:40],
)
def test_without_the_counters_nothing_is_hashed_and_the_answer_is_503(closed, fault, mend):
    closed.sql(fault)
    try:
        # First with connected workers, then with workers that have to connect again.
        assert_nothing_is_hashed(closed)
        end_sessions(closed)
        assert_nothing_is_hashed(closed)
    finally:
        closed.sql(mend or f"GRANT SELECT, INSERT, UPDATE, DELETE ON failed_login TO {SERVICE_ACCOUNT}")
    assert_all_is_well(closed)


@pytest.mark.patient
def test_counters_that_somebody_has_locked_are_waited_for_only_so_long(closed):
    with transaction(closed) as locking:
        locking.sql("LOCK TABLE failed_login IN ACCESS EXCLUSIVE MODE")
        assert_nothing_is_hashed(closed)
    assert_all_is_well(closed)


def test_without_the_database_nothing_is_hashed(closed):
    closed.postgres.execute(f'ALTER DATABASE "{closed.database}" ALLOW_CONNECTIONS false')
    try:
        end_sessions(closed)
        assert_nothing_is_hashed(closed)
    finally:
        closed.postgres.execute(f'ALTER DATABASE "{closed.database}" ALLOW_CONNECTIONS true')
    assert_all_is_well(closed)


def test_what_is_no_login_does_not_need_the_counters(closed):
    client = closed.client.bearer(closed.mint(closed.seed.alice))
    closed.sql("ALTER TABLE failed_login RENAME TO gone")
    try:
        assert client.get("/api/users/token").status_code == 200
        new = {"email": "made@example.org", "name": "n", "password": "12345678", "active": True, "roles": []}
        assert client.post("/api/users/", new).status_code == 201
    finally:
        closed.sql("ALTER TABLE gone RENAME TO failed_login")


# --- the log ---


def said(site, event, since=0):
    return [line for line in site.pool.log_lines(since) if line["event"] == event]


def names_of(line):
    return {name for name in line if name not in ("time", "level", "pid", "request_id", "event")}


def test_each_failure_is_a_line_with_account_and_address_and_the_last_one_says_blocked(site):
    user = site.seed.user("logged", email="Logged.Person@Example.ORG")
    since = site.pool.process.log_size()
    for number in range(15):
        spelled = user.email.upper() if number % 2 else user.email
        login(site.pool.address, spelled, client=address_of(number), HTTP_X_REQUEST_ID=f"attempt-{number}")
    lines, blocked = said(site, "login failed", since), said(site, "logins blocked", since)
    assert [line["request_id"] for line in lines] == [f"attempt-{number}" for number in range(10)]
    assert [line["address"] for line in lines] == [address_of(number) for number in range(10)]
    assert all(names_of(line) == {"account", "address"} and line["level"] == "info" for line in lines)
    (account,) = {line["account"] for line in lines}
    assert re.fullmatch("[0-9a-f]{16}", account)
    (last,) = blocked
    assert (last["account"], last["address"], last["level"]) == (account, address_of(9), "warn")
    assert 1 <= last["seconds"] <= 900 and last["request_id"] == "attempt-9"
    (digest,) = site.sql("SELECT encode(digest, 'hex') FROM failed_login WHERE user_id = %s", (user.id,))[0]
    assert digest.startswith(account), "the line names what `throttle list` shows"


def test_the_log_never_says_what_somebody_has_typed(site):
    since = site.pool.process.log_size()
    unknown, password = "Nobody.Typed@example.org", "typed-password"
    for number in range(12):
        login(site.pool.address, unknown, password, address_of(100 + number))
    text = site.pool.process.log_text(since)
    assert text.count('"login failed"') == 10 and text.count('"logins blocked"') == 1
    for secret in (unknown, unknown.lower(), "nobody.typed", "Nobody.Typed", password):
        assert secret not in text


def test_other_accounts_have_other_names_and_other_secrets_too(site, fresh_site):
    since, fresh_since = site.pool.process.log_size(), fresh_site.pool.process.log_size()
    for email in ("one@example.org", "two@example.org"):
        assert_wrong(login(site.pool.address, email))
        assert_wrong(login(fresh_site.pool.address, email))
    lines = said(site, "login failed", since) + said(fresh_site, "login failed", fresh_since)
    assert len({line["account"] for line in lines}) == 4


def test_an_address_that_is_blocked_is_a_line_as_well(make_site):
    site = make_site({"USER_API_LOGIN_ATTEMPTS_ADDRESS": 3})
    for number in range(6):
        login(site.pool.address, f"nobody{number}@example.org", client=f"2001:db8:1:2::{number}")
    assert [line["address"] for line in said(site, "login failed")] == ["2001:db8:1:2::/64"] * 3
    (blocked,) = said(site, "logins blocked")
    assert blocked["address"] == "2001:db8:1:2::/64"


def test_a_browser_is_named_as_one(site):
    user = site.seed.user()
    device = login(site.pool.address, user.email, user.password).device
    since = site.pool.process.log_size()
    block(site.pool.address, user.email)
    for _ in range(12):
        login(site.pool.address, user.email, client=HERE, device=device)
    lines = [line for line in said(site, "login failed", since) if "device" in line]
    assert len(lines) == 10 and all(names_of(line) == {"device", "address"} for line in lines)
    assert [names_of(line) for line in said(site, "logins blocked", since)] == [
        {"account", "address", "seconds"},
        {"device", "address", "seconds"},
    ]


def test_who_succeeds_is_no_failure(site):
    user = site.seed.user()
    since, before = site.pool.process.log_size(), counted(site)
    for _ in range(3):
        assert login(site.pool.address, user.email, user.password, address_of(300)).status == 200
    assert said(site, "login failed", since) == [] and counted(site) == before
