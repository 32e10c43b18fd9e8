"""Validation of request bodies: the service reports all errors at once, in the sentences of Cerberus."""

import itertools
import json

import pytest
from support.client import assert_error, assert_wrong_document

NUMBERS = itertools.count(1)
STRING, BOOLEAN, LIST = "must be of string type", "must be of boolean type", "must be of list type"
NULL, INTEGER, DICT = "null value not allowed", "must be of integer type", "must be of dict type"


def good(**changes):
    email = f"valid{next(NUMBERS)}@example.org"
    return {"email": email, "name": "n", "password": "12345678", "active": True, "roles": [], **changes}


def register(site, **changes):
    return site.login(site.seed.alice).post("/api/users/", good(**changes))


def register_raw(site, field, raw):
    """Sends `raw` JSON text as the value of a field."""
    text = json.dumps(good(**{field: "@"})).replace('"@"', raw)
    headers = {"Content-Type": "application/json"}
    return site.login(site.seed.alice).post("/api/users/", data=text.encode(), headers=headers)


@pytest.mark.parametrize("field", ["email", "name", "password"])
@pytest.mark.parametrize("raw", ["1", "1.5", "true", "[]", "{}", '["a"]'])
def test_a_string_must_be_a_string(site, field, raw):
    assert_wrong_document(register_raw(site, field, raw), {field: [STRING]})


@pytest.mark.parametrize("raw", ["1", "0", '"true"', '""', "1.0", "[]", "{}"])
def test_a_boolean_is_true_or_false_and_no_number(site, raw):
    assert_wrong_document(register_raw(site, "active", raw), {"active": [BOOLEAN]})


@pytest.mark.parametrize("raw", ["1", '"[]"', "{}", "true", '{"0":{"id":1}}'])
def test_a_list_must_be_a_list(site, raw):
    assert_wrong_document(register_raw(site, "roles", raw), {"roles": [LIST]})


@pytest.mark.parametrize("field", ["email", "name", "password", "active", "roles"])
def test_null_is_no_value(site, field):
    assert_wrong_document(register_raw(site, field, "null"), {field: [NULL]})


@pytest.mark.parametrize("raw", ["1", '"x"', "[]", "true", "1.5"])
def test_an_item_of_roles_must_be_an_object(site, raw):
    assert_wrong_document(register_raw(site, "roles", f"[{raw}]"), {"roles": [{"0": [DICT]}]})


@pytest.mark.parametrize("raw", ["true", "1.0", "1.9", "1e0", '"1"', '"12abc"', "[]", "{}", "1e400", "-0.0"])
def test_the_id_of_a_role_must_be_an_integer(site, raw):
    answer = register_raw(site, "roles", f'[{{"id":{raw}}}]')
    assert_wrong_document(answer, {"roles": [{"0": [{"id": [INTEGER]}]}]})


def test_the_id_of_a_role_must_be_there_and_not_null(site):
    answer = register(site, roles=[{}, {"id": None}, {"code": "admin"}])
    items = {"0": [{"id": ["required field"]}], "1": [{"id": [NULL]}], "2": [{"id": ["required field"]}]}
    assert_wrong_document(answer, {"roles": [items]})


def test_wrong_items_are_named_by_their_index_and_the_right_ones_are_not(site):
    answer = register(site, roles=[{"id": 1}, "x", {"id": 2}, {"id": "y"}, {}])
    items = {"1": [DICT], "3": [{"id": [INTEGER]}], "4": [{"id": ["required field"]}]}
    assert_wrong_document(answer, {"roles": [items]})


def test_all_wrong_fields_are_reported_at_once(site):
    answer = site.login(site.seed.alice).post(
        "/api/users/", {"email": 1, "name": None, "password": "short", "roles": [1], "extra": 1, "": 2}
    )
    assert_wrong_document(
        answer,
        {
            "": ["unknown field"],
            "active": ["required field"],
            "email": [STRING],
            "extra": ["unknown field"],
            "name": [NULL],
            "password": ["min length is 8"],
            "roles": [{"0": [DICT]}],
        },
    )


def test_unknown_fields_are_named_whatever_their_name(site):
    extra = {'q"uote': 1, "ünïcode": 2, "line\nbreak": 3, "EMAIL": "x", "a/b": None}
    answer = register(site, **extra)
    assert_wrong_document(answer, {name: ["unknown field"] for name in extra})


