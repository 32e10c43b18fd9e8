"""Request bodies: sizes, media types, and bodies that are not a JSON object."""

import json

import pytest
from support import fastcgi
from support.client import assert_error, canonical

LIMIT = 65536
JSON = {"Content-Type": "application/json"}
LOGIN = "/api/users/login"


def good(site):
    return json.dumps({"email": site.seed.alice.email, "password": site.seed.alice.password}).encode()


def post(site, body, headers=None):
    return site.client.post(LOGIN, data=body, headers=JSON if headers is None else headers)


def assert_too_large(answer):
    assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")


def assert_wrong_payload(answer):
    assert_error(answer, 422, "WRONG_PAYLOAD", "Wrong payload.")


def test_a_body_up_to_the_limit_is_read(site):
    for size in (LIMIT - 1, LIMIT):
        assert post(site, good(site).ljust(size)).status_code == 200


def test_one_byte_more_is_too_large(site):
    for size in (LIMIT + 1, LIMIT + 2, 10 * LIMIT):
        assert_too_large(post(site, good(site).ljust(size)))


def test_the_limit_holds_wherever_a_body_goes(site):
    admin = site.login(site.seed.alice)
    for method, path in (
        ("POST", "/api/users/"),
        ("PUT", "/api/users/1"),
        ("POST", "/api/users/reset-password"),
    ):
        assert_too_large(admin.request(method, path, data=b" " * (LIMIT + 1), headers=JSON))


def test_the_limit_is_configurable(make_site):
    site = make_site({"USER_API_BODY_LIMIT": 2048}, workers=1)
    assert post(site, good(site).ljust(2048)).status_code == 200
    assert_too_large(post(site, good(site).ljust(2049)))


def test_what_is_announced_beyond_the_limit_is_refused_whatever_comes(site):
    for announced in (LIMIT + 1, 2**31, 2**63, 10**30):
        status, _, body = site.pool.request(
            "POST", LOGIN, good(site), CONTENT_TYPE="application/json", CONTENT_LENGTH=str(announced)
        )
        assert (status, json.loads(body)["error_code"]) in ((413, "PAYLOAD_TOO_LARGE"), (400, "BAD_REQUEST"))


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t ", b"{", b"}", b"x"])
def test_next_to_nothing_is_a_wrong_payload(site, body):
    assert_wrong_payload(post(site, body))


@pytest.mark.parametrize(
    "body",
    [b"[]", b'[{"email":"a","password":"b"}]', b'"x"', b"1", b"-1.5e3", b"12", b"null", b"true", b"false"],
)
def test_what_is_no_object_is_a_wrong_payload(site, body):
    assert_wrong_payload(post(site, body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"email":"a","password":"b"',
        b'{"email":"a","password":"b"}x',
        b'{"email":"a","password":"b"}{}',
        b'{"email":"a","password":"b"},',
        b'{"email":"a","password":"b",}',
        b"{'email':'a','password':'b'}",
        b'{email:"a",password:"b"}',
        b'{"email":"a" "password":"b"}',
        b'{"email":"a","password":}',
        b'{"email":"a","password":NaN}',
        b'{"email":"a","password":Infinity}',
        b'{"email":"a","password":01}',
        b'{"email":"a","password":TRUE}',
        b'{"email":"a","password":"b"} // no',
        b'/* no */{"email":"a","password":"b"}',
        b'{"email":"a","password":"\\x41"}',
        b'{"email":"a","password":"\\u12"}',
        b'{"email":"a\nb","password":"b"}',
        b'\xef\xbb\xbf{"email":"a","password":"b"}',
        b'{"email":"a","password":"b"}\x00',
        b'\x00{"email":"a","password":"b"}',
        b"email=a&password=b",
        b"<login/>",
    ],
)
def test_what_is_no_json_is_a_wrong_payload(site, body):
    assert_wrong_payload(post(site, body))


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe9"]
)
def test_what_is_not_utf_8_is_a_wrong_payload(site, bad):
    assert_wrong_payload(post(site, b'{"email":"a' + bad + b'","password":"b"}'))
    assert_wrong_payload(post(site, b'{"' + bad + b'":1,"email":"a","password":"b"}'))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_a_wrong_payload(site, encoding):
    assert_wrong_payload(post(site, good(site).decode().encode(encoding)))


@pytest.mark.parametrize("depth", [17, 100, 6000])
def test_what_is_nested_too_deep_is_a_wrong_payload(site, depth):
    assert_wrong_payload(post(site, b'{"email":' + b"[" * depth + b"]" * depth + b',"password":"b"}'))
    assert_wrong_payload(post(site, b'{"email":' * depth + b"1" + b"}" * depth))
    assert_wrong_payload(post(site, b'{"email":' + b"[" * depth))


def test_what_is_nested_a_little_is_a_wrong_document(site):
    answer = post(site, b'{"email":[[[[["a"]]]]],"password":{"a":{"b":[]}}}')
    assert (answer.status_code, answer.json()["error_code"]) == (422, "WRONG_DOCUMENT_FORMAT")


def test_white_space_around_the_object_is_fine(site):
    assert post(site, b" \t\r\n" + good(site) + b" \t\r\n").status_code == 200


def test_escapes_in_strings_are_understood(site):
    text = "".join(f"\\u{ord(character):04X}" for character in site.seed.alice.email)
    body = f'{{"\\u0065mail":"{text}","password":"{site.seed.alice.password}"}}'
    assert post(site, body.encode()).status_code == 200


