"""A browser that has logged in to an account has its own counter there, so that nobody else can lock its user out."""

import base64
import calendar
import email.utils
import secrets
import time

import pytest
from support.attempts import (
    DEVICE,
    ELSEWHERE,
    HERE,
    address_of,
    assert_blocked,
    assert_wrong,
    block,
    counted,
    decoded,
    login,
    side_by_side,
)
from support.client import COOKIE

YEAR = 365 * 24 * 60 * 60


def right(site, user, device=None, client=ELSEWHERE, **options):
    return login(site.pool.address, user.email, user.password, client, device, **options)


def wrong(site, user, number, device=None):
    return login(site.pool.address, user.email, client=address_of(number), device=device)


def known(site, user):
    """The device cookie of a browser in which this user has logged in."""
    answer = right(site, user)
    assert answer.status == 200 and answer.device, answer
    return answer.device


def rows_of(site, user):
    return [(kind, failures) for kind, user_id, _, failures in counted(site) if user_id == user.id]


def test_its_person_logs_in_throughout_60_guesses_from_50_addresses(site):
    user = site.seed.user()
    device = known(site, user)
    statuses = []
    for number in range(60):
        statuses.append(wrong(site, user, number % 50).status)
        answer = right(site, user, device)
        assert answer.status == 200
        device = answer.device
    assert statuses == [401] * 10 + [429] * 50
    assert_blocked(right(site, user))


def test_its_person_logs_in_from_an_address_that_is_blocked(fresh_site):
    site = fresh_site
    device = known(site, site.seed.alice)
    for number in range(100):
        assert_wrong(login(site.pool.address, f"nobody{number}@example.org"))
    assert_blocked(right(site, site.seed.alice, client=HERE))
    assert right(site, site.seed.alice, device, HERE).status == 200
    assert_blocked(right(site, site.seed.albert, device, HERE))


def test_ten_wrong_passwords_in_it_block_that_browser_and_nobody_else(site):
    user = site.seed.user()
    device, other = known(site, user), known(site, user)
    before = counted(site, "address")
    for number in range(10):
        assert_wrong(wrong(site, user, 100 + number, device))
    assert_blocked(wrong(site, user, 110, device))
    assert_blocked(right(site, user, device))
    assert counted(site, "address") == before
    assert rows_of(site, user) == [("device", 10)]
    assert right(site, user).status == 200
    assert right(site, user, other).status == 200
    assert_blocked(right(site, user, device))


def test_200_parallel_wrong_passwords_in_it_are_10_that_are_hashed(site):
    user = site.seed.user()
    device = known(site, user)

    def attempt():
        while (answer := wrong(site, user, 0, device)).has_to_come_back:
            pass
        return answer.status

    statuses = side_by_side([attempt] * 200, threads=60)
    assert statuses.count(401) == 10 and statuses.count(429) == 190


def test_a_success_in_it_does_not_set_the_account_back(site):
    user = site.seed.user()
    device = known(site, user)
    for number in range(6):
        assert_wrong(wrong(site, user, 200 + number))
    assert right(site, user, device).status == 200
    assert rows_of(site, user) == [("account", 6)]
    for number in range(4):
        assert_wrong(wrong(site, user, 210 + number))
    assert_blocked(right(site, user))


def test_a_success_in_it_sets_the_browser_back(site):
    user = site.seed.user()
    device = known(site, user)
    for turn in range(2):
        for number in range(9):
            assert_wrong(wrong(site, user, 300 + 10 * turn + number, device))
        assert right(site, user, device).status == 200
        assert rows_of(site, user) == []
    for number in range(10):
        assert_wrong(wrong(site, user, 330 + number, device))
    assert_blocked(wrong(site, user, 340, device))


def test_a_success_without_it_does_not_set_the_browser_back(site):
    user = site.seed.user()
    device = known(site, user)
    for number in range(10):
        assert_wrong(wrong(site, user, 350 + number, device))
    assert right(site, user).status == 200
    assert_blocked(right(site, user, device))