@pytest.mark.parametrize("field", ["email", "name"])
def test_a_string_has_at_most_255_characters_of_any_size(site, field):
    for text in ("x" * 255, "é" * 254 + str(next(NUMBERS) % 10), "😀" * 255):
        assert register(site, **{field: text}).status_code == 201
    for text in ("x" * 256, "é" * 256, "x" * 5000):
        assert_wrong_document(register(site, **{field: text}), {field: ["max length is 255"]})


@pytest.mark.parametrize("field", ["email", "name", "password"])
@pytest.mark.parametrize("text", ["\0", "before\0after", "12345678\0"])
def test_null_characters_are_not_allowed(site, field, text):
    answer = register(site, **{field: text})
    assert "null character not allowed" in answer.json()["payload"].pop(field)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "WRONG_DOCUMENT_FORMAT")
    assert set(answer.json()["payload"]) == {field}


@pytest.mark.parametrize("password", ["12345678", "x" * 72, "ä" * 4, "😀😀", "ä" * 36, "        "])
def test_passwords_of_8_to_72_bytes_are_taken(site, password):
    sent = good(password=password)
    assert site.login(site.seed.alice).post("/api/users/", sent).status_code == 201
    assert site.client.login(sent["email"], password).status_code == 200


@pytest.mark.parametrize("password", ["", "1234567", "äää", "äääx"])
def test_shorter_passwords_are_refused(site, password):
    assert_wrong_document(register(site, password=password), {"password": ["min length is 8"]})


@pytest.mark.parametrize("password", ["x" * 73, "ä" * 37, "x" * 1000])
def test_longer_passwords_are_refused_and_never_cut(site, password):
    assert_wrong_document(register(site, password=password), {"password": ["max length is 72"]})


def test_the_shortest_password_is_configurable(make_site):
    site = make_site({"USER_API_PASSWORD_MIN_BYTES": 12}, workers=1)
    assert_wrong_document(register(site, password="x" * 11), {"password": ["min length is 12"]})
    assert register(site, password="x" * 12).status_code == 201


def test_of_a_repeated_name_the_last_counts(site):
    sent = good()
    text = json.dumps(sent)[:-1] + ', "name": "last", "active": 1, "active": false}'
    headers = {"Content-Type": "application/json"}
    answer = site.login(site.seed.alice).post("/api/users/", data=text, headers=headers)
    assert (answer.status_code, answer.json()["name"], answer.json()["active"]) == (201, "last", False)


def test_as_many_roles_as_there_can_be_and_one_more(site):
    assert register(site, roles=[{"id": 1}] * 256).status_code == 201
    for count in (257, 1000):
        assert_wrong_document(register(site, roles=[{"id": 1}] * count), {"roles": ["max length is 256"]})


def test_the_examples_of_the_contract(site):
    for changes, payload in (
        ({"name": 1}, {"name": [STRING]}),
        ({"email": None}, {"email": [NULL]}),
        ({"roles": 1}, {"roles": [LIST]}),
        ({"roles": [1]}, {"roles": [{"0": [DICT]}]}),
        ({"roles": [{"id": "1"}]}, {"roles": [{"0": [{"id": [INTEGER]}]}]}),
        ({"email": "x" * 256}, {"email": ["max length is 255"]}),
        ({"password": "short"}, {"password": ["min length is 8"]}),
    ):
        assert_wrong_document(register(site, **changes), payload)


def test_a_document_is_looked_at_before_the_database_is(site):
    answer = site.login(site.seed.alice).put("/api/users/2147483647", {"email": 1})
    assert_wrong_document(
        answer, {"active": ["required field"], "email": [STRING], "name": ["required field"]}
    )


def test_get_needs_no_document(site):
    headers = {"Content-Type": "text/plain"}
    answer = site.login(site.seed.alice).get("/api/roles/", data=b"not json", headers=headers)
    assert answer.status_code == 200


def test_an_absent_media_type_is_unknown_even_with_a_good_document(site):
    answer = site.login(site.seed.alice).post("/api/users/", data=json.dumps(good()).encode())
    assert_error(answer, 422, "WRONG_PAYLOAD_FORMAT", "The payload format is unknown.")
