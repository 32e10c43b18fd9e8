"""Failed logins are counted for each account and for each address, so that nobody can guess passwords for long."""

import json

import pytest
from support import fastcgi, seed
from support.attempts import (
    ELSEWHERE,
    HERE,
    WRONG,
    Answer,
    address_of,
    assert_blocked,
    assert_wrong,
    block,
    counted,
    insist,
    login,
    side_by_side,
)
from support.client import Client
from support.pool import Pool
from support.processes import wait_until

OF_ADDRESS = "USER_API_LOGIN_ATTEMPTS_ADDRESS"
OF_ACCOUNT = "USER_API_LOGIN_ATTEMPTS"
WINDOW = "USER_API_LOGIN_WINDOW_SECONDS"


def wrong(site, email, number, **options):
    """Logs in with a wrong password from the address with this number."""
    return login(site.pool.address, email, client=address_of(number), **options)


def right(site, user, client=ELSEWHERE, **options):
    return login(site.pool.address, user.email, user.password, client, **options)


def statuses(answers):
    return [answer.status for answer in answers]


def nobodies(count, name="nobody"):
    return [f"{name}{number}@example.org" for number in range(count)]


# --- of an account ---


def test_of_60_guesses_from_50_addresses_10_are_hashed_and_the_right_password_then_waits_too(site):
    user = site.seed.user()
    answers = [wrong(site, user.email, number % 50) for number in range(60)]
    assert statuses(answers) == [401] * 10 + [429] * 50
    for answer in answers[:10]:
        assert_wrong(answer)
    for answer in answers[10:]:
        assert_blocked(answer)
    assert_blocked(right(site, user))
    assert site.seed.row(user)[2] is True, "nobody is deactivated"


def test_an_unknown_email_is_answered_alike(site):
    known, unknown = site.seed.user().email, "unknown-to-all@example.org"
    said = {email: [] for email in (known, unknown)}
    for number in range(15):
        for email, answers in said.items():
            # The last ones use the password of all seeded users, which is right for the known email.
            password = WRONG if number < 12 else seed.PASSWORD
            answer = wrong(site, email, 1000 + number, password=password)
            varying = {"x-request-id", "*x-request-id", "retry-after", "*retry-after"}
            headers = {name: value for name, value in answer.headers.items() if name not in varying}
            answers.append((answer.status, headers, "retry-after" in answer.headers, answer.body))
    assert said[known] == said[unknown]
    assert [status for status, *_ in said[known]] == [401] * 10 + [429] * 5
    rows = [(kind, failures) for kind, user, _, failures in counted(site, "account") if user is None]
    assert ("account", 10) in rows


def test_other_accounts_are_not_concerned(site):
    user, other = site.seed.user(), site.seed.user()
    block(site.pool.address, user.email)
    assert right(site, other).status == 200
    assert_wrong(login(site.pool.address, other.email))


def test_however_an_email_is_spelled_it_is_one_account(site):
    user = site.seed.user(email="Émile.Counted@Example.ORG")
    for name in ("{}mile.counted@example.org", "{}mile.unknown@example.org"):
        spellings = [name.format("É").title(), name.format("é"), name.format("É").upper()]
        answers = [wrong(site, spellings[number % 3], 2000 + number) for number in range(12)]
        assert statuses(answers) == [401] * 10 + [429] * 2
    assert_blocked(right(site, user))


def test_a_success_sets_the_account_back(site):
    user = site.seed.user()
    for turn in range(3):
        answers = [wrong(site, user.email, 3000 + 10 * turn + number) for number in range(9)]
        assert statuses(answers) == [401] * 9
        assert right(site, user).status == 200
    answers = [wrong(site, user.email, 3100 + number) for number in range(11)]
    assert statuses(answers) == [401] * 10 + [429]


def test_the_right_password_of_somebody_inactive_sets_nothing_back_and_is_no_failure(site):
    user = site.seed.user(active=False)
    told = []
    for number in range(9):
        assert_wrong(wrong(site, user.email, 3200 + number))
        told.append(right(site, user, address_of(3220 + number)))
    assert {answer.message for answer in told} == {"User is not active."}
    assert_wrong(wrong(site, user.email, 3240))
    assert_blocked(wrong(site, user.email, 3241))


def test_what_is_no_login_is_not_counted(site):
    before = counted(site)
    email = site.seed.user().email
    for document in ({}, {"email": email}, {"email": email, "password": 1}, {"password": "x"}):
        for _ in range(5):
            assert site.client.post("/api/users/login", document).status_code == 422
    assert counted(site) == before


# --- of an address ---


