"""user-api-admin throttle: list and lift."""

import contextlib
import hashlib
import hmac
import json
import os
import re
import subprocess
import threading

import pytest
from support import admin
from support.installation import Installation, assert_one_line
from support.processes import REPOSITORY, wait_until

pytest_plugins = ["support.installation_fixtures"]

NOWHERE = "postgresql://operator@127.0.0.1:1/nowhere"
# Characters that a terminal would act on, or that hide or reverse text: ESC, CSI as one character, bidi, newline, tab.
HOSTILE = "a\x1b[2Jb\x9b31m\u202ec\naccount  10  10\td\x7f\\"


@pytest.fixture(scope="module")
def installed_here(server, new_folder):
    made = Installation(server, new_folder())
    made.init_with_settings()
    return made


@pytest.fixture
def own(installed_here):
    installed_here.sql("DELETE FROM failed_login")
    yield installed_here
    installed_here.sql("DELETE FROM failed_login")


def new_user(own, email):
    ((user,),) = own.sql(
        "INSERT INTO _user (email, name, hash, salt, customer_id) VALUES (%s, 'N', 'h', 's', 1) RETURNING id", (email,)
    )
    return user


def count(own, kind, user=None, address=None, failures=10, minutes=15, digest=None):
    """Inserts a counter as the service would, with a limit of 10. Returns the digest."""
    digest = digest or os.urandom(32)
    own.sql(
        "INSERT INTO failed_login (kind, digest, user_id, address, failures, allowed, ends_at)"
        " VALUES (%s, %s, %s, %s, %s, 10, now() + make_interval(mins => %s))",
        (kind, digest, user, address, failures, minutes),
    )
    return digest.hex()


def counted(own, *arguments):
    return [each["digest"] for each in own.ask("throttle", "list", *arguments)["counters"]]


def left(own):
    return {digest for (digest,) in own.sql("SELECT encode(digest, 'hex') FROM failed_login")}


def account_digest(own, folded):
    """The service's digest of an email: HKDF of the first JWT secret (RFC 5869), then HMAC."""
    secret = own.settings()["USER_API_JWT_SECRET"].encode()
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    key = hmac.digest(extracted, b"user-api digest: account\x01", hashlib.sha256)
    return hmac.digest(key, folded.encode(), hashlib.sha256)


# --- list ---


def test_a_list_says_who_is_blocked_until_when_and_how_the_log_names_it(own):
    ann = new_user(own, "ann@example.org")
    account = count(own, "account", ann)
    address = count(own, "address", address="203.0.113.9", failures=12, minutes=14)
    ((until,),) = own.sql(
        "SELECT to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM failed_login WHERE kind = 'account'"
    )
    first, second = own.ask("throttle", "list")["counters"]
    assert first == {
        "address": None,
        "blocked": True,
        "digest": account[:16],
        "email": "ann@example.org",
        "failures": 10,
        "kind": "account",
        "limit": 10,
        "until": until,
        "user_id": ann,
    }
    assert (second["kind"], second["address"], second["failures"]) == ("address", "203.0.113.9", 12)
    assert (second["digest"], second["email"], second["user_id"]) == (address[:16], None, None)


def test_people_read_whom_each_block_is_about(own):
    bob = new_user(own, "bob@example.org")
    count(own, "account", bob, minutes=9)
    count(own, "device", bob, minutes=8)
    count(own, "account", minutes=7)
    count(own, "account", 2000000000, minutes=6)
    count(own, "address", address="203.0.113.9", minutes=5)
    count(own, "address", address="2001:db8:1:2::/64", minutes=4)
    heading, *lines = own.operate("throttle", "list").stdout.splitlines()
    assert heading.split() == ["kind", "failures", "limit", "until", "digest", "whom"]
    assert [(line.split()[0], line[heading.index("whom") :]) for line in lines] == [
        ("account", "bob@example.org"),
        ("device", "device of bob@example.org"),
        ("account", "unknown email"),
        ("account", "deleted user 2000000000"),
        ("address", "203.0.113.9"),
        ("address", "2001:db8:1:2::/64"),
    ]


def test_failures_below_the_limit_are_listed_only_with_all_and_those_of_ended_windows_never(own):
    blocked = count(own, "account")
    below = count(own, "account", failures=9, minutes=10)
    count(own, "account", minutes=-1)
    assert counted(own) == [blocked[:16]]
    assert counted(own, "--all") == [blocked[:16], below[:16]]
    assert [each["blocked"] for each in own.ask("throttle", "list", "--all")["counters"]] == [True, False]


