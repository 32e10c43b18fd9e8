"""Pitfalls of the libraries and servers below the service that no other file tests."""

import json
import threading

import pytest
from support import fastcgi
from support.client import assert_json, assert_wrong_login, what_was_said
from support.postgres import SERVICE_ACCOUNT
from support.processes import wait_until
from support.site import end_sessions, sessions


def test_a_column_added_to_a_live_table_disturbs_no_worker(fresh_site):
    """SELECT * in a prepared statement would fail with "cached plan must not change result type"."""
    admin = fresh_site.login(fresh_site.seed.alice)
    paths = ["/api/users/token", "/api/users/", f"/api/users/{fresh_site.seed.alice.id}", "/api/roles/"]
    for table in ("_user", "role", "customer", "user_has_role", "schema_spec", "revoked_token", "failed_login"):
        for _ in range(2 * fresh_site.pool.workers):
            assert [admin.get(path).status_code for path in paths] == [200] * 4
        fresh_site.sql(f"ALTER TABLE {table} ADD COLUMN added text")
    for _ in range(2 * fresh_site.pool.workers):
        assert [admin.get(path).status_code for path in paths] == [200] * 4
    assert fresh_site.login(fresh_site.seed.albert).get("/api/users/logout").status_code == 200


def test_without_prepared_statements_and_session_settings_everything_works_behind_a_pooler(make_site):
    """Ends every session before each request, as a transaction pooler may do."""
    site = make_site({"USER_API_DATABASE_PREPARED": "off"}, workers=2)
    seed = site.seed
    admin = site.login(seed.alice)
    document = {
        "email": "pooled@example.org",
        "name": "n",
        "password": "12345678",
        "active": True,
        "roles": [{"id": 2}],
    }
    made = admin.post("/api/users/", document)
    assert made.status_code == 201
    update = {
        "email": "pooled@example.org",
        "name": "m",
        "active": True,
        "roles": [{"id": 1}],
        "password": "87654321",
    }
    for send, status in (
        (lambda: admin.get("/api/users/?email=pooled&name=%25"), 200),
        (lambda: admin.put(f"/api/users/{made.json()['id']}", update), 200),
        (lambda: admin.get("/api/roles/"), 200),
        (
            lambda: admin.post(
                "/api/users/reset-password", {"email": "pooled@example.org", "password": "12345678"}
            ),
            200,
        ),
        (lambda: site.client.login("pooled@example.org", "12345678"), 200),
        (lambda: site.client.get("/readyz"), 200),
        (lambda: admin.get("/api/users/logout"), 200),
        (lambda: admin.get("/api/users/token"), 401),
    ):
        assert end_sessions(site) >= 1
        assert send().status_code == status


@pytest.mark.parametrize("prepared", ["on", "off"])
def test_a_logout_whose_guard_asks_nothing_survives_that_its_session_was_ended(make_site, prepared):
    """The session table answers the guard, so no earlier statement finds out that the connection is lost."""
    site = make_site({"USER_API_DATABASE_PREPARED": prepared}, workers=1)
    for _ in range(3):
        admin = site.login(site.seed.alice)
        assert {admin.get("/api/users/token").status_code for _ in range(2)} == {200}
        assert end_sessions(site) >= 1
        assert admin.get("/api/users/logout").status_code == 200
        assert admin.get("/api/users/token").status_code == 401


def test_a_worker_never_leaves_a_transaction_open(site):
    admin = site.login(site.seed.alice)
    user = site.seed.user()
    update, statuses = {"email": user.email, "name": "n", "active": True}, []
    for change in ({}, {"email": site.seed.bob.email}, {"roles": [{"id": 99}]}, {"roles": [{"id": 1}]}):
        statuses.append(admin.put(f"/api/users/{user.id}", {**update, **change}).status_code)
        statuses.append(admin.put(f"/api/users/{site.seed.bob.id}", {**update, **change}).status_code)
        document = {**update, "password": "12345678", "roles": [], **change}
        statuses.append(admin.post("/api/users/", document).status_code)
    assert set(statuses) == {200, 404, 409, 422}
    assert sessions(site)
    busy = "SELECT state, query FROM pg_stat_activity WHERE pid = ANY(%s) AND state <> 'idle'"
    assert site.sql(busy, (sessions(site),)) == []


def test_two_updates_at_once_leave_one_or_the_other_and_never_a_mixture(site):
    user = site.seed.user()
    token = site.token(site.seed.alice)
    variants = [
        {"email": user.email, "name": "first", "active": True, "roles": [{"id": 1}]},
        {"email": user.email, "name": "second", "active": True, "roles": [{"id": 2}, {"id": 3}]},
    ]
    statuses = []

    def repeat(document):
        client = site.client.bearer(token)
        for _ in range(15):
            statuses.append(client.put(f"/api/users/{user.id}", document).status_code)

    threads = [threading.Thread(target=repeat, args=(variant,)) for variant in variants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}
    row = site.seed.row(user)
    assert (row[1], row[5]) in (("first", ["admin"]), ("second", ["reader", "writer"]))


def test_one_persons_request_leaves_nothing_for_the_next(make_site):
    """One worker serves all callers. It must not keep a parameter, body or session of one request for the next."""
    site = make_site(workers=1)
    alice, bella = site.login(site.seed.alice), site.login(site.seed.bella)
    for _ in range(5):
        assert alice.get("/api/users/token").json()["name"] == "alice"
        assert site.client.get("/api/users/token").status_code == 401
        assert bella.get("/api/users/?name=b").json()["users"][0]["customer"] == {"id": site.seed.b}
        answer = site.client.post("/api/users/login", data=b"", headers={"Content-Type": "application/json"})
        assert answer.json()["error_code"] == "WRONG_PAYLOAD"


