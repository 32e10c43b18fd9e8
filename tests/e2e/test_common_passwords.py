"""New passwords that an attacker would try first are refused if the settings say so."""

import os
import subprocess

import pytest
from support import admin
from support.client import assert_wrong_document, assert_wrong_login, what_was_said
from support.installation import PASSWORD, assert_one_line
from support.operator import Operator
from support.pool import binary
from support.pool_peers import SECRET as STRONG
from support.processes import wait_until
from support.site import Site

pytest_plugins = ["support.installation_fixtures"]

REFUSING = {"USER_API_PASSWORD_COMMON": "refuse"}
TOO_COMMON = {"password": ["password is too common"]}
EMAIL = "Jürgen.Meier@example.org"
NAME = "Meier, Jürgen"
FINE = ["lösch mir das Geheimnis", "kqzvwmtx", "Jürgen.Meier.41", "correct horse"]
REFUSED = {
    "common": "sunshine1",
    "common_in_capitals": "QWERTYUIOP",
    "email": "JÜRGEN.meier@example.org",
    "decomposed_email": "ju\u0308rgen.meier@example.org",
    "part_before_the_at": "jürgen.MEIER",
    "name": "meier, jürgen",
}


@pytest.fixture(scope="module")
def refusing(postgres, new_folder):
    site = Site(postgres, new_folder(), REFUSING).start()
    yield site
    site.stop()


@pytest.fixture(params=REFUSED)
def refused(request):
    return REFUSED[request.param]


def document(password, **changes):
    return {"email": EMAIL, "name": NAME, "active": True, "roles": [], "password": password, **changes}


def jürgen(site):
    site.sql("DELETE FROM _user WHERE email = %s", (EMAIL,))
    return site.seed.user(NAME, email=EMAIL)


def reset(client, email, password):
    return client.post("/api/users/reset-password", {"email": email, "password": password})


# --- without the setting ---


def test_the_default_takes_what_clients_of_the_original_set(site):
    alice = site.login(site.seed.alice)
    for password in ("password", "12345678"):
        user = site.seed.user()
        assert reset(alice, user.email, password).status_code == 200
        sent = document(password, email=f"{password}@example.org", name=password)
        assert alice.post("/api/users/", sent).status_code == 201
        assert site.client.login(sent["email"], password).status_code == 200


# --- at each place where a password is set ---


def test_a_guessable_password_registers_nobody(refusing, refused):
    refusing.sql("DELETE FROM _user WHERE email = %s", (EMAIL,))
    assert_wrong_document(refusing.login(refusing.seed.alice).post("/api/users/", document(refused)), TOO_COMMON)
    assert refusing.sql("SELECT count(*) FROM _user WHERE email = %s", (EMAIL,)) == [(0,)]


def test_an_update_with_a_guessable_password_changes_nothing(refusing, refused):
    user = jürgen(refusing)
    before = refusing.seed.row(user)
    answer = refusing.login(refusing.seed.alice).put(f"/api/users/{user.id}", document(refused, active=False))
    assert_wrong_document(answer, TOO_COMMON)
    assert refusing.seed.row(user) == before


def test_a_guessable_password_is_not_set_for_oneself_or_somebody_else(refusing, refused):
    user = jürgen(refusing)
    before = refusing.seed.row(user)
    for caller in (user, refusing.seed.alice):
        assert_wrong_document(reset(refusing.login(caller), user.email, refused), TOO_COMMON)
    assert refusing.seed.row(user) == before


@pytest.mark.parametrize("password", FINE)
def test_others_are_set(refusing, password):
    user = jürgen(refusing)
    alice = refusing.login(refusing.seed.alice)
    assert reset(alice, user.email, password).status_code == 200
    assert alice.put(f"/api/users/{user.id}", document(password)).status_code == 200
    assert alice.delete(f"/api/users/{user.id}").status_code == 204
    assert alice.post("/api/users/", document(password)).status_code == 201
    assert refusing.client.login(EMAIL, password).status_code == 200


def test_an_update_compares_with_what_the_user_will_be(refusing):
    alice = refusing.login(refusing.seed.alice)
    user = jürgen(refusing)
    answer = alice.put(f"/api/users/{user.id}", document("new@example.org", email="new@example.org"))
    assert_wrong_document(answer, TOO_COMMON)
    assert_wrong_document(alice.put(f"/api/users/{user.id}", document("New Name", name="New Name")), TOO_COMMON)
    changed = document(NAME, email="new@example.org", name="New Name")
    assert alice.put(f"/api/users/{user.id}", changed).status_code == 200