def test_those_that_end_last_come_first_and_a_limit_cuts_the_others(own):
    digests = {minutes: count(own, "account", minutes=minutes)[:16] for minutes in (3, 9, 6)}
    assert counted(own) == [digests[9], digests[6], digests[3]]
    assert counted(own, "--limit", "2") == [digests[9], digests[6]]
    assert counted(own, "--limit", "0") == []


def test_a_list_finds_one_user_one_address_and_a_line_of_the_log(own):
    cleo = new_user(own, "cleo@example.org")
    account = count(own, "account", cleo, minutes=9)[:16]
    device = count(own, "device", cleo, failures=1, minutes=8)[:16]
    address = count(own, "address", address="2001:db8:1:2::/64")[:16]
    count(own, "address", address="2001:db8:1:3::/64")
    assert counted(own, "--email", "CLEO@example.org") == [account]
    assert counted(own, "--email", "cleo@example.org", "--all") == [account, device]
    assert counted(own, "--address", "2001:db8:1:2:3:4:5:6") == [address]
    assert counted(own, "--digest", device, "--all") == [device]
    assert counted(own, "--digest", device) == []


def test_an_email_cannot_forge_what_people_read(own):
    count(own, "account", new_user(own, HOSTILE))
    output = own.operate("throttle", "list").stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", output)
    assert r"a\x1b[2Jb\u009b31m\u202ec\x0aaccount\x20\x2010\x20\x2010\x09d\x7f\\" in output
    assert output.count("\n") == 2
    assert [each["email"] for each in own.ask("throttle", "list")["counters"]] == [HOSTILE]


def test_an_empty_list_is_a_list(own):
    assert own.operate("throttle", "list").stdout.split() == ["kind", "failures", "limit", "until", "digest", "whom"]
    assert own.ask("throttle", "list") == {"counters": []}


# --- lift ---


def test_lifting_a_users_blocks_leaves_those_of_others_and_the_address(own):
    dora, other = new_user(own, "dora@example.org"), new_user(own, "other@example.org")
    count(own, "account", dora)
    count(own, "device", dora)
    count(own, "device", dora, failures=2)
    stays = {
        count(own, "account", other),
        count(own, "device", other),
        count(own, "address", address="203.0.113.9"),
        count(own, "account"),
    }
    lifted = own.operate("throttle", "lift", "--email", "Dora@Example.ORG").stdout
    assert lifted == "2 blocks lifted, 3 counters removed\n"
    assert left(own) == stays


def test_failures_from_before_the_user_was_registered_are_lifted_with_the_services_secret(own):
    digest = count(own, "account", digest=account_digest(own, "émile@example.org"))
    other = count(own, "account")
    new_user(own, "Émile@example.org")
    assert own.ask("throttle", "lift", "--email", "émile@example.org") == {"blocks": 0, "counters": 0}
    arguments = ["--email", "ÉMILE@EXAMPLE.ORG", "--config", own.env_file]
    assert counted(own, *arguments) == [digest[:16]]
    assert own.ask("throttle", "lift", *arguments) == {"blocks": 1, "counters": 1}
    assert left(own) == {other}