def test_slashes_are_written_as_they_are(site):
    user = site.seed.user(name="a/b</script>")
    answer = site.login(site.seed.alice).get(f"/api/users/{user.id}")
    assert b'"name":"a/b</script>"' in answer.content


def test_two_long_passwords_that_bcrypt_cannot_tell_apart_are_told_apart(site):
    user = site.seed.user(password="x" * 72)
    assert_wrong_login(site.client.login(user.email, "x" * 72 + "y"))
    assert site.client.login(user.email, "x" * 72).status_code == 200


def test_a_proxy_header_means_nothing(site):
    """In CGI, this header becomes HTTP_PROXY, which libraries use as the address of a proxy. nginx removes it."""
    token = site.token(site.seed.alice)
    path, header = "/api/users/token", {"Proxy": "http://127.0.0.1:1"}
    for client, status in ((site.client, 401), (site.client.bearer(token), 200)):
        answer = client.get(path, headers=header)
        assert answer.status_code == status
        assert what_was_said(answer) == what_was_said(client.get(path))
    for more in ({}, {"HTTP_AUTHORIZATION": f"Bearer {token}"}):
        usual, proxied = (
            site.pool.request("GET", path, HTTP_X_REQUEST_ID="proxied", **more, **extra)
            for extra in ({}, {"HTTP_PROXY": "http://127.0.0.1:1"})
        )
        assert proxied == usual


def test_the_database_is_used_with_the_rights_of_the_service_account_alone(site):
    site.login(site.seed.alice)
    assert sessions(site)
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s"
    assert site.sql(rights, (SERVICE_ACCOUNT,)) == [(False, False, False, False)]
    assert site.sql("SELECT has_schema_privilege('user_api_sa', 'public', 'CREATE')") == [(False,)]
    for table in ("_user", "role", "customer", "schema_spec", "user_has_role"):
        for right in ("TRUNCATE", "TRIGGER", "REFERENCES"):
            assert site.sql("SELECT has_table_privilege('user_api_sa', %s, %s)", (table, right)) == [(False,)]


def test_a_preset_search_path_does_not_decide_which_functions_set_up_a_session(fresh_site):
    """The search path of an account or a database may put another schema before pg_catalog."""
    fresh_site.sql("CREATE SCHEMA hostile")
    fresh_site.sql("GRANT USAGE ON SCHEMA hostile TO PUBLIC")
    fresh_site.sql(
        "CREATE FUNCTION hostile.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS 'SELECT $2'"
    )
    fresh_site.sql(f"ALTER DATABASE {fresh_site.database} SET search_path = hostile, pg_catalog")
    assert fresh_site.login(fresh_site.seed.alice).get("/api/users/").status_code == 200


def test_a_worker_holds_one_connection_and_keeps_it(make_site):
    site = make_site(workers=1)
    admin = site.login(site.seed.alice)
    (first,) = sessions(site)
    document = {"email": "one@example.org", "name": "n", "password": "12345678", "active": True, "roles": [{"id": 2}]}
    for send in (
        lambda: admin.get("/api/users/"),
        lambda: admin.get("/api/roles/"),
        lambda: admin.post("/api/users/", document),
        lambda: admin.post("/api/users/", document),  # a conflict
        lambda: site.client.login("one@example.org", "12345678"),
        lambda: site.client.get("/readyz"),
        lambda: admin.get("/api/users/logout"),
    ):
        assert send().status_code in (200, 201, 409)
        assert sessions(site) == [first]


def test_connections_are_closed_when_the_pool_stops(fresh_site):
    fresh_site.login(fresh_site.seed.alice)
    assert sessions(fresh_site)
    assert fresh_site.pool.terminate() == 0
    wait_until(lambda: not sessions(fresh_site), 20, "no connection is left")
    fresh_site.pool.start()


def test_ids_are_numbers_also_where_they_are_great(fresh_site):
    fresh_site.sql("ALTER TABLE _user ALTER COLUMN id RESTART WITH 2147483640")
    user = fresh_site.seed.user()
    assert user.id == 2147483640
    assert_json(fresh_site.login(fresh_site.seed.alice).get(f"/api/users/{user.id}"), 200, user.full())
    assert fresh_site.login(user).get("/api/users/token").json()["id"] == user.id


@pytest.mark.parametrize(
    "name",
    [
        "REQUEST_METHOD",
        "REQUEST_URI",
        "QUERY_STRING",
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "HTTP_AUTHORIZATION",
    ],
)
def test_a_parameter_given_twice_is_refused_not_picked_from(site, name):
    token = site.token(site.seed.alice)
    values = fastcgi.environ("GET", "/api/users/token", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert fastcgi.request(site.pool.address, values)[0] == 200
    status, _, body = fastcgi.request(site.pool.address, [*values.items(), (name, values[name])])
    assert (status, set(json.loads(body))) == (400, {"error_code", "message"})


def test_an_answer_is_whole_whatever_its_size(fresh_site):
    fresh_site.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT repeat('é', 200) || n, repeat('\"', 255), '', '', true, %s FROM generate_series(1, 1200) n",
        (fresh_site.seed.a,),
    )
    answer = fresh_site.login(fresh_site.seed.alice).get("/api/users/?limit=1000")
    assert (len(answer.json()["users"]), answer.json()["has_next"]) == (1000, True)
    assert len(answer.content) == int(answer.headers["Content-Length"]) > 900_000
