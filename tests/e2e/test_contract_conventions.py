"""Rules that hold for the answers of all endpoints."""

import json

import pytest
from support.client import assert_error, assert_json, canonical

ALLOWED = {
    "/api/users/login": {"POST", "OPTIONS"},
    "/api/users/token": {"GET", "HEAD", "OPTIONS"},
    "/api/users/logout": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/users/reset-password": {"POST", "OPTIONS"},
    "/api/users/": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/users/1": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/api/users/1/logout": {"POST", "OPTIONS"},
    "/api/roles/": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/roles/1": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/api/customers/": {"GET", "HEAD", "POST", "OPTIONS"},
    "/api/customers/1": {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
    "/api/account/": {"GET", "HEAD", "OPTIONS"},
}
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
WRONG = [(path, method) for path, allowed in ALLOWED.items() for method in METHODS if method not in allowed]
GETS = ["/api/users/token", "/api/users/", "/api/users/1", "/api/roles/", "/api/roles/1", "/api/account/", "/api/users/?limit=1&offset=1"]


def document(**changes):
    return {
        "email": "e@example.org",
        "name": "n",
        "password": "12345678",
        "active": True,
        "roles": [],
        **changes,
    }


def answers(site):
    """(what it carries, answer) for every endpoint and every kind of failure."""
    admin, nobody = site.login(site.seed.alice), site.login(site.seed.albert)
    user = site.seed.user()
    me = {"email": user.email, "password": user.password}
    new = document(email=f"conventions{user.id}@example.org")
    update = {"email": user.email, "name": 'Ünïcode \u2028 "quoted" a/b \\', "active": True}
    return [
        ("user", site.client.post("/api/users/login", me)),
        ("user", admin.get("/api/users/token")),
        ("user", admin.get("/api/users/")),
        ("user", admin.get(f"/api/users/{user.id}")),
        ("user", admin.put(f"/api/users/{user.id}", update)),
        ("user", admin.post("/api/users/reset-password", me)),
        ("user", admin.post("/api/users/", new)),
        ("token", nobody.get("/api/users/logout")),
        ("roles", admin.get("/api/roles/")),
        ("error", site.client.post("/api/users/login", {**me, "password": "wrong"})),
        ("error", site.client.post("/api/users/login", {})),
        ("error", site.client.post("/api/users/login", data=b"x")),
        ("error", site.client.get("/api/users/token")),
        ("error", nobody.get("/api/users/")),
        ("error", admin.get("/api/users/?limit=x")),
        ("error", admin.get("/api/users/2147483647")),
        ("error", admin.get("/nowhere")),
        ("error", admin.request("DELETE", "/api/users/")),
        ("error", site.client.get("/api//users/")),
        ("error", admin.post("/api/users/", new)),
    ]


def test_every_body_is_one_compact_sorted_json_object_that_ends_in_a_newline(site):
    for _, answer in answers(site):
        assert answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json(), dict)
        assert answer.content == canonical(answer.json())
        assert answer.headers["Content-Length"] == str(len(answer.content))


def test_every_answer_forbids_sniffing_and_carries_a_request_id(site):
    for _, answer in answers(site):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]


def test_whatever_carries_a_user_or_a_token_is_not_to_be_stored(site):
    for what, answer in answers(site):
        if what in ("user", "token"):
            assert answer.headers["Cache-Control"] == "no-store"