@pytest.mark.parametrize(
    "counted_as, spellings",
    [
        ("203.0.113.9", ["203.0.113.9", "::ffff:203.0.113.9", "::FFFF:cb00:7109"]),
        ("2001:db8:1:2::/64", ["2001:DB8:1:2::", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::1%eth0"]),
        ("fe80::/64", ["fe80::1%eth0", "fe80::"]),
    ],
)
def test_an_address_is_lifted_by_every_spelling_of_it(own, counted_as, spellings):
    stays = {
        count(own, "address", address="203.0.113.10"),
        count(own, "address", address="2001:db8:1:3::/64"),
        count(own, "account"),
    }
    for spelling in spellings:
        count(own, "address", address=counted_as)
        assert own.operate("throttle", "lift", "--address", spelling).stdout == "1 block lifted, 1 counter removed\n"
        assert left(own) == stays


def test_a_digest_is_lifted_by_its_beginning_in_any_case(own):
    for length in (4, 7, 16, 64):
        digest = count(own, "account")
        stays = count(own, "device", digest=bytes([int(digest[:2], 16) ^ 1]) + bytes.fromhex(digest[2:]))
        assert own.ask("throttle", "lift", "--digest", digest[:length].upper()) == {"blocks": 1, "counters": 1}
        assert left(own) == {stays}
        own.sql("DELETE FROM failed_login")


def test_a_digests_beginning_that_several_have_lifts_none(own):
    both = {count(own, "account", digest=b"\xab\xcd\xe0" + bytes(29)), count(own, "device", digest=b"\xab\xcd\xef" + bytes(29))}
    result = own.operate("throttle", "lift", "--digest", "abcde", "--json", check=False)
    assert_one_line(result, "nothing was lifted", "several digests begin with abcde")
    assert (result.stdout, left(own)) == ("", both)
    assert own.ask("throttle", "lift", "--digest", "abcdef")["counters"] == 1


def test_all_are_lifted_at_once(own):
    count(own, "account")
    count(own, "device", failures=1)
    count(own, "address", address="203.0.113.9")
    assert own.operate("throttle", "lift", "--all").stdout == "2 blocks lifted, 3 counters removed\n"
    assert left(own) == set()


def test_where_nothing_is_to_be_lifted_the_command_says_so_and_is_content(own):
    new_user(own, "unblocked@example.org")
    count(own, "account", minutes=-1)
    choices = ["--all"], ["--email", "unblocked@example.org"], ["--address", "203.0.113.9"], ["--digest", "0123"]
    for choice in choices:
        assert own.operate("throttle", "lift", *choice).stdout == "nothing to lift\n"
        assert own.ask("throttle", "lift", *choice) == {"blocks": 0, "counters": 0}


def test_after_a_lift_the_next_failure_is_the_first(own):
    digest = bytes.fromhex(count(own, "account"))
    reserve = (
        "SELECT blocked_seconds FROM failed_login_reserve(ARRAY['account'], ARRAY[%s::bytea], ARRAY[NULL::integer],"
        " ARRAY[NULL::inet], ARRAY[10], 900)"
    )
    assert own.sql(reserve, (digest,))[0][0] > 0
    own.operate("throttle", "lift", "--digest", digest.hex()[:16])
    assert own.sql(reserve, (digest,)) == [(0,)]
    assert own.sql("SELECT failures FROM failed_login") == [(1,)]


def test_a_lift_never_waits_for_a_login_that_waits_for_it(own):
    count(own, "account")
    count(own, "address", address="203.0.113.9")
    one_more = "UPDATE failed_login SET failures = failures + 1 WHERE kind = %s"
    results = []
    thread = threading.Thread(target=lambda: results.append(own.operate("throttle", "lift", "--all", check=False)))
    with contextlib.closing(own.server.connect(own.database)) as login, login.cursor() as cursor:
        login.autocommit = False
        cursor.execute(one_more, ("address",))
        thread.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        wait_until(lambda: own.server.execute(waiting, (own.database,)), what="the lift to wait for the lock")
        cursor.execute(one_more, ("account",))
        login.commit()
    thread.join()
    assert (results[0].stdout, results[0].stderr) == ("2 blocks lifted, 2 counters removed\n", "")
    assert left(own) == set()


# --- failures ---


@pytest.mark.parametrize("action", ["list", "lift"])
@pytest.mark.parametrize("email", ["nobody@example.org", "' OR true --", "x\x1b[2J\x9b\nuser-api-admin: all is well"])
def test_an_unknown_email_is_an_error(own, action, email):
    stays = count(own, "account")
    result = own.operate("throttle", action, "--email", email, "--json", check=False)
    assert_one_line(result, f"there is no user {email[:1]}")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.stderr)
    assert (result.stdout, left(own)) == ("", {stays})


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["lift"], "which ones"),
        (["lift", "--all", "--email", "ann@example.org"], "exclude each other"),
        (["lift", "--address", "203.0.113.9", "--digest", "0123456789abcdef"], "exclude each other"),
        (["list", "--email", "ann@example.org", "--digest", "0123456789abcdef"], "exclude each other"),
        (["list", "--email", ""], "--email has to be 1 to 255 characters"),
        (["list", "--limit", "-1"], "--limit has to be a number"),
        (["lift", "ann@example.org"], "too many arguments"),
        (["lift", "--digest", "abc"], "4 to 64 hexadecimal digits"),
        (["lift", "--digest", "a" * 65], "4 to 64 hexadecimal digits"),
        (["lift", "--digest", "abcd' OR true"], "4 to 64 hexadecimal digits"),
        (["lift", "--digest", "%%%%"], "4 to 64 hexadecimal digits"),
        *[
            (["lift", "--address", address], "an IPv4 or IPv6 address")
            for address in ("", "localhost", "203.0.113.9:80", "[::1]", "203.0.113.0/24", "203.0.113.9/64", "::ffff:1.2.3.4/64", "/64", "unix:")
        ],
    ],
)
def test_a_wrong_command_line_ends_before_any_connection(arguments, said):
    result = admin.run("throttle", *arguments, "--database-url", NOWHERE, check=False)
    assert_one_line(result, said, code=2)
    assert result.stdout == ""