def test_from_one_address_over_1000_accounts_100_are_hashed(fresh_site):
    site = fresh_site
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'known' || n || '@example.org', 'n', %s, %s, true, %s FROM generate_series(0, 499) n",
        (*seed.bcrypt(seed.PASSWORD), site.seed.a),
    )
    emails = [email for pair in zip(nobodies(500, "known"), nobodies(500)) for email in pair]
    answers = [login(site.pool.address, email) for email in emails]
    assert statuses(answers) == [401] * 100 + [429] * 900
    for answer in answers[100:]:
        assert_blocked(answer)
    assert_blocked(right(site, site.seed.alice, HERE))
    assert right(site, site.seed.alice, ELSEWHERE).status == 200
    assert len(counted(site, "account")) == 100 and len(counted(site, "address")) == 1
    assert site.sql("SELECT count(*) FROM _user WHERE NOT active") == [(0,)]


@pytest.fixture
def strict(make_site):
    """A site that allows five failures for each address."""
    return make_site({OF_ADDRESS: 5})


def test_a_success_gives_the_address_nothing_but_its_own_attempt_back(strict):
    emails = iter(nobodies(20))
    for _ in range(4):
        assert_wrong(login(strict.pool.address, next(emails)))
    for _ in range(3):
        assert right(strict, strict.seed.alice, HERE).status == 200
    assert_wrong(login(strict.pool.address, next(emails)))
    assert_blocked(login(strict.pool.address, next(emails)))
    assert_blocked(right(strict, strict.seed.alice, HERE))


def tries(site, *addresses):
    """Sends a wrong login from each address, each for another account. Returns which of them were hashed."""
    tries.number += len(addresses)
    emails = nobodies(len(addresses), f"try{tries.number}-")
    return [login(site.pool.address, *pair).status == 401 for pair in zip(emails, [WRONG] * len(emails), addresses)]


tries.number = 0


def test_an_ipv6_address_is_counted_by_its_64(strict):
    inside = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2:a::"]
    assert tries(strict, *inside, "2001:db8:1:2::", "2001:db8:1:2::1", "2001:db8:1:2:9::9") == [True] * 5 + [False] * 2
    assert tries(strict, "2001:db8:1:3::1", "2001:db8:1::1", "2001:db8::2:0:0:0:1") == [True] * 3
    assert [row[2:] for row in counted(strict, "address") if row[3] == 5] == [("2001:db8:1:2::/64", 5)]


def test_an_ipv4_address_that_ipv6_carries_is_the_ipv4_address(strict):
    same = ["203.0.113.77", "::ffff:203.0.113.77", "::FFFF:203.0.113.77"]
    same += ["::ffff:cb00:714d", "0:0:0:0:0:ffff:cb00:714d"]
    assert tries(strict, *same, *same) == [True] * 5 + [False] * 5
    assert tries(strict, "::ffff:203.0.113.78", "203.0.113.79") == [True] * 2
    assert counted(strict, "address")[-1][2:] == ("203.0.113.77/32", 5)


@pytest.mark.parametrize("address", ["", "unix:", "localhost", "203.0.113.256", "203.0.113.9, 1.2.3.4", None])
def test_without_an_address_the_account_alone_is_counted(strict, address):
    assert tries(strict, *[address] * 8) == [True] * 8
    assert counted(strict, "address") == []
    answers = [login(strict.pool.address, "one@example.org", client=address) for _ in range(11)]
    assert statuses(answers) == [401] * 10 + [429]


CLAIMS = "X_FORWARDED_FOR X_REAL_IP X_CLIENT_IP CLIENT_IP TRUE_CLIENT_IP CF_CONNECTING_IP REMOTE_ADDR".split()


def test_nothing_that_a_client_says_decides_its_address(strict):
    for turn, email in enumerate(nobodies(8)):
        said = {f"HTTP_{name}": address_of(5000 + turn) for name in CLAIMS}
        said["HTTP_FORWARDED"] = f"for={address_of(5000 + turn)}"
        answer = login(strict.pool.address, email, **said)
        assert (answer.status == 401) == (turn < 5) and (turn < 5 or answer.is_blocked)
    assert [row[2:] for row in counted(strict, "address")] == [(f"{HERE}/32", 5)]