def test_the_cookie_of_one_account_is_nothing_for_another(site):
    user, other = site.seed.user(), site.seed.user()
    foreign = known(site, other)
    for number in range(10):
        assert_wrong(wrong(site, user, 400 + number, foreign))
    assert rows_of(site, user) == [("account", 10)] and rows_of(site, other) == []
    assert_blocked(right(site, user, foreign))
    assert right(site, other, foreign).status == 200


def forgeries(value, foreign):
    """Forged cookies, made from a valid value and from the value of another site."""
    raw = bytearray(decoded(value))
    encode = lambda data: base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")  # noqa: E731
    flipped = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
    # The user's id with the rest of the other site's value; then no MAC; then a MAC of zeros.
    pieces = [raw[:4] + bytearray(decoded(foreign))[4:], raw[:20], raw[:20] + bytes(16), raw[:-1], raw + b"\0"]
    texts = ["", "x", ".", "..." + value[1:], value[:-1], value + "A", "%00", '"', "A" * 48, "A" * 4000, foreign]
    return [encode(each) for each in flipped + pieces] + texts


def test_a_forged_cookie_or_one_of_another_site_changes_nothing(site, fresh_site):
    user = site.seed.user()
    device = known(site, user)
    # The other site's user has the same id.
    twin = fresh_site.seed.user()
    fresh_site.sql("UPDATE _user SET id = %s WHERE id = %s", (user.id, twin.id))
    foreign = known(fresh_site, twin)
    block(site.pool.address, user.email)
    for forged in forgeries(device, foreign):
        assert_blocked(right(site, user, forged))
    assert rows_of(site, user) == [("account", 10)]
    assert right(site, user, device).status == 200


def test_a_forged_cookie_is_answered_by_a_good_one(site):
    answer = right(site, site.seed.alice, "A" * 48)
    assert answer.status == 200
    block(site.pool.address, site.seed.alice.email)
    assert right(site, site.seed.alice, answer.device).status == 200
    site.sql("DELETE FROM failed_login")


@pytest.mark.parametrize("params,secure", [({}, False), ({"HTTPS": "on"}, True), ({"REQUEST_SCHEME": "https"}, True)])
def test_the_cookie_is_for_http_alone_for_a_year_and_the_last_that_a_login_sets(site, params, secure):
    begin = time.time()
    answer = right(site, site.seed.alice, **params)
    assert [name for name, _, _ in answer.cookies] == [COOKIE, DEVICE]
    attributes = dict((each.partition("=")[0], each.partition("=")[2]) for each in answer.cookies[-1][2])
    expires = attributes.pop("Expires")
    assert expires.endswith(" GMT")
    assert begin + YEAR - 2 <= calendar.timegm(email.utils.parsedate(expires)) <= time.time() + YEAR + 2
    assert attributes == {"HttpOnly": "", "Path": "/", "SameSite": "Lax", **({"Secure": ""} if secure else {})}


@pytest.mark.parametrize("setting", ["on", "off"])
def test_the_setting_that_makes_cookies_secure_or_not_is_for_this_one_too(make_site, setting):
    site = make_site({"USER_API_COOKIE_SECURE": setting}, workers=1)
    answer = right(site, site.seed.alice, HTTPS="on" if setting == "off" else "off")
    assert [("Secure" in attributes) for _, _, attributes in answer.cookies] == [setting == "on"] * 2


def test_nothing_else_sets_it_or_takes_it_away(site):
    device = known(site, site.seed.alice)
    refused = login(site.pool.address, site.seed.alice.email, device=device)
    assert_wrong(refused)
    assert refused.cookies == []
    client = site.login(site.seed.alice)
    with_cookie = {"headers": {"Cookie": f"{DEVICE}={device}"}}
    for answer in (
        client.get("/api/users/token", **with_cookie),
        client.get("/api/users/", **with_cookie),
        client.post("/api/users/logout", **with_cookie),
        client.post("/api/users/login", {}, **with_cookie),
    ):
        assert DEVICE not in answer.headers.get("Set-Cookie", "")