def test_every_error_has_a_code_and_a_message_and_no_more_than_a_payload(site):
    for what, answer in answers(site):
        assert (answer.status_code >= 400) == (what == "error")
        if what == "error":
            assert set(answer.json()) - {"payload"} == {"error_code", "message"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", ["/api/users", "/api/roles", "/api/customers", "/api/account"])
def test_a_collection_without_its_slash_is_redirected_to_it_with_the_query_kept(site, path, method):
    for query in ("", "?limit=1&offset=2", "?email=a%20b%26c&&x", "?"):
        answer = site.client.request(method, path + query)
        assert answer.status_code == 308
        targets = [path + "/" + query] + ([path + "/"] if query == "?" else [])
        assert answer.headers["Location"].removeprefix(site.nginx.url) in targets
        assert answer.headers["Content-Type"] == "application/json"
        if answer.content:
            assert answer.content == canonical(answer.json())


def test_a_redirect_cannot_be_made_to_split_the_header(site):
    status, headers, _ = site.client.raw("GET", "/api/users?x=%0d%0aSet-Cookie:%20a=b")
    assert status == 308
    assert "Set-Cookie" not in headers
    assert headers["Location"].endswith("/api/users/?x=%0d%0aSet-Cookie:%20a=b")


@pytest.mark.parametrize("path", GETS)
def test_head_gives_the_headers_of_get_without_its_body(site, path):
    admin = site.login(site.seed.alice)
    get, head = admin.get(path), admin.head(path)
    assert (head.status_code, head.content) == (get.status_code, b"") == (200, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers.get(name) == get.headers.get(name)


def test_head_is_refused_as_get_is(site):
    assert site.client.head("/api/users/token").status_code == 401
    assert site.login(site.seed.albert).head("/api/users/").status_code == 403
    assert site.login(site.seed.alice).head("/api/users/2147483647").status_code == 404


@pytest.mark.parametrize("path", ALLOWED)
def test_options_answers_200_and_says_what_is_allowed(site, path):
    answer = site.client.request("OPTIONS", path)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == ALLOWED[path]


@pytest.mark.parametrize("path,method", WRONG)
def test_a_wrong_method_on_a_known_path_is_405_and_says_what_is_allowed(site, path, method):
    answer = site.client.request(method, path)
    assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert set(answer.headers["Allow"].split(", ")) == ALLOWED[path]


def test_a_method_nobody_knows_is_405(site):
    status, headers, body = site.client.raw("FROBNICATE", "/api/users/token")
    assert (status, json.loads(body)["error_code"]) == (405, "METHOD_NOT_ALLOWED")
    assert set(headers["Allow"].split(", ")) == ALLOWED["/api/users/token"]


@pytest.mark.parametrize(
    "path",
    ["/", "/api", "/api/", "/api/user", "/api/usersx", "/api/users/login/", "/api/users/1/", "/api/users/1/x"]
    + [
        "/api/roles/1/x",
        "/api/rolesx/",
        "/API/users/",
        "/api/users/LOGIN",
        "/favicon.ico",
        "/api/users/token/x",
    ],
)
def test_an_unknown_path_is_404_with_and_without_credentials(site, path):
    for client in (site.client, site.login(site.seed.alice)):
        assert_error(client.get(path), 404, "NOT_FOUND", "Not found.")


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "+1", "01", "1.0", "1e3", "0x1", "abc", "1a", "%201", "1%20", "2147483648", "4294967297"]
    + ["9223372036854775808", "18446744073709551617", "9" * 60, "%D9%A1", "%EF%BC%91"],
)
def test_an_id_that_is_no_positive_32_bit_decimal_is_404(site, number):
    admin = site.login(site.seed.alice)
    update = {"email": "nobody@example.org", "name": "n", "active": True}
    assert_error(admin.get(f"/api/users/{number}"), 404, "NOT_FOUND", "Not found.")
    assert_error(admin.put(f"/api/users/{number}", update), 404, "NOT_FOUND", "Not found.")


def test_options_on_an_unknown_path_is_404(site):
    assert_error(site.client.request("OPTIONS", "/api/nowhere"), 404, "NOT_FOUND", "Not found.")


def test_the_greatest_32_bit_id_is_one(site):
    answer = site.login(site.seed.alice).get("/api/users/2147483647")
    assert_error(answer, 404, "NOT_FOUND", "User '2147483647' doesn't exist.")


def test_both_prefixes_are_configurable(make_site):
    site = make_site({"USER_API_USERS_PREFIX": "/people", "USER_API_ROLES_PREFIX": "/v1/groups"}, workers=1)
    alice = site.seed.alice
    answer = site.client.post("/people/login", {"email": alice.email, "password": alice.password})
    assert answer.status_code == 200
    admin = site.client.bearer(site.mint(alice))
    assert_json(admin.get(f"/people/{alice.id}"), 200, alice.full())
    assert len(admin.get("/v1/groups/").json()["roles"]) == 3
    assert admin.get("/people").headers["Location"].endswith("/people/")
    for path in ("/api/users/", "/api/roles/"):
        assert_error(admin.get(path), 404, "NOT_FOUND", "Not found.")


def test_an_internal_error_says_nothing_but_the_log_does_under_the_request_id(fresh_site):
    admin = fresh_site.login(fresh_site.seed.alice)
    fresh_site.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON _user FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    document = {"email": "refused@example.org", "name": "n", "password": "12345678", "active": True, "roles": []}
    answer = admin.post("/api/users/", document, headers={"X-Request-Id": "find-me-in-the-log"})
    assert_error(answer, 500, "INTERNAL_SERVER_ERROR", "Internal server error.")
    lines = [line for line in fresh_site.pool.log_lines() if line.get("request_id") == "find-me-in-the-log"]
    assert any("P0001" in str(line.values()) for line in lines)
    fresh_site.sql("DROP TRIGGER refuse ON _user")
    assert admin.post("/api/users/", document).status_code == 201
