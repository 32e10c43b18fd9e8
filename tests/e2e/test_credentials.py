"""How a request carries its credentials."""

import base64
import json

import pytest
from support import behind
from support.client import COOKIE, assert_error, assert_invalid_token, cookie_of


@pytest.fixture(scope="module")
def alice(site):
    return site.token(site.seed.alice)


@pytest.fixture(scope="module")
def bob(site):
    return site.token(site.seed.bob)


def ask(site, **headers):
    return site.client.get("/api/users/token", headers=headers)


def asked_as(site, **headers):
    answer = ask(site, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["name"]


def cookie(value):
    return f"{COOKIE}={value}"


def encoded(token):
    return base64.b64encode(token.encode()).decode()


def test_each_of_the_three_ways_works(site, alice):
    assert asked_as(site, Authorization=f"Bearer {alice}") == "alice"
    assert asked_as(site, Authentication=f"Bearer {alice}") == "alice"
    assert asked_as(site, Cookie=cookie(encoded(alice))) == "alice"


def test_authorization_goes_before_authentication_and_both_before_the_cookie(site, alice, bob):
    assert asked_as(site, Authorization=f"Bearer {alice}", Authentication=f"Bearer {bob}") == "alice"
    assert asked_as(site, Authorization=f"Bearer {alice}", Cookie=cookie(encoded(bob))) == "alice"
    assert asked_as(site, Authentication=f"Bearer {bob}", Cookie=cookie(encoded(alice))) == "bob"


def test_a_header_decides_alone(site, alice):
    good = cookie(encoded(alice))
    for wrong in ("Bearer x", "Basic eDp5", "Bearer", "x"):
        assert_invalid_token(ask(site, Authorization=wrong, Cookie=good))
        assert_invalid_token(ask(site, Authentication=wrong, Cookie=good))
        assert_invalid_token(ask(site, Authorization=wrong, Authentication=f"Bearer {alice}"))


def test_none_at_all_is_said_to_be_none(site):
    answer = ask(site)
    assert_error(answer, 401, "UNAUTHORIZED", "No credentials supplied.")
    answer = ask(site, Cookie="session=x; user-api-credentials2=y; xuser-api-credentials=z")
    assert_error(answer, 401, "UNAUTHORIZED", "No credentials supplied.")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("header", ["Authorization", "Authentication"])
def test_the_case_of_the_scheme_does_not_matter(site, alice, header, scheme):
    assert asked_as(site, **{header: f"{scheme} {alice}"}) == "alice"


@pytest.mark.parametrize(
    "form",
    [
        "Bearer  {}",
        "Bearer\t{}",
        "Bearer{}",
        "Bearer: {}",
        "Bearer {} x",
        "Bearer {},",
        "Bearer {}, Bearer {}",
    ]
    + ["Token {}", "Basic {}", "JWT {}", "{}", "Bearer Bearer {}", 'Bearer "{}"', "XBearer {}", "Beare {}"],
)
def test_the_header_is_exactly_bearer_one_space_and_the_token(site, alice, form):
    assert_invalid_token(ask(site, Authorization=form.replace("{}", alice)))
    assert_invalid_token(ask(site, Authentication=form.replace("{}", alice)))


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c", "..", ".", "a.b.c.d", "%00", "x" * 7000, "é".encode().decode("latin-1")]
)
def test_a_malformed_token_is_invalid(site, token):
    assert_invalid_token(ask(site, Authorization=f"Bearer {token}".encode("latin-1")))


def test_a_token_must_be_whole(site, alice):
    header, payload, signature = alice.split(".")
    for other in (
        f"{header}.{payload}",
        f"{header}.{payload}.",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{payload}.{header}.{signature}",
        f"{header}.{payload}.{signature}.",
        f"{header}.{payload}.{signature}.x",
        f"{header}.{payload}.{signature[:-2]}",
        f"{header}.{payload}.{'A' * len(signature)}",
        f"{header}.{payload[:-4]}.{signature}",
        alice + alice,
    ):
        assert_invalid_token(ask(site, Authorization=f"Bearer {other}"))


def test_the_cookies_value_may_be_quoted(site, alice):
    assert asked_as(site, Cookie=f'{COOKIE}="{encoded(alice)}"') == "alice"


