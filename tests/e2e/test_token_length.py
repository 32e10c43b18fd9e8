"""The service refuses changes that make a token too long for cookies and headers, because the user could not log in any
more."""

import pytest
from support.client import assert_error, token_of
from support.grants import document, ids, minted, roles

MOST = 6000  # base64 makes the cookie a third longer: the longest line that Apache sends
LONG = 250


@pytest.fixture(scope="module")
def alice(site):
    return minted(site, site.seed.alice)


@pytest.fixture(scope="module")
def heavy(site):
    """Codes of roles with long names. One user can hold just fourteen of them."""
    codes = [f"heavy-{number:02}" for number in range(30)]
    for code in codes:
        site.seed.role(code, code + "x" * (LONG - len(code)))
    return codes


def assert_too_long(answer):
    assert_error(answer, 409, "CONFLICT", "This would make the user's token too long.")


def rename(client, user, length):
    return client.put(f"/api/users/{user.id}", document(user, name="n" * length))


def log_in(site, user):
    """Logs in with the highest epoch. Returns the length of the token, which is the longest that the user can have."""
    site.sql("UPDATE _user SET epoch = 2147483646 WHERE id = %s", (user.id,))
    answer = site.client.login(user.email, user.password)
    assert answer.status_code == 200, answer.text
    token = token_of(answer)
    # Goes directly to the pool, because the web server has a lower limit for a line.
    assert site.pool.request("GET", "/api/users/token", HTTP_AUTHORIZATION=f"Bearer {token}")[0] == 200
    return len(token)


@pytest.fixture
def at_the_limit(site, alice, heavy):
    """(user, the length of the longest name that fits with their roles)."""
    for count in range(10, len(heavy)):
        user = site.seed.user(roles=heavy[:count])
        if rename(alice, user, 1).status_code == 200 and rename(alice, user, 255).status_code == 409:
            break
    fits, too_long = 1, 255
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if rename(alice, user, middle).status_code == 200 else (fits, middle)
    assert_too_long(rename(alice, user, too_long))
    assert rename(alice, user, fits).status_code == 200
    return user, fits


def test_at_the_limit_the_user_logs_in_and_not_a_character_more_is_allowed(site, alice, at_the_limit):
    user, length = at_the_limit
    assert MOST - 4 < log_in(site, user) <= MOST
    before = site.seed.row(user)
    assert_too_long(rename(alice, user, length + 1))
    longer_email = document(user, name="n" * length, email="longer" + user.email)
    assert_too_long(alice.put(f"/api/users/{user.id}", longer_email))
    assert site.seed.row(user) == before


def test_a_role_that_makes_the_token_too_long_changes_nothing(site, alice, heavy, at_the_limit):
    user, length = at_the_limit
    before = site.seed.row(user)
    more = roles(site, *user.roles, "reader")
    change = document(user, name="n" * length, password="brand new one", roles=ids(*more))
    assert_too_long(alice.put(f"/api/users/{user.id}", change))
    assert site.seed.row(user) == before
    swapped = roles(site, *user.roles[1:], "reader")
    assert alice.put(f"/api/users/{user.id}", document(user, name="n" * length, roles=ids(*swapped))).status_code == 200


def test_nobody_is_registered_whose_token_would_be_too_long(site, alice, heavy):
    document_of = {"active": True, "email": "heavy@example.org", "name": "n", "password": "12345678"}
    refused = {**document_of, "roles": ids(*roles(site, *heavy))}
    assert_too_long(alice.post("/api/users/", refused))
    assert site.sql("SELECT 1 FROM _user WHERE email = 'heavy@example.org'") == []
    accepted = {**document_of, "roles": ids(*roles(site, *heavy[:10]))}
    assert alice.post("/api/users/", accepted).status_code == 201
    assert site.client.login("heavy@example.org", "12345678").status_code == 200


def test_a_taken_email_is_told_as_such_also_after_a_token_that_was_too_long(site, alice, heavy):
    taken = {"active": True, "email": site.seed.albert.email, "name": "n", "password": "12345678", "roles": []}
    for _ in range(2 * site.pool.workers):
        assert_error(alice.post("/api/users/", taken), 409, "CONFLICT", "User already exists.")
        too_long = {**taken, "email": "heavier@example.org", "roles": ids(*roles(site, *heavy))}
        assert_too_long(alice.post("/api/users/", too_long))


def test_at_the_limit_a_user_can_be_deactivated_and_activated(alice, at_the_limit):
    user, length = at_the_limit
    for active in (False, True):
        change = document(user, name="n" * length, active=active)
        assert alice.put(f"/api/users/{user.id}", change).json()["active"] is active


def test_what_shortens_a_token_that_is_too_long_already_is_allowed_and_what_keeps_it_too(site, alice, heavy):
    user = site.seed.user(name="n" * 100, email="too-long@example.org", roles=heavy)
    path = f"/api/users/{user.id}"
    assert site.client.login(user.email, user.password).status_code == 500
    assert alice.put(path, document(user)).status_code == 200
    assert alice.put(path, document(user, active=False)).status_code == 200
    assert alice.put(path, document(user, name="n" * 99)).status_code == 200
    assert_too_long(alice.put(path, document(user, name="n" * 105)))
    assert_too_long(alice.put(path, document(user, roles=ids(*roles(site, *heavy, "reader")))))
    assert alice.put(path, document(user, roles=ids(*roles(site, *heavy[:28])))).status_code == 200
    assert alice.put(path, document(user, roles=ids(*roles(site, *heavy[:15])))).status_code == 200
    assert site.client.login(user.email, user.password).status_code == 200


def test_characters_count_as_they_are_written_into_the_token(site, alice, at_the_limit):
    user, length = at_the_limit
    assert_too_long(alice.put(f"/api/users/{user.id}", document(user, name="ü" * length)))
    halved = document(user, name="ü" * (length // 2))
    assert alice.put(f"/api/users/{user.id}", halved).status_code == 200
    assert log_in(site, user) <= MOST
