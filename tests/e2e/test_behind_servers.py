"""Each web server and mode of deploy/, as shipped: what the contract's own tests do not check. With USER_API_BEHIND,
those also run behind each web server."""

import json

import pytest
from support import behind
from support.behind_fixtures import serve  # noqa: F401
from support.client import assert_error, canonical, cookie_of, set_cookie
from support.site import Site

JSON = {"Content-Type": "application/json"}
LOGIN = "/api/users/login"
LIMIT = 65536

# Paths that could be read as a path of the API are refused. Only who refuses them, and with which status, differs.
ATTACKS = [
    "/api/x/../users/1",
    "/api/users/../users/1",
    "/api//users/1",
    "//api/users/1",
    "/api/users//1",
    "/api/%2e%2e/api/users/1",
    "/api/users/%2E%2e/users/1",
    "/api/users%2F1",
    "/api%2fusers/1",
    "/api/users/%5c1",
    "/api/users/1%00",
    "/api/users/%zz",
    "/api/users/1%",
]
# Apache itself refuses a path that no file name can contain.
REFUSED_OTHERWISE = {
    ("apache-fcgid", "/api/users/1%00"): 404,
    ("apache-proxy-fcgi", "/api/users/1%00"): 404,
}
# The absolute form: nginx and lighttpd extract the path. Apache passes it on unchanged, and user-api refuses it.
ABSOLUTE_FORM = {"apache-fcgid": 400, "apache-proxy-fcgi": 400}
# mod_fcgid counts a chunked body only while it arrives, and answers 500 when it is too large.
TOO_MUCH_IN_CHUNKS = {"apache-fcgid": (500, "INTERNAL_SERVER_ERROR")}


@pytest.fixture(scope="module", params=list(behind.KINDS))
def served(request, postgres, new_folder):
    site = Site(postgres, new_folder(), kind=request.param)
    site.kind = request.param
    yield site.start()
    site.stop()


def good(site, size=0):
    body = {"email": site.seed.alice.email, "password": site.seed.alice.password}
    return json.dumps(body).encode().ljust(size)


def assert_in_our_words(answer, status, code):
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.content == canonical(answer.json())
    assert answer.headers["Content-Type"] == "application/json"


def test_both_ways_of_authorization_and_the_cookie_arrive(served):
    token = served.token(served.seed.alice)
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authentication": f"Bearer {token}"},
        {"Authorization": f"bearer {token}", "Cookie": "a=b"},
        cookie_of(token),
        {"Cookie": "a=b; " + cookie_of(token)["Cookie"] + "; c=d"},
    ):
        assert served.client.get("/api/users/token", headers=headers).status_code == 200, headers
    assert served.client.get("/api/users/token").status_code == 401


def test_the_cookie_reaches_the_client_and_is_not_secure_without_tls(served):
    answer = served.client.login(served.seed.alice.email, served.seed.alice.password)
    cookie = set_cookie(answer)
    assert cookie["httponly"] and not cookie["secure"]
    assert served.client.get("/api/users/token", headers=cookie_of(served.token(served.seed.alice))).status_code == 200


def test_the_longest_tokens_arrive_by_the_cookie_and_by_both_headers(served):
    """A login's cookie has a lower limit: Apache accepts no response line of more than 8 KiB."""
    user = served.seed.laden_user()
    cookie = served.client.login(user.email, user.password).headers["Set-Cookie"].partition(";")[0]
    assert served.client.get("/api/users/token", headers={"Cookie": cookie}).json()["id"] == user.id
    token = served.mint(user, roles=[{"code": f"r{n}", "id": n + 1, "name": "n" * 213} for n in range(24)])
    assert 8000 < len(token) <= 8192
    for headers in (cookie_of(token), {"Authorization": f"Bearer {token}"}, {"Authentication": f"Bearer {token}"}):
        assert served.client.get("/api/users/token", headers=headers).status_code == 200, headers


