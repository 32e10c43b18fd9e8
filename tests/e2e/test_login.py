"""POST /api/users/login."""

import calendar
import email.utils
import time

import jwt
import pytest
from support import seed
from support.client import (
    COOKIE,
    assert_error,
    assert_json,
    assert_wrong_document,
    assert_wrong_login,
    cookie_of,
    payload_of,
    set_cookie,
    token_of,
    what_was_said,
)
from support.site import LIFETIME


def test_the_body_is_the_user_with_roles_and_expiry(site):
    user = site.seed.user(roles=("admin", "writer"))
    before = int(time.time())
    answer = site.client.login(user.email, user.password)
    expiry = answer.json()["exp"]
    assert before + LIFETIME <= expiry <= time.time() + LIFETIME
    assert_json(answer, 200, {**user.full(), "exp": expiry})


def test_a_user_without_roles_gets_an_empty_list(site):
    user = site.seed.user()
    assert site.client.login(user.email, user.password).json()["roles"] == []


def test_the_raw_form_is_compact_and_sorted_with_a_newline_at_the_end(site):
    user = site.seed.user("raw", roles=("admin",))
    answer = site.client.login(user.email, user.password)
    assert (
        answer.content
        == (
            f'{{"active":true,"customer":{{"id":{user.customer_id}}},"email":"raw@example.org",'
            f'"exp":{answer.json()["exp"]},"id":{user.id},"name":"raw",'
            '"roles":[{"code":"admin","id":1,"name":"Admin"}]}\n'
        ).encode()
    )


def test_the_cookie_is_for_http_alone_for_the_whole_site_and_lax_and_expires_with_the_token(site):
    user = site.seed.user()
    answer = site.client.login(user.email, user.password)
    cookie = set_cookie(answer)
    assert cookie.key == COOKIE
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    expires = calendar.timegm(email.utils.parsedate(cookie["expires"]))
    assert cookie["expires"].endswith(" GMT")
    assert expires == answer.json()["exp"]
    assert not cookie["secure"]
    assert not cookie["domain"]


def test_the_cookie_holds_the_token_of_the_body(site):
    user = site.seed.user(roles=("reader",))
    answer = site.client.login(user.email, user.password)
    claims = jwt.decode(token_of(answer), site.secret, algorithms=["HS256"])
    assert {name: claims[name] for name in answer.json()} == answer.json()


def secure(site, **params):
    user = site.seed.alice
    body = b'{"email":"%s","password":"%s"}' % (user.email.encode(), user.password.encode())
    status, headers, _ = site.pool.request(
        "POST", "/api/users/login", body, CONTENT_TYPE="application/json", **params
    )
    assert status == 200
    (said,) = {"secure" in [part.strip().lower() for part in line.split(";")] for line in headers["*set-cookie"]}
    return said


def test_the_cookie_is_secure_when_the_request_came_over_https(site):
    assert not secure(site)
    assert not secure(site, HTTPS="off")
    assert not secure(site, HTTPS="")
    assert secure(site, HTTPS="on")
    assert secure(site, REQUEST_SCHEME="https")


@pytest.mark.parametrize("setting,expected", [("on", True), ("off", False)])
def test_the_setting_forces_the_cookie_secure_or_not(make_site, setting, expected):
    site = make_site({"USER_API_COOKIE_SECURE": setting}, workers=1)
    assert secure(site, HTTPS="on" if not expected else "off") is expected


def test_an_email_is_looked_up_without_regard_to_case_and_answered_as_written(site):
    user = site.seed.user(email="Émile.Zola@Example.ORG")
    for spelling in ("Émile.Zola@Example.ORG", "émile.zola@example.org", "ÉMILE.ZOLA@EXAMPLE.ORG"):
        assert site.client.login(spelling, user.password).json()["email"] == "Émile.Zola@Example.ORG"


def test_a_number_is_an_email_and_never_a_user_id(site):
    for user in (site.seed.alice, site.seed.bob):
        assert_wrong_login(site.client.login(str(user.id), user.password))
    named = site.seed.user(email=str(site.seed.alice.id))
    assert site.client.login(named.email, named.password).json()["id"] == named.id
    assert_wrong_login(site.client.login(str(site.seed.alice.id), site.seed.alice.password + "x"))