def test_nothing_that_a_client_says_decides_its_address_behind_the_web_server(strict):
    client = Client(strict.nginx.url, address="127.0.0.77")
    answers = []
    for turn, email in enumerate(nobodies(8)):
        names = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "Remote-Addr")
        said = {name: address_of(5100 + turn) for name in names}
        said["Forwarded"] = f"for={address_of(5100 + turn)}"
        answers.append(client.login(email, WRONG, headers=said))
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    assert answers[-1].json()["message"] == "Too many attempts." and int(answers[-1].headers["Retry-After"]) > 2
    assert [row[2:] for row in counted(strict, "address")] == [("127.0.0.77/32", 5)]


# --- the window, and 0 ---


@pytest.mark.patient
def test_a_window_ends_whatever_is_tried_meanwhile_and_begins_again(make_site):
    site = make_site({WINDOW: 3, OF_ACCOUNT: 2})
    user = site.seed.user()
    for turn in range(2):
        block(site.pool.address, user.email, attempts=2)
        refused = []

        def is_let_in():
            answer = right(site, user)
            if answer.status == 200:
                return True
            assert_blocked(answer, window=3)
            refused.append(answer.retry_after)
            return False

        wait_until(is_let_in, 20, "the window ends")
        assert refused == sorted(refused, reverse=True) and set(refused) >= {1, 2}, refused
    for kind in ("account", "address"):
        assert all(failures <= 2 for *_, failures in counted(site, kind))


@pytest.mark.patient
def test_rows_are_no_more_than_the_attempts_admitted_within_a_window(make_site):
    site = make_site({WINDOW: 1})
    for number, email in enumerate(nobodies(60)):
        assert_wrong(wrong(site, email, 6000 + number))
    over = "SELECT count(*) FILTER (WHERE ends_at > now()) = 0 FROM failed_login"
    wait_until(lambda: site.sql(over)[0][0], 20, "all windows have ended")
    for number, email in enumerate(nobodies(60, "later")):
        assert_wrong(wrong(site, email, 6100 + number))
    assert 0 < max(len(counted(site, kind)) for kind in ("account", "address")) <= 60


def test_rows_are_no_more_than_attempts_that_were_admitted_and_go_with_a_success(fresh_site):
    site = fresh_site
    user = site.seed.user()
    for number in range(30):
        wrong(site, user.email, 6200 + number)
    assert len(counted(site, "account")) == 1 and len(counted(site, "address")) == 10
    assert sum(row[3] for row in counted(site, "address")) == 10
    site.sql("DELETE FROM failed_login")
    for _ in range(5):
        assert_wrong(login(site.pool.address, user.email))
    assert [row[3] for row in counted(site)] == [5, 5]
    assert right(site, user, HERE).status == 200
    assert counted(site) == [("address", None, f"{HERE}/32", 5)]
    assert right(site, user, ELSEWHERE).status == 200
    assert counted(site) == [("address", None, f"{HERE}/32", 5)], "a success leaves nothing behind"


def test_0_switches_the_accounts_counter_off(make_site):
    site = make_site({OF_ACCOUNT: 0, OF_ADDRESS: 20})
    assert statuses(wrong(site, site.seed.alice.email, number) for number in range(30)) == [401] * 30
    answers = [login(site.pool.address, site.seed.alice.email) for _ in range(22)]
    assert statuses(answers) == [401] * 20 + [429] * 2
    assert counted(site, "account") == []


def test_0_switches_the_addresses_counter_off(make_site):
    site = make_site({OF_ADDRESS: 0})
    assert statuses(login(site.pool.address, email) for email in nobodies(130)) == [401] * 130
    assert statuses(login(site.pool.address, "one@example.org") for _ in range(11)) == [401] * 10 + [429]
    assert counted(site, "address") == []


def test_with_both_off_no_counter_is_asked(make_site):
    site = make_site({OF_ADDRESS: 0, OF_ACCOUNT: 0})
    site.sql("DROP TABLE failed_login CASCADE")
    assert statuses(login(site.pool.address, site.seed.alice.email) for _ in range(130)) == [401] * 130
    assert right(site, site.seed.alice).status == 200


# --- many at once ---


@pytest.fixture
def twins(make_site, new_folder):
    """Two pools on one database. Each of their workers can count an attempt at the same moment."""
    site = make_site({"USER_API_HASH_SLOTS": 64}, workers=8)
    other = Pool(new_folder(), site.pool.settings, workers=8).start()
    yield site, (site.pool, other)
    assert other.terminate() == 0


def test_of_200_parallel_guesses_at_an_account_over_two_pools_10_are_hashed(twins):
    site, pools = twins
    user = site.seed.user()
    for email in (user.email, "parallel@example.org"):
        send = lambda n: insist(lambda: login(pools[n % 2].address, email, client=address_of(n)))  # noqa: E731, B023
        answers = side_by_side([lambda n=n: send(n) for n in range(200)], threads=100)
        assert statuses(answers).count(401) == 10 and statuses(answers).count(429) == 190
    assert [row[3] for row in counted(site, "account")] == [10, 10]
    assert sum(row[3] for row in counted(site, "address")) == 20, "whoever the account refused is not counted elsewhere"
    assert_blocked(right(site, user))


