"""Users who come from the Python original keep their passwords."""

import hashlib
import json
import time

import pytest
from support import hashes, seed
from support.client import assert_error, assert_invalid_token, assert_wrong_login, token_of
from support.crypt import crypt
from support.transactions import beside, transaction


def legacy(site, password, **more):
    return site.seed.user(password=password, stored=seed.pbkdf2(password), **more)


def stored(site, user):
    return site.seed.row(user)[3:5]


def test_they_log_in_with_their_old_password(site):
    user = legacy(site, "old password", roles=("admin",))
    answer = site.client.login(user.email, "old password")
    assert (answer.status_code, answer.json()["roles"]) == (200, seed.roles("admin"))


def test_a_hash_that_the_original_made_is_verified(site):
    """PBKDF2-HMAC-SHA1, 1000 iterations, 16 bytes, the 64 hexadecimal digits of the salt used as text."""
    salt = "00112233445566778899aabbccddeeff" * 2
    digest = hashlib.pbkdf2_hmac("sha1", b"admin", salt.encode("ascii"), 1000, dklen=16).hex()
    assert len(digest) == 32
    user = site.seed.user(password="admin", stored=(digest, salt))
    assert site.client.login(user.email, "admin").status_code == 200


def test_the_first_successful_login_replaces_both_columns_by_bcrypt(site):
    user = legacy(site, "old password")
    site.token(user)
    hashed, salt = stored(site, user)
    assert salt.startswith("$2b$04$") and len(salt) == 29
    assert hashed == crypt("old password", salt)
    assert site.client.login(user.email, "old password").status_code == 200
    assert stored(site, user) == (hashed, salt)


def test_a_wrong_password_replaces_nothing(site):
    user = legacy(site, "old password")
    before = stored(site, user)
    for wrong in ("Old password", "old password ", "", before[0], before[1]):
        assert_wrong_login(site.client.login(user.email, wrong))
    assert stored(site, user) == before


def test_an_inactive_user_is_refused_all_the_same(site):
    user = legacy(site, "old password", active=False)
    answer = site.client.login(user.email, "old password")
    assert_error(answer, 401, "UNAUTHORIZED", "User is not active.")
    assert_wrong_login(site.client.login(user.email, "wrong"))


@pytest.mark.parametrize("password", ["pässwörd", "ÿ", "¡olé! \u00a0", "\u0080"])
def test_the_password_was_encoded_as_latin_1(site, password):
    user = legacy(site, password)
    for _ in range(2):
        assert site.client.login(user.email, password).status_code == 200
    assert stored(site, user)[1].startswith("$2b$")


@pytest.mark.parametrize("password", ["€uro", "p\u0101ssword", "😀", "\u0141"])
def test_characters_above_u_00ff_never_matched(site, password):
    salt = "ab" * 32
    encodings = [
        password.encode(),
        password.encode("latin-1", "replace"),
        password.encode("latin-1", "ignore"),
        bytes(ord(character) & 0xFF for character in password),
    ]
    for encoded in encodings:
        digest = hashlib.pbkdf2_hmac("sha1", encoded, salt.encode(), 1000, 16).hex()
        user = site.seed.user(stored=(digest, salt))
        assert_wrong_login(site.client.login(user.email, password))


@pytest.mark.parametrize("password", ["", "short", "x" * 73, "x" * 72, "long and längst " * 30])
def test_a_password_that_nobody_could_choose_today_still_logs_in(site, password):
    user = legacy(site, password)
    for _ in range(3):
        assert site.client.login(user.email, password).status_code == 200


def test_a_password_that_bcrypt_would_cut_is_not_cut_by_the_upgrade(site):
    user = legacy(site, "x" * 80)
    site.token(user)
    for other in ("x" * 72, "x" * 79, "x" * 81):
        assert_wrong_login(site.client.login(user.email, other))


def test_the_upgrade_ends_no_session(site):
    user = legacy(site, "old password")
    minted, first = site.client.bearer(site.mint(user)), site.login(user)
    assert stored(site, user)[0].startswith("$2b$")
    assert site.sql("SELECT epoch FROM _user WHERE id = %s", (user.id,)) == [(0,)]
    site.login(user)
    assert minted.get("/api/users/token").status_code == 200
    assert first.get("/api/users/token").status_code == 200


def test_the_upgrade_can_be_switched_off(make_site):
    site = make_site({"USER_API_UPGRADE_HASHES": "off"}, workers=1)
    user = legacy(site, "old password")
    before = stored(site, user)
    for _ in range(2):
        assert site.client.login(user.email, "old password").status_code == 200
    assert stored(site, user) == before


def test_a_weaker_bcrypt_hash_is_strengthened_at_login(make_site):
    site = make_site({"USER_API_BCRYPT_COST": 5}, workers=1)
    user = site.seed.user()
    assert stored(site, user)[1].startswith("$2b$04$")
    client = site.login(user)
    hashed, salt = stored(site, user)
    assert salt.startswith("$2b$05$") and hashed == crypt(user.password, salt)
    assert client.get("/api/users/token").status_code == 200
    assert site.client.login(user.email, user.password).status_code == 200


