"""POST /api/users/."""

import itertools
import threading

import pytest
from support import seed
from support.client import assert_error, assert_json, assert_wrong_document
from support.crypt import crypt

NUMBERS = itertools.count(1)


def document(**changes):
    fields = {
        "email": f"new{next(NUMBERS)}@example.org",
        "name": "New",
        "password": "12345678",
        "active": True,
        "roles": [{"id": 1}],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not ...}


def register(site, **changes):
    return site.login(site.seed.alice).post("/api/users/", document(**changes))


def test_the_answer_is_201_and_the_user_with_roles(site):
    sent = document(roles=[{"id": 3}, {"id": 1}])
    answer = site.login(site.seed.alice).post("/api/users/", sent)
    expected = {
        "active": True,
        "customer": {"id": site.seed.a},
        "email": sent["email"],
        "id": answer.json()["id"],
        "name": "New",
        "roles": seed.roles("admin", "writer"),
    }
    assert_json(answer, 201, expected)
    assert_json(site.login(site.seed.alice).get(f"/api/users/{expected['id']}"), 200, expected)


def test_location_says_where_the_new_user_is(site):
    alice = site.login(site.seed.alice)
    answer = alice.post("/api/users/?x=1", document())
    location = answer.headers["Location"].removeprefix(site.nginx.url)
    assert location == f"/api/users/{answer.json()['id']}"
    assert_json(alice.get(location), 200, answer.json())
    assert "Location" not in alice.post("/api/users/", document(email=site.seed.albert.email)).headers


def test_the_new_user_logs_in(site):
    sent = document(password="pässwörd ✓")
    made = site.login(site.seed.alice).post("/api/users/", sent).json()
    answer = site.client.login(sent["email"], sent["password"])
    assert_json(answer, 200, {**made, "exp": answer.json()["exp"]})


def test_the_new_user_belongs_to_the_callers_customer(site):
    for admin in (site.seed.alice, site.seed.bella):
        made = site.login(admin).post("/api/users/", document()).json()
        assert made["customer"] == {"id": admin.customer_id}


def test_the_customer_is_nothing_that_a_client_can_ask_for(site):
    answer = register(site, customer={"id": site.seed.b}, customer_id=site.seed.b)
    assert_wrong_document(answer, {"customer": ["unknown field"], "customer_id": ["unknown field"]})


def test_an_inactive_user_can_be_made(site):
    sent = document(active=False)
    assert site.login(site.seed.alice).post("/api/users/", sent).json()["active"] is False
    answer = site.client.login(sent["email"], sent["password"])
    assert_error(answer, 401, "UNAUTHORIZED", "User is not active.")


def test_the_password_is_stored_as_bcrypt_of_the_configured_cost_with_the_setting_as_salt(site):
    made = register(site, password="some password").json()
    _, _, _, stored, salt, _ = site.seed.row(made["id"])
    assert salt.startswith("$2b$04$") and len(salt) == 29
    assert stored == crypt("some password", salt)
    assert "some password" not in stored + salt


def test_two_users_with_one_password_have_different_salts(site):
    rows = [site.seed.row(register(site).json()["id"]) for _ in range(2)]
    assert rows[0][4] != rows[1][4]


@pytest.mark.parametrize("spell", [str, str.upper, str.title])
def test_an_email_that_is_taken_is_a_conflict_whatever_its_case(site, spell):
    answer = register(site, email=spell(site.seed.albert.email))
    assert_error(answer, 409, "CONFLICT", "User already exists.")


def test_letters_beyond_ascii_have_case_too(site):
    address = f"ärger{next(NUMBERS)}@example.org"
    assert register(site, email=address).status_code == 201
    assert_error(register(site, email=address.upper()), 409, "CONFLICT", "User already exists.")


def test_an_email_is_kept_as_written(site):
    address = f"MiXed{next(NUMBERS)}@Example.ORG"
    assert register(site, email=address).json()["email"] == address


def test_emails_are_unique_over_all_customers(site):
    answer = register(site, email=site.seed.bob.email)
    assert_error(answer, 409, "CONFLICT", "User already exists.")


def test_of_many_who_register_one_email_at_once_one_wins(site):
    admin = site.token(site.seed.alice)
    sent, statuses = document(), []
    barrier = threading.Barrier(6)

    def attempt():
        client = site.client.bearer(admin)
        barrier.wait(60)
        statuses.append(client.post("/api/users/", sent).status_code)

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 5


def test_an_unknown_role_is_refused_by_its_index_and_nobody_is_made(site):
    sent = document(roles=[{"id": 1}, {"id": 99}, {"id": 2}, {"id": 100}])
    answer = site.login(site.seed.alice).post("/api/users/", sent)
    assert_wrong_document(answer, {"roles": [{"1": ["unknown role"], "3": ["unknown role"]}]})
    assert site.sql("SELECT count(*) FROM _user WHERE email = %s", (sent["email"],)) == [(0,)]


@pytest.mark.parametrize("number", [0, -1, -2147483649, 2147483647, 2147483648, 4294967297, 2**63 - 1])
def test_a_role_id_that_cannot_be_is_an_unknown_role(site, number):
    answer = register(site, roles=[{"id": number}])
    assert_wrong_document(answer, {"roles": [{"0": ["unknown role"]}]})


def test_a_role_given_twice_counts_once(site):
    answer = register(site, roles=[{"id": 2}, {"id": 2}, {"id": 1}, {"id": 2}])
    assert (answer.status_code, answer.json()["roles"]) == (201, seed.roles("admin", "reader"))


def test_whole_role_objects_are_taken_and_only_their_id_is_read(site):
    answer = register(site, roles=[{"id": 2, "code": "admin", "name": "Lies", "x": [None]}])
    assert (answer.status_code, answer.json()["roles"]) == (201, seed.roles("reader"))


def test_every_field_is_required(site):
    answer = site.login(site.seed.alice).post("/api/users/", {})
    fields = ("active", "email", "name", "password", "roles")
    assert_wrong_document(answer, {name: ["required field"] for name in fields})


@pytest.mark.parametrize("missing", ["active", "email", "name", "password", "roles"])
def test_each_field_alone_is_required(site, missing):
    assert_wrong_document(register(site, **{missing: ...}), {missing: ["required field"]})


def test_the_id_is_given_by_the_server(site):
    assert_wrong_document(register(site, id=4711), {"id": ["unknown field"]})


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE _user; --", '{"a":1}', "a/b\\c", "𝒰ser ✓"]
)
def test_texts_come_back_as_they_were_sent(site, name):
    made = register(site, name=name)
    assert (made.status_code, made.json()["name"]) == (201, name)
    assert site.seed.row(made.json()["id"])[1] == name