@pytest.mark.parametrize(
    "pattern", ["%", "alic_@example.org", "alice%", "' OR '1'='1", " alice@example.org", " "]
)
def test_an_email_is_no_pattern_and_no_sql(site, pattern):
    assert_wrong_login(site.client.login(pattern, site.seed.alice.password))


def test_unknown_email_wrong_password_and_inactive_with_wrong_password_are_one_and_the_same_answer(site):
    inactive = site.seed.user(active=False)
    legacy = site.seed.user(password="old", stored=seed.pbkdf2("old"))
    said = [
        what_was_said(site.client.login(address, "wrong password"))
        for address in ("nobody@example.org", site.seed.alice.email, inactive.email, legacy.email)
    ]
    assert said[0] == said[1] == said[2] == said[3]
    assert said[0][0] == 401
    assert_wrong_login(site.client.login("nobody@example.org", "wrong password"))


def test_a_refused_login_sets_no_cookie(site):
    inactive = site.seed.user(active=False)
    assert set_cookie(site.client.login(inactive.email, inactive.password)) is None
    assert set_cookie(site.client.login(inactive.email, "wrong password")) is None


def test_an_inactive_user_is_told_so_only_after_the_right_password(site):
    user = site.seed.user(active=False)
    answer = site.client.login(user.email, user.password)
    assert_error(answer, 401, "UNAUTHORIZED", "User is not active.")


def test_passwords_are_compared_to_the_byte(site):
    user = site.seed.user(password="Pass wörd ✓ ")
    assert site.client.login(user.email, "Pass wörd ✓ ").status_code == 200
    for other in ("pass wörd ✓ ", "Pass wörd ✓", "Pass word ✓ ", "", "*0"):
        assert_wrong_login(site.client.login(user.email, other))


def test_a_password_of_any_length_is_accepted_and_compared(site):
    user = site.seed.user(password="x" * 72)
    assert site.client.login(user.email, "x" * 72).status_code == 200
    for length in (1, 71, 73, 513, 60000):
        assert_wrong_login(site.client.login(user.email, "x" * length))


def test_what_is_missing_or_of_another_type_is_said_all_at_once(site):
    login = lambda document: site.client.post("/api/users/login", document)  # noqa: E731
    assert_wrong_document(login({}), {"email": ["required field"], "password": ["required field"]})
    assert_wrong_document(
        login({"email": 1, "password": None, "extra": 1}),
        {
            "email": ["must be of string type"],
            "password": ["null value not allowed"],
            "extra": ["unknown field"],
        },
    )


def test_null_characters_are_refused(site):
    answer = site.client.login(site.seed.alice.email + "\0", site.seed.alice.password + "\0x")
    payload = {name: ["null character not allowed"] for name in ("email", "password")}
    assert_wrong_document(answer, payload)


def test_two_logins_in_the_same_second_are_two_tokens(site):
    user = site.seed.user()
    tokens = [site.token(user) for _ in range(5)]
    assert len(set(tokens)) == 5


def test_credentials_of_somebody_else_do_not_disturb_a_login(site):
    user, alices = site.seed.user(), site.token(site.seed.alice)
    for headers in (
        {"Authorization": f"Bearer {alices}"},
        {"Authentication": f"Bearer {alices}"},
        cookie_of(alices),
        {"Authorization": "Bearer rubbish"},
        cookie_of("rubbish"),
    ):
        answer = site.client.login(user.email, user.password, headers=headers)
        assert_json(answer, 200, user.full(exp=answer.json()["exp"]))
        assert payload_of(token_of(answer))["id"] == user.id
        assert_wrong_login(site.client.login(user.email, "wrong password", headers=headers))
    assert site.client.bearer(alices).get("/api/users/token").json()["id"] == site.seed.alice.id


def test_the_lifetime_is_configurable(make_site):
    site = make_site({"USER_API_JWT_LIFETIME_SECONDS": 60}, workers=1)
    answer = site.client.login(site.seed.alice.email, site.seed.alice.password)
    assert time.time() + 50 < answer.json()["exp"] <= time.time() + 60
