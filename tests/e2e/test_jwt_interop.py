"""Tokens of the Python original work here, and ours work there."""

import base64
import calendar
import email.utils
import hashlib
import hmac
import json
import secrets
import time

import jwt
import pytest
from support import seed
from support.client import assert_invalid_token, assert_json, payload_of, set_cookie, token_of


def segment(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header, payload, secret):
    """A token with this header and payload, and a correct signature."""
    signed = f"{segment(header)}.{segment(payload)}"
    return f"{signed}.{segment(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def check(site, token):
    return site.client.bearer(token).get("/api/users/token")


def test_a_token_minted_by_pyjwt_works_here(site):
    claims = site.claims(site.seed.alice)
    token = jwt.encode(claims, site.secret, algorithm="HS256")
    assert_json(check(site, token), 200, claims)
    assert site.client.bearer(token).get("/api/users/").status_code == 200


def test_a_token_minted_here_is_verified_by_pyjwt_and_has_the_claims_of_the_original(site):
    answer = site.client.login(site.seed.alice.email, site.seed.alice.password)
    token = token_of(answer)
    claims = jwt.decode(token, site.secret, algorithms=["HS256"])
    assert {name: claims[name] for name in site.claims(site.seed.alice)} == answer.json()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_nothing_secret_is_in_a_token(site):
    claims = payload_of(site.token(site.seed.alice))
    text = json.dumps(claims)
    assert "$2b$" not in text and site.seed.alice.password not in text and site.secret not in text


def test_claims_that_nobody_knows_do_no_harm_and_are_not_shown(site):
    claims = site.claims(site.seed.alice)
    token = jwt.encode({**claims, "iat": int(time.time()), "x": {"y": [1]}}, site.secret, algorithm="HS256")
    assert_json(check(site, token), 200, claims)


def test_a_token_in_texts_of_any_script_works(site):
    user = site.seed.user(name='Žofie 山田 😀 "/\\', email="jwt-ünïcode@example.org")
    assert_json(check(site, site.mint(user, exp=4000000000)), 200, site.claims(user, exp=4000000000))
    assert check(site, site.token(user)).json()["name"] == user.name


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_any_other_algorithm_is_refused_even_with_the_right_secret(site, algorithm):
    assert_invalid_token(check(site, site.mint(site.seed.alice, algorithm=algorithm)))


def test_an_unsigned_token_is_refused(site):
    claims = site.claims(site.seed.alice)
    unsigned = jwt.encode(claims, None, algorithm="none")
    for token in (unsigned, unsigned + "x", f"{segment({'alg': 'NONE'})}.{segment(claims)}."):
        assert_invalid_token(check(site, token))


@pytest.mark.parametrize(
    "alg", ["none", "None", "HS512", "RS256", "", None, 256, ["HS256"], "HS256 ", "hs 256"]
)
def test_a_header_that_says_another_algorithm_over_a_good_signature_is_refused(site, alg):
    assert_invalid_token(
        check(site, forge({"alg": alg, "typ": "JWT"}, site.claims(site.seed.alice), site.secret))
    )


@pytest.mark.parametrize("header", [{}, [], "HS256", b"not json", b"", {"typ": "JWT"}])
def test_a_header_that_is_none_is_refused(site, header):
    assert_invalid_token(check(site, forge(header, site.claims(site.seed.alice), site.secret)))


@pytest.mark.parametrize("secret", ["", "wrong", None])
def test_another_secret_is_refused(site, secret):
    secret = site.secret + "x" if secret is None else secret
    assert_invalid_token(
        check(site, forge({"alg": "HS256", "typ": "JWT"}, site.claims(site.seed.alice), secret))
    )


def test_a_changed_claim_is_refused(site):
    header, _, signature = site.mint(site.seed.albert).split(".")
    claims = site.claims(site.seed.albert, roles=seed.roles("admin"))
    assert_invalid_token(check(site, f"{header}.{segment(claims)}.{signature}"))


@pytest.mark.parametrize("age", [1, 60, 10**9])
def test_an_expired_token_is_refused(site, age):
    assert_invalid_token(check(site, site.mint(site.seed.alice, exp=int(time.time()) - age)))