@pytest.mark.parametrize("text", ["\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800"])
def test_lone_surrogates_are_no_internal_error(site, text):
    document = (
        f'{{"email":"{text}@example.org","name":"{text}","password":"12345678","active":true,"roles":[]}}'
    )
    answer = site.login(site.seed.alice).post("/api/users/", data=document.encode(), headers=JSON)
    assert answer.status_code in (201, 409, 422)
    answer.content.decode("utf-8")


def test_surrogate_pairs_are_one_character(site):
    document = (
        '{"email":"pair@example.org","name":"\\ud83d\\ude00","password":"12345678","active":true,"roles":[]}'
    )
    answer = site.login(site.seed.alice).post("/api/users/", data=document.encode(), headers=JSON)
    assert (answer.status_code, answer.json()["name"]) == (201, "😀")


@pytest.mark.parametrize("chunks", [1, 3, 50])
def test_a_chunked_body_is_read(site, chunks):
    body = good(site).ljust(1000)
    size = -(-len(body) // chunks)
    parts = (body[at : at + size] for at in range(0, len(body), size))
    assert post(site, parts).status_code == 200


def test_a_chunked_body_has_the_same_limit(site):
    assert post(site, iter([good(site).ljust(LIMIT - 10), b" " * 10])).status_code == 200
    assert_too_large(post(site, iter([good(site).ljust(LIMIT - 10), b" " * 11])))


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
    ]
    + ['Application/Json ; charset="utf-8"; x=y'],
)
def test_json_is_known_in_any_case_and_with_parameters(site, media_type):
    assert post(site, good(site), {"Content-Type": media_type}).status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
    ]
    + [
        "application/jsonx",
        "application/json5",
        "xapplication/json",
        "application/vnd.api+json",
        "application",
    ]
    + ["text/plain; application/json", "application/json, text/plain", "*/*", "application/json-patch+json"],
)
def test_any_other_media_type_or_none_is_an_unknown_format(site, media_type):
    headers = {} if media_type is None else {"Content-Type": media_type}
    for body in (good(site), b"not json at all"):
        assert_error(post(site, body, headers), 422, "WRONG_PAYLOAD_FORMAT", "The payload format is unknown.")


def raw_login(site, body, **params):
    return site.pool.request("POST", LOGIN, body, **{"CONTENT_TYPE": "application/json", **params})


def test_a_body_that_is_shorter_or_longer_than_announced_is_refused_and_never_guessed_at(site):
    body = good(site)
    for announced in (len(body) + 1, len(body) - 1, len(body) + 1000, 1, 0):
        status, _, answer = raw_login(site, body, CONTENT_LENGTH=str(announced))
        assert status in (400, 422), answer
    assert raw_login(site, body)[0] == 200


@pytest.mark.parametrize("announced", ["-1", "+5", "0x10", "1e3", " 5", "5 ", "x", "00", "1.0", "5,5"])
def test_a_length_that_is_none_is_refused(site, announced):
    status, _, answer = raw_login(site, good(site), CONTENT_LENGTH=announced)
    assert status == 400
    assert answer == canonical(json.loads(answer))


def test_a_length_may_be_absent_or_empty(site):
    for announced in (None, ""):
        assert raw_login(site, good(site), CONTENT_LENGTH=announced)[0] == 200
        status, _, answer = raw_login(site, b"", CONTENT_LENGTH=announced)
        assert (status, json.loads(answer)["error_code"]) == (422, "WRONG_PAYLOAD")


def test_a_body_cut_off_in_the_middle_changes_nothing(site):
    body = json.dumps({"email": site.seed.albert.email, "password": "half a password"}).encode()
    headers = {
        "HTTP_AUTHORIZATION": f"Bearer {site.token(site.seed.alice)}",
        "CONTENT_TYPE": "application/json",
    }
    parameters = fastcgi.environ("POST", "/api/users/reset-password", body + b" " * 100, **headers)
    before = site.seed.row(site.seed.albert)
    for ending in (fastcgi.stdin(b""), b"", fastcgi.record(fastcgi.ABORT_REQUEST)):
        data = (
            fastcgi.begin()
            + fastcgi.params(parameters)
            + fastcgi.stream(fastcgi.STDIN, body, end=False)
            + ending
        )
        answer = fastcgi.parse_response(fastcgi.send_bytes(site.pool.address, data, half_close=True))
        assert answer is None or answer[0] == 400
    assert site.seed.row(site.seed.albert) == before
    whole = fastcgi.begin() + fastcgi.params(parameters) + fastcgi.stdin(body + b" " * 100)
    assert fastcgi.parse_response(fastcgi.send_bytes(site.pool.address, whole))[0] == 200


def test_many_small_records_make_one_body(site):
    body = good(site)
    parameters = fastcgi.environ("POST", LOGIN, body, CONTENT_TYPE="application/json")
    data = fastcgi.begin() + fastcgi.params(parameters)
    data += b"".join(
        fastcgi.record(fastcgi.STDIN, body[at : at + 1], padding=at % 8) for at in range(len(body))
    )
    answer = fastcgi.parse_response(
        fastcgi.send_bytes(site.pool.address, data + fastcgi.record(fastcgi.STDIN))
    )
    assert answer[0] == 200