def test_of_200_parallel_guesses_from_an_address_over_two_pools_100_are_hashed(twins):
    site, pools = twins
    send = lambda n, email: insist(lambda: login(pools[n % 2].address, email))  # noqa: E731
    answers = side_by_side([lambda n=n, e=e: send(n, e) for n, e in enumerate(nobodies(200))], threads=60)
    assert statuses(answers).count(401) == 100 and statuses(answers).count(429) == 100
    assert [row[3] for row in counted(site, "address")] == [100]
    assert sum(row[3] for row in counted(site, "account")) == 100


def test_right_and_wrong_passwords_side_by_side_leave_a_true_count(site):
    """A right password takes only its own attempt back. The attempts of all others stay counted."""
    client = "203.0.113.200"
    sends = []
    for user in [site.seed.user() for _ in range(4)]:
        sends += [lambda u=user: insist(lambda: right(site, u, client))] * 6
        sends += [lambda: insist(lambda: login(site.pool.address, "beside@example.org", client=client))] * 2
    codes = statuses(side_by_side(sends))
    assert codes.count(200) == 24 and codes.count(401) == 8
    assert [row[3] for row in counted(site, "address") if row[2] == f"{client}/32"] == [8]


def test_a_restart_forgets_nothing(fresh_site):
    site = fresh_site
    user, other = site.seed.user(), site.seed.user()
    block(site.pool.address, user.email)
    for number in range(9):
        assert_wrong(wrong(site, other.email, 7000 + number))
    assert site.pool.terminate() == 0
    site.pool.start()
    assert_blocked(right(site, user))
    assert_wrong(wrong(site, other.email, 7100))
    assert_blocked(right(site, other))


# --- clients that know nothing of it ---


def test_a_client_of_the_original_logs_in_reads_the_first_cookie_and_works_on(site):
    """It reads the first Set-Cookie, or any cookie by its name, and sends no other cookie back."""
    user = site.seed.user(roles=("admin",))
    body = json.dumps({"email": user.email, "password": user.password}).encode()
    status, headers, _ = site.client.raw("POST", "/api/users/login", {"Content-Type": "application/json"}, body)
    assert status == 200
    first = headers["Set-Cookie"].split(";")[0]
    assert first.startswith("user-api-credentials=")
    token = site.client.get("/api/users/token", headers={"Cookie": first})
    assert token.status_code == 200 and token.json()["email"] == user.email
    by_name = site.client.login(user.email, user.password).cookies["user-api-credentials"]
    answer = site.client.get("/api/users/", headers={"Cookie": f"user-api-credentials={by_name}"})
    assert answer.status_code == 200


def test_a_client_of_the_original_that_sends_all_cookies_back_works_on(site):
    answer = right(site, site.seed.alice)
    everything = "; ".join(f"{name}={value}" for name, value, _ in answer.cookies)
    again = right(site, site.seed.alice, HTTP_COOKIE=everything)
    assert again.status == 200
    token = Answer(*fastcgi.get(site.pool.address, "/api/users/token", HTTP_COOKIE=everything))
    assert token.status == 200 and json.loads(token.body)["email"] == site.seed.alice.email


# --- the same account, typed in other ways ---


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_an_account_has_its_guesses_however_its_email_is_typed(site, known):
    """Blanks at the end, decomposed letters and other case name the same account, whether or not it exists."""
    email = f"gu\u00ebst-{known}@example.org"
    user = site.seed.user(email=email) if known else None
    other = email.replace("\u00eb", "e\u0308")
    ways = [email, f"{email} ", email.upper(), f"{other}\u3000", f"{email}  ", other, f"{email}\u00a0 "]
    answers = [wrong(site, ways[number % len(ways)], number) for number in range(30)]
    assert statuses(answers) == [401] * 10 + [429] * 20
    if user is not None:
        assert_blocked(right(site, user))


def test_a_user_whose_email_ends_with_a_blank_has_guesses_of_its_own(site):
    bare = site.seed.user(email="twins@example.org")
    blank = site.seed.user(email="twins@example.org ")
    assert statuses([wrong(site, blank.email, number) for number in range(12)]) == [401] * 10 + [429] * 2
    assert right(site, bare).status == 200
    assert_blocked(right(site, blank))