def test_a_token_works_until_it_expires(site):
    assert check(site, site.mint(site.seed.alice, exp=int(time.time()) + 30)).status_code == 200


@pytest.mark.parametrize(
    "exp",
    ["9999999999", "", None, True, [], {}, 0, -1, "2099-01-01T00:00:00Z"],
    ids=repr,
)
def test_an_expiry_that_is_no_time_to_come_is_refused(site, exp):
    claims = site.claims(site.seed.alice)
    claims["exp"] = exp
    assert_invalid_token(check(site, forge({"alg": "HS256", "typ": "JWT"}, claims, site.secret)))


def test_an_expiry_beyond_all_integers_is_no_internal_error(site):
    for exp in (2**63 - 1, 2**63, 10**30):
        assert check(site, site.mint(site.seed.alice, exp=exp)).status_code in (200, 401)


def test_a_token_without_expiry_is_refused(site):
    assert_invalid_token(check(site, site.mint(site.seed.alice, exp=None)))


@pytest.mark.parametrize("claim", ["active", "customer", "email", "id", "name", "roles"])
@pytest.mark.parametrize("value", ["...", [], {}, None, -1, 2**40], ids=repr)
def test_a_token_whose_claims_make_no_sense_is_no_internal_error(site, claim, value):
    claims = site.claims(site.seed.albert)
    claims[claim] = value
    answer = check(site, forge({"alg": "HS256", "typ": "JWT"}, claims, site.secret))
    assert answer.status_code in (200, 401), answer.text
    if claim in ("id", "customer"):
        assert_invalid_token(answer)


@pytest.mark.parametrize("claim", ["customer", "id"])
def test_a_token_that_names_nobody_is_refused(site, claim):
    assert_invalid_token(check(site, site.mint(site.seed.alice, **{claim: None})))


@pytest.mark.parametrize("payload", [b"", b"not json", [], "x", 1, {}, b'{"exp":4000000000', b"\xff"])
def test_a_payload_that_is_none_is_refused(site, payload):
    assert_invalid_token(check(site, forge({"alg": "HS256", "typ": "JWT"}, payload, site.secret)))


def test_a_token_of_a_user_who_does_not_exist_is_refused(site):
    ghost = seed.User(2147483647, "ghost@example.org", "g", "", site.seed.a)
    assert_invalid_token(check(site, site.mint(ghost)))


def test_secrets_rotate_without_logging_anyone_out(make_site):
    site = make_site(workers=2)
    old_secret, older_secret, new_secret = site.secret, secrets.token_urlsafe(48), secrets.token_urlsafe(48)
    old = site.token(site.seed.alice)
    site.pool.settings.update(
        USER_API_JWT_SECRET=new_secret, USER_API_JWT_PREVIOUS_SECRETS=f"{older_secret} {old_secret}"
    )
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert check(site, old).status_code == 200
    assert check(site, site.mint(site.seed.alice, secret=older_secret)).status_code == 200
    new = site.token(site.seed.alice)
    jwt.decode(new, new_secret, algorithms=["HS256"])
    assert check(site, new).status_code == 200
    del site.pool.settings["USER_API_JWT_PREVIOUS_SECRETS"]
    site.pool.write_config()
    site.pool.reload_and_wait()
    assert_invalid_token(check(site, old))
    assert check(site, new).status_code == 200


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_expiry_is_utc_whatever_the_time_zone_of_the_host(make_site, zone):
    site = make_site(workers=1)
    site.pool.terminate()
    site.pool.process.env["TZ"] = zone
    site.pool.start()
    answer = site.client.login(site.seed.alice.email, site.seed.alice.password)
    expiry = answer.json()["exp"]
    assert abs(expiry - time.time() - 1296000) < 60
    assert calendar.timegm(email.utils.parsedate(set_cookie(answer)["expires"])) == expiry
    assert check(site, site.mint(site.seed.alice, exp=int(time.time()) + 30)).status_code == 200
    assert_invalid_token(check(site, site.mint(site.seed.alice, exp=int(time.time()) - 30)))