def test_a_password_that_is_there_already_stays_whatever_it_is(refusing):
    user = refusing.seed.user(password="password")
    client = refusing.login(user)
    assert client.get("/api/users/token").status_code == 200
    changed = {"email": user.email, "name": "password", "active": True}
    assert refusing.login(refusing.seed.alice).put(f"/api/users/{user.id}", changed).status_code == 200


def test_the_sentence_stands_beside_what_else_is_wrong(refusing):
    sent = document("password1", active=1, extra=1)
    del sent["name"]
    wrong = {"active": ["must be of boolean type"], "extra": ["unknown field"], "name": ["required field"], **TOO_COMMON}
    assert_wrong_document(refusing.login(refusing.seed.alice).post("/api/users/", sent), wrong)
    assert_wrong_document(
        reset(refusing.login(refusing.seed.alice), 5, "password1"), {"email": ["must be of string type"], **TOO_COMMON}
    )


def test_a_password_out_of_bounds_is_not_called_common(refusing):
    alice = refusing.login(refusing.seed.alice)
    for password, complaint in (("1234567", "min length is 8"), ("x" * 73, "max length is 72")):
        assert_wrong_document(alice.post("/api/users/", document(password)), {"password": [complaint]})


# --- what the answer does not reveal ---


@pytest.mark.parametrize("password", ["password1", "bella", "Bella", "bella@example.org", "kqzvwmtx"])
def test_a_foreign_users_email_is_answered_like_an_unknown_one(refusing, password):
    """Bella belongs to another customer. Both emails have the same length, and so do the answers."""
    foreign, unknown = refusing.seed.bella.email, "cella@example.org"
    for caller in (refusing.seed.alice, refusing.seed.bob):
        client = refusing.login(caller)
        status, headers, said = what_was_said(reset(client, foreign, password))
        expected = (status, headers, said.replace(foreign.encode(), unknown.encode()))
        assert what_was_said(reset(client, unknown, password)) == expected


def test_a_foreign_users_id_is_answered_like_an_unknown_one(refusing):
    client = refusing.login(refusing.seed.alice)
    sent = document("password1")
    assert what_was_said(client.put(f"/api/users/{refusing.seed.bella.id}", sent)) == what_was_said(
        client.put("/api/users/2000000001", sent)
    )


def test_who_may_not_set_it_is_not_told_whether_it_is_common(refusing):
    user = refusing.seed.user()
    client, email = refusing.login(user), refusing.seed.alice.email
    assert what_was_said(reset(client, email, "password1")) == what_was_said(reset(client, email, "kqzvwmtx"))


def test_logins_are_not_asked(refusing):
    assert_wrong_login(refusing.client.login(refusing.seed.alice.email, "password1"))


# --- the site's own list ---


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
    return path


@pytest.fixture
def listed(make_site, folder):
    """A site with its own list, and the list's path."""
    path = write(os.path.join(folder, "denied"), "Motdepasse\r\nlo\u0308sch mir das Geheimnis\n".encode())
    return make_site({"USER_API_PASSWORD_DENY_FILE": path}), path


def test_a_list_stands_in_place_of_the_librarys_and_implies_refuse(listed):
    site, _ = listed
    user = site.seed.user()
    client = site.login(site.seed.alice)
    for password in ("MOTDEPASSE", "Lösch mir das geheimnis", user.email):
        assert_wrong_document(reset(client, user.email, password), TOO_COMMON)
    assert reset(client, user.email, "password1").status_code == 200


def test_a_reload_reads_the_list_again_and_a_bad_one_changes_nothing(listed):
    site, path = listed
    user = site.seed.user()
    write(path, b"quite another\n")
    site.pool.reload_and_wait()
    assert_wrong_document(reset(site.login(site.seed.alice), user.email, "quite another"), TOO_COMMON)
    assert reset(site.login(site.seed.alice), user.email, "motdepasse").status_code == 200
    write(path, b"fine\nbad \xff\n")
    workers = site.pool.pids()
    site.pool.reload()
    wait_until(lambda: "line 2 is not UTF-8" in site.pool.log_text(), 30, "the log says what is wrong")
    assert site.pool.pids() == workers
    assert_wrong_document(reset(site.login(site.seed.alice), user.email, "quite another"), TOO_COMMON)