def test_output_that_cannot_be_written_is_a_failure(own):
    for arguments in (["list"], ["lift", "--all"], ["lift", "--all", "--json"]):
        count(own, "account")
        with open("/dev/full", "w", encoding="ascii") as full:
            result = subprocess.run(
                [admin.binary(), "throttle", *arguments],
                env=admin.environment(USER_API_DATABASE_URL=own.operator_url()),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert_one_line(result, "cannot write to standard output")


def test_the_workers_role_may_do_both_by_the_rights_that_migrate_gives(own):
    settings = ["--config", own.env_file]
    own.sql(f"REVOKE SELECT ON failed_login FROM {own.account}")
    told = f"permission denied for table failed_login (SQLSTATE 42501): connect as a role that may do this, {own.account} may not"
    for arguments in (["list"], ["lift", "--all"]):
        assert_one_line(admin.run("throttle", *arguments, *settings, check=False), told)
    own.operate("migrate", "--service-account", own.account)
    digest = count(own, "account")
    assert digest[:16] in admin.run("throttle", "list", *settings).stdout
    admin.run("throttle", "lift", "--all", *settings)
    assert left(own) == set()


# --- many ---


def peak_kilobytes(own, *arguments):
    """The program's peak memory in KiB, as the kernel counted it, and the program's output."""
    with subprocess.Popen(
        [admin.binary(), *arguments],
        # By default, a sanitizer keeps freed memory.
        env=admin.environment(USER_API_DATABASE_URL=own.operator_url(), ASAN_OPTIONS="quarantine_size_mb=1"),
        stdout=subprocess.PIPE,
    ) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss, text


@pytest.mark.timeout(900)
def test_a_hundred_thousand_counters_take_no_more_memory_than_ten(own):
    many = 100000
    own.sql(
        "INSERT INTO failed_login (kind, digest, user_id, failures, allowed, ends_at)"
        " SELECT 'account', sha256(n::text::bytea), n, 10, 10, now() + make_interval(secs => 600 + n %% 300)"
        " FROM generate_series(1, %s) AS n",
        (many,),
    )
    few, _ = peak_kilobytes(own, "throttle", "list", "--json", "--limit", "10")
    peak, text = peak_kilobytes(own, "throttle", "list", "--json")
    assert len(json.loads(text)["counters"]) == many
    # If the program kept all rows in memory, they would take at least twice that.
    assert peak < few + 4096
    assert own.operate("throttle", "lift", "--all").stdout == f"{many} blocks lifted, {many} counters removed\n"


# --- the page ---


def test_the_commands_print_what_the_page_shows(own):
    with open(os.path.join(REPOSITORY, "docs", "operating.md"), encoding="utf-8") as file:
        section = file.read().partition("\n### Blocked logins\n")[2].partition("\n##")[0]
    (block,) = re.findall(r"(?s)```console\n(.*?)```", section)
    ann = own.sql("SELECT id FROM _user WHERE email = 'ann@example.org'") or [(new_user(own, "ann@example.org"),)]
    for minutes, row in enumerate(reversed(re.findall(r"(?m)^(address|account|device) .* (\w{16})  (.*)$", block)), 1):
        kind, digest, whom = row
        user = ann[0][0] if whom.endswith("ann@example.org") else None
        address = whom if kind == "address" else None
        count(own, kind, user, address, minutes=minutes, digest=bytes.fromhex(digest) + bytes(24))
    own.sql("UPDATE failed_login SET failures = 100, allowed = 100 WHERE kind = 'address'")
    without_times = lambda text: re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "", text)  # noqa: E731
    commands = re.findall(r"(?m)^\$ user-api-admin (.*)\n((?:[^$].*\n)*)", block)
    for command, output in commands:
        shown, cut, _ = without_times(output).partition("…")
        printed = without_times(own.operate(*command.split()).stdout)
        assert (printed[: len(shown)] if cut else printed) == shown, command
    assert len(commands) == 6