def test_bodies_of_no_byte_and_of_one_are_answered_by_the_application(served):
    for body in (b"", b"{", b" "):
        assert_error(served.client.post(LOGIN, data=body, headers=JSON), 422, "WRONG_PAYLOAD", "Wrong payload.")


def test_a_body_at_the_limit_passes_and_a_byte_more_does_not(served):
    assert served.client.post(LOGIN, data=good(served, LIMIT), headers=JSON).status_code == 200
    for size in (LIMIT + 1, 2 * LIMIT, 2 * LIMIT + 1, 20 * LIMIT):
        answer = served.client.post(LOGIN, data=good(served, size), headers=JSON)
        assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")


def test_a_chunked_body_has_the_same_limit(served):
    for chunks in ([], [b"{"], [b" "]):
        answer = served.client.post(LOGIN, data=iter(chunks), headers=JSON)
        assert_error(answer, 422, "WRONG_PAYLOAD", "Wrong payload.")
    for size in (100, 1000, LIMIT):
        body = good(served, size)
        answer = served.client.post(LOGIN, data=iter([body[:50], body[50:]]), headers=JSON)
        assert answer.status_code == 200, size
    body = good(served, LIMIT + 1)
    answer = served.client.post(LOGIN, data=iter([body[:50], body[50:]]), headers=JSON)
    assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The payload is too large.")
    status, code = TOO_MUCH_IN_CHUNKS.get(served.kind, (413, "PAYLOAD_TOO_LARGE"))
    answer = served.client.post(LOGIN, data=iter([b" " * LIMIT] * 5), headers=JSON)
    assert_in_our_words(answer, status, code)


def test_head_has_the_headers_of_get_and_no_body(served):
    admin = served.login(served.seed.alice)
    for path in ("/api/users/token", "/api/users/", "/api/roles/?limit=1"):
        get, head = admin.get(path), admin.head(path)
        assert (head.status_code, head.content) == (get.status_code, b"") == (200, b"")
        for name in ("Content-Type", "Content-Length", "Cache-Control"):
            assert head.headers[name] == get.headers[name]
    status, _, body = served.client.raw("HEAD", "/api/users/token")
    assert (status, body) == (401, b"")


@pytest.mark.parametrize("uri", ATTACKS)
def test_a_path_that_two_could_read_differently_is_refused_in_our_words(served, uri):
    token = served.token(served.seed.alice)
    status, headers, body = served.client.raw("GET", uri, {"Authorization": f"Bearer {token}"})
    assert status == REFUSED_OTHERWISE.get((served.kind, uri), 400)
    assert headers["Content-Type"] == "application/json"
    assert body == canonical(json.loads(body))
    assert set(json.loads(body)) == {"error_code", "message"}


def test_the_absolute_form_leads_to_the_same_path_or_nowhere(served):
    token = served.token(served.seed.alice)
    uri = f"{served.nginx.url}/api/users/token"
    status, _, _ = served.client.raw("GET", uri, {"Authorization": f"Bearer {token}"})
    assert status == ABSOLUTE_FORM.get(served.kind, 200)
    attack = f"{served.nginx.url}/api/x/../users/token"
    assert served.client.raw("GET", attack, {"Authorization": f"Bearer {token}"})[0] == 400


def test_escapes_and_arguments_arrive_as_they_were_written(served):
    admin = served.login(served.seed.alice)
    assert admin.get("/%61pi/users/%74oken").status_code == 200
    user = served.seed.user(email=f"odd+%&=é{served.kind}@example.org")
    found = admin.get("/api/users/", params={"email": "odd+\\%&=é"}).json()["users"]
    assert [each["id"] for each in found] == [user.id]


def test_a_clients_request_id_comes_back_and_a_wrong_one_does_not(served):
    answer = served.client.get("/api/users/token", headers={"X-Request-Id": "abc.DEF-1_2"})
    assert answer.headers["X-Request-Id"] == "abc.DEF-1_2"
    for wrong in ("a b", "x" * 200, '"', ""):
        answer = served.client.get("/api/users/token", headers={"X-Request-Id": wrong})
        assert answer.headers["X-Request-Id"] not in ("", wrong)


