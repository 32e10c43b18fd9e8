"""Logs: one JSON object a line; never a secret, a token, a password or a query value."""

import datetime
import json
import re

import pytest
from support.client import cookie_of, set_cookie, token_of

MADE_HERE = re.compile(r"[0-9a-f]{32}")


def lines_of(site, request_id):
    return [line for line in site.pool.log_lines() if line.get("request_id") == request_id]


@pytest.mark.parametrize("request_id", ["abc-123", "A.b_c-9", "x", "y" * 128])
def test_a_well_formed_request_id_is_taken_over_into_answer_and_log(site, request_id):
    answer = site.client.get("/api/users/token", headers={"X-Request-Id": request_id})
    assert answer.headers["X-Request-Id"] == request_id
    assert len(lines_of(site, request_id)) >= 1


@pytest.mark.parametrize(
    "request_id", ["", "a b", "y" * 129, "a/b", "a;b", "ü".encode().decode("latin-1"), 'a"b', "a\tb"]
)
def test_any_other_is_replaced(site, request_id):
    answer = site.client.get("/api/users/token", headers={"X-Request-Id": request_id.encode("latin-1")})
    given = answer.headers["X-Request-Id"]
    assert MADE_HERE.fullmatch(given)
    assert len(lines_of(site, given)) >= 1


def test_without_one_each_request_gets_its_own(site):
    given = {site.client.get("/healthz").headers["X-Request-Id"] for _ in range(10)}
    assert len(given) == 10 and all(MADE_HERE.fullmatch(each) for each in given)


def test_a_request_that_is_refused_has_one_too(site):
    status, headers, _ = site.client.raw("GET", "/api//users/", {"X-Request-Id": "refused-early"})
    assert (status, headers["X-Request-Id"]) == (400, "refused-early")
    assert len(lines_of(site, "refused-early")) >= 1


def test_every_line_is_one_json_object_with_time_level_pid_and_event(site):
    site.client.get("/api/users/token")
    before = datetime.datetime.now(datetime.timezone.utc)
    lines = site.pool.log_lines()
    assert lines
    for line in lines:
        assert line["level"] in ("debug", "info", "warn", "error")
        assert isinstance(line["pid"], int) and isinstance(line["event"], str)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        age = before - datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
        assert abs(age) < datetime.timedelta(minutes=10)


def test_a_request_is_one_line_with_method_path_and_status(site):
    site.client.request("DELETE", "/api/users/", headers={"X-Request-Id": "one-line"})
    (line,) = lines_of(site, "one-line")
    assert "DELETE" in line.values() and 405 in line.values()
    assert "/api/users/" in line.values()


def test_no_secret_token_password_or_query_value_is_ever_logged(make_site):
    site = make_site({"USER_API_LOG_LEVEL": "debug"}, workers=2)
    password, wrong, new = "passw0rd-right", "passw0rd-wrong", "passw0rd-brand-new"
    user = site.seed.user(password=password, roles=("admin",), email="logged-person@example.org")
    login = site.client.login(user.email, password)
    token = token_of(login)
    admin = site.client.bearer(token)
    site.client.login(user.email, wrong)
    site.client.login("not-there@example.org", wrong)
    site.client.get("/api/users/token", headers=cookie_of(token))
    site.client.get("/api/users/token", headers={"Authentication": f"Bearer {token}x"})
    admin.get("/api/users/?email=query-value-1&name=query-value-2&limit=query-value-3&query-name=1")
    admin.get("/nowhere?x=query-value-4")
    admin.get("/api/users?x=query-value-5")
    document = {"email": "logged@example.org", "name": "n", "password": new, "active": True, "roles": []}
    admin.post("/api/users/", document)
    admin.post("/api/users/", document)
    admin.post("/api/users/", {**document, "password": new + "x" * 80, new: 1})
    admin.post(
        "/api/users/", data=json.dumps(document)[:-2].encode(), headers={"Content-Type": "application/json"}
    )
    admin.put(
        f"/api/users/{user.id}", {"email": "logged@example.org", "name": "n", "active": True, "password": new}
    )
    site.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no % of %', NEW, TG_OP; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON _user FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    admin.post("/api/users/", {**document, "email": "refused@example.org"})
    site.sql("ALTER TABLE role RENAME TO role_is_gone")
    admin.get("/api/roles/")
    admin.post("/api/users/reset-password", {"email": user.email, "password": new})
    admin.get("/api/users/logout")
    assert site.pool.terminate() == 0
    text = site.pool.log_text()
    answered = [line for line in site.pool.log_lines() if "status" in line]
    assert {line["status"] for line in answered} >= {200, 201, 308, 401, 404, 409, 422, 500, 503}
    forbidden = [
        site.secret,
        password,
        wrong,
        new,
        token,
        token.split(".")[1],
        token.split(".")[2],
        "query-value",
    ]
    forbidden += [set_cookie(login).value, "$2b$"]
    forbidden += ["logged@example.org", "logged-person@example.org", "refused@example.org"]
    assert [each for each in forbidden if each in text] == []
    site.pool.start()


def test_what_a_client_sends_cannot_forge_a_line(site):
    count = len(site.pool.log_lines())
    for uri in (
        '/%0a{"level":"error","event":"forged"}',
        "/%22,%22event%22:%22forged%22",
        "/%1b[31m",
        "/%ff",
        "/%e2%80%a8",
    ):
        site.pool.request("GET", uri, SCRIPT_NAME=None, HTTP_X_REQUEST_ID='x","event":"forged')
        site.pool.request('G"E\nT', uri, SCRIPT_NAME=None, HTTP_USER_AGENT='","event":"forged')
    site.client.login('x\n{"event":"forged"}', "y")
    lines = site.pool.log_lines()
    assert len(lines) > count
    assert "forged" not in [line.get("event") for line in lines]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", site.pool.log_text())


def test_a_path_longer_than_any_is_cut(site):
    site.pool.request("GET", "/" + "p" * 15000, HTTP_X_REQUEST_ID="long-path")
    (line,) = lines_of(site, "long-path")
    assert "p" * 200 in line["path"] and len(json.dumps(line)) < 2000


def test_whoever_has_too_many_roles_for_a_token_is_told_nothing_but_the_log_says_it(fresh_site):
    alice = fresh_site.seed.alice
    fresh_site.sql("INSERT INTO role (code, name) SELECT repeat('r', 200) || n, 'R' FROM generate_series(1, 60) AS n")
    fresh_site.sql("INSERT INTO user_has_role SELECT %s, id FROM role ON CONFLICT DO NOTHING", (alice.id,))
    body = {"email": alice.email, "password": alice.password}
    answer = fresh_site.client.post("/api/users/login", body, headers={"X-Request-Id": "too-many-roles"})
    assert (answer.status_code, answer.json()["message"]) == (500, "Internal server error.")
    assert [line["event"] for line in lines_of(fresh_site, "too-many-roles") if line["level"] == "error"] == [
        "token too long: the user has too many roles"
    ]