def test_it_lets_nobody_in(site):
    device = known(site, site.seed.alice)
    answer = site.client.get("/api/users/token", headers={"Cookie": f"{DEVICE}={device}"})
    assert answer.status_code == 401
    assert_wrong(login(site.pool.address, site.seed.alice.email, "", device=device))


def test_it_holds_no_email_and_no_name(site):
    user = site.seed.user("visible", email="Visible.Person@Example.ORG")
    value = known(site, user)
    for text in (value.lower().encode(), decoded(value).lower()):
        for secret in (b"visible", b"person", b"example"):
            assert secret not in text and base64.b64encode(secret)[:8].lower() not in text
    assert all(letter.isalnum() or letter in "._-" for letter in value)


def test_it_remembers_the_last_four_accounts(site):
    users = [site.seed.user() for _ in range(5)]
    device, sizes = None, []
    for user in users:
        device = right(site, user, device).device
        sizes.append(len(decoded(device)))
    assert sizes == [36, 72, 108, 144, 144]
    for user in users:
        block(site.pool.address, user.email)
    assert [right(site, user, device).status for user in users] == [429, 200, 200, 200, 200]


def test_a_neighbour_that_puts_a_cookie_of_the_name_before_it_locks_nobody_out(site):
    user, *others = [site.seed.user() for _ in range(5)]
    device, theirs = known(site, user), None
    for other in others:
        theirs = right(site, other, theirs).device
    block(site.pool.address, user.email)
    for planted in ("garbage", "a.b.c.d.e", theirs):
        assert right(site, user, f"{planted}; user-api-device={device}").status == 200
        assert_blocked(right(site, user, planted))


def test_who_logs_in_again_stays_in_it_longer(site):
    first, second, *others = [site.seed.user() for _ in range(5)]
    device = None
    for user in (first, second, *others[:2], first, others[2]):
        device = right(site, user, device).device
    for user in (first, second):
        block(site.pool.address, user.email)
    assert right(site, first, device).status == 200
    assert_blocked(right(site, second, device))


def test_every_login_renews_it_and_it_stays_the_same_browser(site):
    user = site.seed.user()
    device = known(site, user)
    for number in range(5):
        assert_wrong(wrong(site, user, 500 + number, device))
    renewed = right(site, user, device).device
    assert decoded(renewed) == decoded(device)
    for number in range(10):
        assert_wrong(wrong(site, user, 510 + number, renewed if number % 2 else device))
    assert_blocked(right(site, user, device))
    assert_blocked(right(site, user, renewed))


def test_two_browsers_have_two_cookies(site):
    assert len({known(site, site.seed.albert) for _ in range(5)}) == 5


def test_it_holds_in_a_restart_and_as_long_as_its_secret_is_listed(make_site):
    site = make_site()
    device = known(site, site.seed.alice)
    old = site.pool.settings["USER_API_JWT_SECRET"]

    def restart(**settings):
        assert site.pool.terminate() == 0
        site.pool.settings.update(settings)
        site.pool.write_config()
        site.pool.start()
        site.sql("DELETE FROM failed_login")
        block(site.pool.address, site.seed.alice.email)

    restart()
    assert right(site, site.seed.alice, device).status == 200
    restart(USER_API_JWT_SECRET=secrets.token_urlsafe(48), USER_API_JWT_PREVIOUS_SECRETS=old)
    renewed = right(site, site.seed.alice, device)
    assert renewed.status == 200
    del site.pool.settings["USER_API_JWT_PREVIOUS_SECRETS"]
    restart()
    assert_blocked(right(site, site.seed.alice, device))
    assert right(site, site.seed.alice, renewed.device).status == 200