def test_cookies_may_come_in_several_lines(site, alice, bob):
    own, other = f"{COOKIE}={encoded(alice)}", f"{COOKIE}={encoded(bob)}"
    ask_with = lambda *cookies: site.client.raw("GET", "/api/users/token", [("Cookie", line) for line in cookies])  # noqa: E731
    for lines in (("theme=dark", own), (own, "theme=dark", "a=b"), (own, own), ("a=b; c=d", f"e=f; {own}")):
        status, _, body = ask_with(*lines)
        # Apache joins the lines by a comma, which belongs to a cookie's value: the cookie may be lost, with answer 401.
        lost = behind.chosen().startswith("apache") and status == 401
        assert lost or (status, json.loads(body)["name"]) == (200, "alice"), lines
    for lines in ((own, other), (other, "a=b", own), (own, f"{COOKIE}=")):
        status, _, body = ask_with(*lines)
        assert (status, json.loads(body)["message"]) == (401, "Invalid token."), lines


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_the_cookies_value_may_carry_escaped_equals_signs(site, padding):
    user = next(
        user
        for user in (
            site.seed.user("n" * size, email=f"{padding}.{size}@example.org") for size in range(1, 20)
        )
        if encoded(site.mint(user, exp=4000000000)).count("=") == padding
    )
    value = encoded(site.mint(user, exp=4000000000))
    for spelling in (
        value,
        value.replace("=", "%3D"),
        value.replace("=", "%3d"),
        f'"{value.replace("=", "%3D")}"',
    ):
        assert asked_as(site, Cookie=cookie(spelling)) == user.name


def test_the_cookie_is_found_among_others(site, alice):
    value = encoded(alice)
    for header in (
        f"a=b; {COOKIE}={value}; c=d",
        f"{COOKIE}={value};c=d",
        f"a; =; ;;{COOKIE}={value}",
        f"x{COOKIE}=1; {COOKIE}={value}",
    ):
        assert asked_as(site, Cookie=header) == "alice"


def test_two_cookies_that_differ_are_nobodys(site, alice, bob):
    one, other = f"{COOKIE}={encoded(alice)}", f"{COOKIE}={encoded(bob)}"
    for both in (f"{one}; {other}", f"{other}; {one}", f"{one}; {COOKIE}=x", f"{COOKIE}=; {one}", f"{one}; a=b; {one}; {other}"):
        assert_invalid_token(ask(site, Cookie=both))


def test_the_same_cookie_twice_is_one(site, alice):
    assert asked_as(site, Cookie=f'{COOKIE}={encoded(alice)}; a=b; {COOKIE}="{encoded(alice)}"') == "alice"


@pytest.mark.parametrize(
    "value", ["x", "!!!!", "AAAA", "%", "%3", "%00", "=", "====", "eA==", '"', '"eA=="', "%3D"]
)
def test_a_cookie_that_is_no_token_is_invalid(site, value):
    assert_invalid_token(ask(site, Cookie=cookie(value)))


def test_a_bare_token_in_the_cookie_is_invalid(site, alice):
    assert_invalid_token(ask(site, Cookie=cookie(alice)))


def test_a_cookie_with_anything_behind_the_token_is_invalid(site, alice):
    for token in (alice + "\0", alice + " ", " " + alice, alice + "\n", "Bearer " + alice):
        assert_invalid_token(ask(site, **cookie_of(token)))


def test_a_token_in_the_query_or_the_body_is_no_credential(site, alice):
    answer = site.client.get(f"/api/users/token?token={alice}&access_token={alice}")
    assert answer.json()["message"] == "No credentials supplied."


def test_names_that_only_look_like_the_headers_are_not_read(site, alice):
    """REMOTE_USER and similar variables belong to the web server and mean nothing here."""
    for name in ("X-Authorization", "Proxy-Authorization", "X-User-Id"):
        assert ask(site, **{name: f"Bearer {alice}"}).json()["message"] == "No credentials supplied."
    status, _, _ = site.pool.request("GET", "/api/users/token", REMOTE_USER="alice", AUTH_TYPE="Bearer")
    assert status == 401


def test_a_refusal_leaves_the_cookie_alone(site):
    assert "Set-Cookie" not in ask(site, Cookie=cookie("x")).headers