def test_a_new_password_ends_what_the_old_hash_allowed(site):
    user = legacy(site, "old password")
    client = site.client.bearer(site.mint(user))
    document = {"email": user.email, "name": "n", "active": True, "password": "brand new one"}
    assert site.login(site.seed.alice).put(f"/api/users/{user.id}", document).status_code == 200
    assert_invalid_token(client.get("/api/users/token"))
    assert_wrong_login(site.client.login(user.email, "old password"))


def test_a_password_that_is_changed_during_a_login_stays_and_ends_the_session_of_that_login(site):
    user = legacy(site, "old password")
    new = crypt("brand new one", "$2b$04$" + "x" * 21 + "u")
    with transaction(site) as other:
        other.sql("UPDATE _user SET hash = %s, salt = %s WHERE id = %s", (new, new[:29], user.id))
        with beside(site, lambda: site.client.login(user.email, "old password")) as (pending,):
            other.commit()
    token = token_of(pending.result())
    assert_invalid_token(site.client.bearer(token).get("/api/users/token"))
    assert stored(site, user) == (new, new[:29])
    assert_wrong_login(site.client.login(user.email, "old password"))


@pytest.mark.parametrize(
    "hashed,salt",
    [
        ("", ""),
        ("*0", "*0"),
        ("*0", "$2b$04$" + "x" * 22),
        ("*1", "*0"),
        (crypt("weak", "$1$abcdefgh"), "$1$abcdefgh"),
        (crypt("weak", "$6$abcdefgh"), "$6$abcdefgh"),
        (crypt("weak", "ab"), "ab"),
        ("weak", "weak"),
        ("0" * 32, "0" * 63),
        ("0" * 31, "0" * 64),
        ("\u0080" * 100, "\u0080" * 100),
        ("x" * 255, "y" * 255),
    ],
)
def test_a_stored_hash_that_is_neither_never_matches(site, hashed, salt):
    user = site.seed.user(password="weak", stored=(hashed, salt))
    for password in ("weak", "", hashed, salt, "*0"):
        assert_wrong_login(site.client.login(user.email, password))


def unverifiable(site, user):
    """The log lines that report this user's hash as one that cannot be verified."""
    lines = site.pool.log_lines()
    message = "stored password hash cannot be verified: see user-api-admin doctor"
    return [line for line in lines if line["event"] == message and line["user"] == user.id]


@pytest.mark.parametrize(
    "hashed,salt",
    [
        (hashes.PADDED_SALT, hashes.PADDED_SALT[:29]),
        (hashes.PADDED_SALT, hashes.CANONICAL[:29]),
        (hashes.CANONICAL, hashes.PADDED_SALT[:29]),
        (hashes.PADDED_DIGEST, hashes.CANONICAL[:29]),
        (hashes.PADDED_BOTH, hashes.PADDED_BOTH[:29]),
    ],
)
def test_bits_without_a_meaning_in_stored_bcrypt_do_not_count(site, hashed, salt):
    user = site.seed.user(password=hashes.PASSWORD, stored=(hashed, salt))
    assert_wrong_login(site.client.login(user.email, "secret-pass-2"))
    assert site.client.login(user.email, hashes.PASSWORD).status_code == 200


@pytest.mark.parametrize("cost", [17, 20, 31])
@pytest.mark.parametrize("columns", ["both", "salt", "hash"])
def test_a_hash_that_would_outlast_the_watchdog_is_a_wrong_password_at_once(site, cost, columns):
    """A hash of cost 17 takes 10 seconds, one of cost 31 two days. The refusal takes only as long as one of cost 4."""
    stored = [each.replace("$2b$04$", f"$2b${cost}$" if columns in ("both", name) else "$2b$04$")
              for name, each in (("hash", hashes.HASH), ("salt", hashes.SALT))]
    user = site.seed.user(password=hashes.PASSWORD, stored=stored)
    before = time.monotonic()
    for password in (hashes.PASSWORD, "wrong", ""):
        assert_wrong_login(site.client.login(user.email, password))
    assert time.monotonic() - before < 5
    assert [line["level"] for line in unverifiable(site, user)] == ["warn"] * 3


def test_a_hash_that_can_never_match_is_logged_by_the_users_id(site):
    nonsense, none = site.seed.user(stored=("weak", "weak")), site.seed.user(stored=("*", "*"))
    for user, count in ((nonsense, 1), (none, 0), (site.seed.alice, 0)):
        assert_wrong_login(site.client.login(user.email, "wrong"))
        assert len(unverifiable(site, user)) == count
    assert "weak" not in json.dumps(unverifiable(site, nonsense))


def test_the_watchdog_bounds_what_is_verified(make_site):
    """In one second, a slow machine computes a hash of at most cost 13."""
    site = make_site({"USER_API_WATCHDOG_SECONDS": 1}, workers=1)
    user = site.seed.user(stored=(hashes.of_cost(14), hashes.of_cost(14)[:29]))
    assert_wrong_login(site.client.login(user.email, "wrong"))
    assert len(unverifiable(site, user)) == 1