def test_a_header_with_underscores_is_nobodys(served):
    token = served.token(served.seed.alice)
    status, headers, _ = served.client.raw(
        "GET", "/api/users/token", {"X_Request_Id": "forged", "X_User_Id": "1", "Remote_User": "alice"}
    )
    assert status == 401
    assert headers["X-Request-Id"] != "forged"
    for name in ("HTTP_AUTHORIZATION", "HTTP-AUTHORIZATION", "Authorization_"):
        assert served.client.raw("GET", "/api/users/token", {name: f"Bearer {token}"})[0] == 401


def test_nothing_is_compressed_stored_or_added_to_a_body(served):
    admin = served.login(served.seed.alice)
    answer = admin.get("/api/users/token", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(canonical(answer.json())))


def test_an_etag_arrives_unchanged_both_ways_and_answers_without_a_body_are_clean(served):
    """In the tests, the servers compress every answer that their configuration allows."""
    user = served.seed.user()
    path, token = f"/api/users/{user.id}", served.token(served.seed.alice)
    authorization = ("Authorization", f"Bearer {token}")
    tag = served.pool.request(uri=path, HTTP_AUTHORIZATION=authorization[1])[1]["etag"]
    status, headers, body = served.client.raw("GET", path, [authorization, ("Accept-Encoding", "gzip, br, deflate")])
    assert (status, headers["ETag"], headers["Content-Encoding"], json.loads(body)["id"]) == (200, tag, None, user.id)
    for known in (tag, f'"x", W/{tag}'):
        status, headers, body = served.client.raw("GET", path, [authorization, ("If-None-Match", known), ("Accept-Encoding", "gzip")])
        assert (status, headers["ETag"], headers["Content-Type"], body) == (304, tag, None, b"")
    change = json.dumps({"email": user.email, "name": "changed", "active": True}).encode()
    for known, expected in (('"x"', 412), (tag, 200), (tag, 412)):
        sent = [authorization, ("If-Match", known), ("Content-Type", "application/json")]
        assert served.client.raw("PUT", path, sent, change)[0] == expected
    assert served.client.raw("DELETE", path, [authorization, ("If-Match", tag)])[0] == 412
    tag = served.client.raw("HEAD", path, [authorization])[1]["ETag"]
    status, headers, body = served.client.raw("DELETE", path, [authorization, ("If-Match", tag)])
    assert (status, headers["Content-Type"], headers["Content-Length"], headers["Transfer-Encoding"], body) == (204, None, None, None, b"")
    assert served.client.raw("DELETE", path, [authorization])[0] == 404


def test_every_allow_line_names_delete(served):
    answer = served.login(served.seed.alice).request("OPTIONS", f"/api/users/{served.seed.bella.id}")
    assert "DELETE" in answer.headers["Allow"].split(", ")
    status, headers, _ = served.client.raw("TRACE", "/api/users/1")
    assert status != 405 or "DELETE" in headers["Allow"]


def test_trace_echoes_nothing(served):
    status, _, body = served.client.raw("TRACE", "/api/users/token", {"Cookie": "secret=yes"})
    assert status in (400, 405)
    assert b"secret" not in body


def test_what_the_server_refuses_by_itself_is_said_as_json(served):
    answer = served.client.get("/api/users/token", headers={"X-Long": "x" * 40000})
    assert answer.status_code in (400, 431)
    assert_in_our_words(answer, answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize("kind", ["lighttpd-pool", "lighttpd-bin-path"])
def test_lighttpd_refuses_by_itself_what_it_does_not_know(serve, kind):
    site = serve(kind)
    status, _, body = site.client.raw("FROBNICATE", "/api/users/token")
    assert (status, json.loads(body)["error_code"]) == (501, "METHOD_NOT_ALLOWED")
    assert site.client.request("GET", "/api/roles/", data=b"x").status_code == 400