@pytest.mark.parametrize(
    "content, reason",
    [
        (None, "cannot read"),
        (b"", "is empty"),
        (b"\n\r\n", "is empty"),
        (b"one\ntwo\xc3\n", "line 2 is not UTF-8"),
        (b"one\0two\n", "NUL"),
        (b"x" * (16 * 1024 * 1024 + 1), "larger than 16384 KiB"),
    ],
    ids=["missing", "empty", "blank", "not_utf8", "nul", "large"],
)
def test_a_bad_list_is_a_clear_mistake_in_the_settings(folder, content, reason):
    path = os.path.join(folder, "denied")
    if content is not None:
        write(path, content)
    result = subprocess.run(
        [binary(), "--check-config"],
        env=admin.environment(
            USER_API_PASSWORD_DENY_FILE=path, USER_API_DATABASE_URL="postgresql://x@/x", USER_API_JWT_SECRET=STRONG
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "USER_API_PASSWORD_DENY_FILE: " in result.stdout and path in result.stdout and reason in result.stdout


# --- the command line, whatever the settings say ---


SAID = "the password is too common: choose another, or add --force"


@pytest.fixture
def operator(site):
    return Operator(site)


def test_a_guessable_password_is_set_by_force_alone(site, operator, refused):
    user = jürgen(site)
    before = site.seed.row(user)
    assert_one_line(operator.user("set-password", EMAIL, check=False, USER_API_PASSWORD=refused), SAID)
    assert site.seed.row(user) == before
    operator.user("set-password", "--force", EMAIL, USER_API_PASSWORD=refused)
    assert site.client.login(EMAIL, refused).status_code == 200


def test_a_user_is_added_with_a_guessable_password_by_force_alone(site, operator, refused):
    site.sql("DELETE FROM _user WHERE email = %s", (EMAIL,))
    arguments = ("add", EMAIL, "--name", NAME, "--customer", site.seed.a)
    assert_one_line(operator.user(*arguments, check=False, USER_API_PASSWORD=refused), SAID)
    assert site.sql("SELECT count(*) FROM _user WHERE email = %s", (EMAIL,)) == [(0,)]
    operator.user(*arguments, "--force", USER_API_PASSWORD=refused)
    assert site.client.login(EMAIL, refused).status_code == 200


def test_force_is_no_third_source_of_a_password(site, operator):
    user = site.seed.user()
    operator.user("set-password", "--force", "--generate-password", user.email)


def test_the_command_line_reads_the_list_too(site, operator, folder):
    path = write(os.path.join(folder, "denied"), b"kqzvwmtx\n")
    user = site.seed.user()
    given = {"USER_API_PASSWORD_DENY_FILE": path, "check": False}
    assert_one_line(operator.user("set-password", user.email, USER_API_PASSWORD="kqzvwmtx", **given), SAID)
    assert operator.user("set-password", user.email, USER_API_PASSWORD="password1", **given).returncode == 0
    write(path, b"\xff")
    result = operator.user("set-password", user.email, USER_API_PASSWORD="kqzvwmtx", **given)
    assert_one_line(result, "USER_API_PASSWORD_DENY_FILE", "line 1 is not UTF-8")


def test_init_makes_no_administrator_with_a_common_password_without_force(installation):
    said = "the administrator's password is too common: choose another, or add --force"
    assert_one_line(installation.init(password="password1", check=False), said)
    assert not installation.exists()
    installation.init(installation.url, "--force", password="password1")
    assert installation.accepts("password1")


def test_init_looks_at_no_password_that_it_does_not_set(installation):
    installation.init()
    installation.init(password="password1")
    assert installation.accepts(PASSWORD)
    result = installation.init(installation.url, "--reset-admin-password", password="password1", check=False)
    assert_one_line(result, "too common")
    assert installation.accepts(PASSWORD)


def test_init_sets_nfc(installation):
    installation.init(password="lo\u0308sch mir das Geheimnis")
    assert installation.accepts("lösch mir das Geheimnis")


def test_new_settings_refuse_and_those_that_are_there_stay(installation):
    installation.init_with_settings()
    assert installation.settings()["USER_API_PASSWORD_COMMON"] == "refuse"
    with open(installation.env_file, encoding="utf-8") as file:
        kept = [line for line in file if "COMMON" not in line]
    write(installation.env_file, "".join(kept).encode())
    installation.init_with_settings()
    assert "USER_API_PASSWORD_COMMON" not in installation.settings()
