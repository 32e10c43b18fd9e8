"""The guard's own answers: the endpoint for auth_request and forward-auth, and the FastCGI role Authorizer."""

import time

import pytest
from support import fastcgi
from support.client import assert_error, cookie_of
from support.guard_fixtures import guarded_site  # noqa: F401

GUARD = "/api/guard"
IDENTITY = {"id": "X-User-Id", "email": "X-User-Email", "name": "X-User-Name", "roles": "X-User-Roles", "customer": "X-User-Customer"}


@pytest.fixture
def site(guarded_site):  # noqa: F811
    return guarded_site


def as_program(token=None):
    return {"HTTP_ACCEPT": "application/json", **({} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"})}


def authorize(site, uri="/anything", method="GET", **more):
    """The authorizer's answer: (status, headers, body)."""
    parameters = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "FCGI_ROLE": "AUTHORIZER", **more}
    return fastcgi.request(site.pool.address, parameters, role=fastcgi.AUTHORIZER)


def test_the_endpoint_tells_who_the_caller_is_and_has_no_body(site):
    user = site.seed.user("Jürgen 100%, ok", email="j@guard.example", roles=("reader", "writer"))
    answer = site.login(user).get(GUARD)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    told = {key: answer.headers[name] for key, name in IDENTITY.items()}
    assert told == {
        "id": str(user.id), "email": "j@guard.example", "name": "J%C3%BCrgen 100%25, ok",
        "roles": "reader,writer", "customer": str(user.customer_id),
    }  # fmt: skip


def test_a_role_with_a_comma_is_told_as_one_role(site):
    """The API creates no such role, but plain SQL can. An application that splits the list must not see two roles."""
    site.seed.role("reader,admin")
    answer = site.login(site.seed.user(roles=("reader,admin", "writer"))).get(GUARD)
    assert set(answer.headers[IDENTITY["roles"]].split(",")) == {"reader%2Cadmin", "writer"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "FOO"])
def test_no_method_opens_the_endpoint(site, method):
    headers = {"Accept": "application/json"}
    assert site.client.request(method, GUARD, headers=headers).status_code == 401
    assert site.login(site.seed.albert).request(method, GUARD + "?roles=admin").status_code == 403
    assert site.login(site.seed.alice).request(method, GUARD + "?roles=admin").status_code == 200
    assert authorize(site, method=method, **as_program())[0] == 401
    assert authorize(site, method=method, **as_program(site.token(site.seed.alice)))[0] == 200


def test_refusals_of_the_endpoint_are_those_of_the_api(site):
    assert_error(site.client.get(GUARD), 401, "UNAUTHORIZED", "No credentials supplied.")
    assert_error(site.client.bearer("a.b.c").get(GUARD), 401, "UNAUTHORIZED", "Invalid token.")
    answer = site.login(site.seed.albert).get(GUARD + "?roles=admin,writer")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin, writer role(s).")


def test_roles_of_the_parameter_and_of_the_query_all_apply(site):
    token = site.token(site.seed.user(roles=("reader", "writer")))
    cases = [("", "", 200), ("reader", "", 200), ("reader", "?roles=writer", 200), ("admin", "?roles=writer", 403),
             ("writer", "?roles=reader&roles=admin", 403), ("reader, writer", "?", 200), ("Reader", "", 403),
             ("nobody-has-this", "", 403), ("reader", "?roles=writer%2Cadmin", 403)]  # fmt: skip
    for parameter, query, status in cases:
        found = site.pool.request("GET", GUARD + query, USER_API_REQUIRE_ROLES=parameter, **as_program(token))
        assert found[0] == status, (parameter, query)


WRONG_ROLES = [",", " ", "admin,", ",admin", "admin,,admin", "admin, ,admin", "ad\nmin", "x," * 300]
WRONG_CUSTOMERS = ["", " ", "0", "-1", "+1", "01", "abc", "1,2", "1 2", "1.0", "2147483648", "99999999999999999999", "1\n"]
WRONG_QUERIES = ["roles=", "roles", "roles=%20", "roles=%09", "roles=,", "roles=admin,,admin", "roles=admin,", "roles=admin&roles=",
                 "roles=%00", "role=admin", "x", "roles=%zz", "ROLES=admin", "customer", "customer=", "customer=%20", "customer=0",
                 "customer=abc", "customer=1,2", "customer=1&customer=1", "customer=1&customer=", "customer=1%00", "Customer=1",
                 "&".join(["roles=admin"] * 65)]  # fmt: skip


def ways_of(site, parameters, query, **more):
    """The status of the endpoint and, without a query, also of the authorizer."""
    yield site.pool.request("GET", GUARD + (f"?{query}" if query else ""), **parameters, **more)[0]
    if not query:
        yield authorize(site, **parameters, **more)[0]


def slips():
    yield from (({"USER_API_REQUIRE_ROLES": wrong}, "") for wrong in WRONG_ROLES)
    yield from (({"USER_API_REQUIRE_CUSTOMER": wrong}, "") for wrong in WRONG_CUSTOMERS)
    yield from (({}, wrong) for wrong in WRONG_QUERIES)
    yield {"USER_API_REQUIRE_ROLES": "admin", "USER_API_REQUIRE_CUSTOMER": ""}, ""
    yield {"USER_API_REQUIRE_CUSTOMER": ""}, "roles=admin&customer=1"


def errors_since(site, start):
    return [line for line in site.pool.log_lines(start) if line["level"] == "error"]


def test_what_the_operator_wrote_wrongly_lets_nobody_in_and_is_in_the_log(site):
    token = as_program(site.token(site.seed.alice))
    for parameters, query in slips():
        start = site.pool.process.log_size()
        found = set(ways_of(site, parameters, query, **token))
        assert found == {500}, (parameters, query)
        said = {line["unreadable"] for line in errors_since(site, start)}
        assert said and said <= {"roles", "customer", "query"}, (parameters, query)
    for name in ("USER_API_REQUIRE_ROLES", "USER_API_REQUIRE_CUSTOMER"):
        twice = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), (name, "1"), (name, ""), *token.items()]
        assert fastcgi.request(site.pool.address, twice, role=fastcgi.AUTHORIZER)[0] == 400


def test_an_anonymous_clients_odd_query_is_a_plain_401_and_no_error_in_the_log(site):
    start = site.pool.process.log_size()
    for parameters, query in slips():
        for who in (as_program(), as_program("a.b.c")):
            assert set(ways_of(site, parameters, query, **who)) == {401}, (parameters, query)
    assert errors_since(site, start) == []


def test_only_the_required_customer_passes(site):
    own, other = site.seed.alice.customer_id, site.seed.bob.customer_id
    assert own != other
    callers = [(site.seed.alice, own), (site.seed.albert, own), (site.seed.bob, other)]
    for user, customer in callers:
        token = as_program(site.token(user))
        for required in (own, other, 2147483647):
            expected = {200 if required == customer else 403}
            assert set(ways_of(site, {"USER_API_REQUIRE_CUSTOMER": str(required)}, "", **token)) == expected
            assert set(ways_of(site, {"USER_API_REQUIRE_CUSTOMER": f" {required}\t"}, "", **token)) == expected
            assert set(ways_of(site, {}, f"customer={required}", **token)) == expected
            assert set(ways_of(site, {}, f"customer=%20{required}+", **token)) == expected
    answer = site.login(site.seed.bob).get(GUARD + f"?customer={own}")
    assert_error(answer, 403, "FORBIDDEN", "You don't belong to the required customer.")


def test_another_customers_admin_passes_roles_alone_and_no_customer(site):
    own, foreign = (as_program(site.token(user)) for user in (site.seed.alice, site.seed.bella))
    customer = str(site.seed.alice.customer_id)
    assert set(ways_of(site, {"USER_API_REQUIRE_ROLES": "admin"}, "", **foreign)) == {200}
    both = {"USER_API_REQUIRE_ROLES": "admin", "USER_API_REQUIRE_CUSTOMER": customer}
    reader = as_program(site.token(site.seed.albert))
    for who, expected in ((own, 200), (foreign, 403), (reader, 403)):
        assert set(ways_of(site, both, "", **who)) == {expected}
        assert set(ways_of(site, {}, f"roles=admin&customer={customer}", **who)) == {expected}
        assert set(ways_of(site, {"USER_API_REQUIRE_CUSTOMER": customer}, "roles=admin", **who)) == {expected}
        assert set(ways_of(site, {"USER_API_REQUIRE_ROLES": "admin"}, f"customer={customer}", **who)) == {expected}


def test_two_customers_that_differ_let_nobody_in(site):
    one, other = site.seed.alice.customer_id, site.seed.bob.customer_id
    for user in (site.seed.alice, site.seed.bob):
        token = as_program(site.token(user))
        for parameter, query in ((one, other), (other, one)):
            assert set(ways_of(site, {"USER_API_REQUIRE_CUSTOMER": str(parameter)}, f"customer={query}", **token)) == {403}
    assert set(ways_of(site, {"USER_API_REQUIRE_CUSTOMER": str(other)}, f"customer={other}", **token)) == {200}


def test_no_client_can_choose_the_customer_of_a_guard(site):
    """A client's headers arrive under other names, and its path and query decide nothing."""
    token = as_program(site.token(site.seed.bob))
    required = {"USER_API_REQUIRE_CUSTOMER": str(site.seed.alice.customer_id)}
    own = str(site.seed.bob.customer_id)
    sent = {"HTTP_USER_API_REQUIRE_CUSTOMER": own, "HTTP_X_USER_CUSTOMER": own, "QUERY_STRING": f"customer={own}"}
    assert authorize(site, f"/x?customer={own}", **required, **sent, **token)[0] == 403
    sent["HTTP_X_FORWARDED_URI"] = f"/x?customer={own}"
    assert site.pool.request("GET", GUARD, **required, **sent, **token)[0] == 403


def test_the_authorizer_tells_variables_and_nothing_else(site):
    user = site.seed.user("Ann\r\nX: y", email="ann@authorizer.example", roles=("reader",))
    status, headers, body = authorize(site, **as_program(site.token(user)))
    assert (status, body) == (200, b"")
    assert {name: value for name, value in headers.items() if name[0] != "*"} == {
        "status": "200 OK",
        "variable-user_id": str(user.id),
        "variable-user_email": "ann@authorizer.example",
        "variable-user_name": "Ann%0D%0AX: y",
        "variable-user_roles": "reader",
        "variable-user_customer": str(user.customer_id),
        "variable-remote_user": "ann@authorizer.example",
    }


def test_the_authorizer_decides_whatever_the_path_and_never_reads_a_body(site):
    token = site.token(site.seed.albert)
    for uri in ("//a//b/../%2F%00%zz\\", "http://other.example/x", "*", "", "/" + "x" * 40000, "/api/users/login", "/healthz"):
        for method in ("GET", "POST"):
            more = {"CONTENT_LENGTH": "1000000", "QUERY_STRING": "roles=admin"}
            assert authorize(site, uri, method, **as_program(), **more)[0] == 401, uri[:50]
            assert authorize(site, uri, method, **as_program(token), **more)[0] == 200, uri[:50]
            assert authorize(site, uri, method, USER_API_REQUIRE_ROLES="admin", **as_program(token), **more)[0] == 403


def test_the_authorizer_refuses_every_wrong_token(site):
    user = site.seed.user()
    old = site.token(user)
    site.client.bearer(old).get("/api/users/logout")
    wrong = ["x", "a.b.c", old, site.mint(user, exp=int(time.time()) - 1), site.mint(user, exp=None), site.mint(user, secret="s" * 40)]
    for token in wrong:
        headers = [as_program(token), {"HTTP_ACCEPT": "application/json", "HTTP_COOKIE": cookie_of(token)["Cookie"]}]
        for each in headers:
            status, found, body = authorize(site, **each)
            assert status == 401 and b"Invalid token." in body and found["content-type"] == "application/json"


def place(site, uri, **more):
    status, headers, _ = authorize(site, uri, **more)
    return headers.get("location") if status == 302 else status


HOSTILE = ["//evil.example", "/\\evil.example", "https:evil.example", "http://evil.example/x", "/%2f/evil.example", "/%5cevil.example",
           "/%252f%252fevil.example", "/\t/evil.example", "/a\r\nSet-Cookie: x=y", "@evil.example", "/..//evil.example",
           "/%2e%2e//evil.example", "", "*"]  # fmt: skip


def test_a_page_is_sent_to_the_login_and_back_to_where_it_was(site):
    assert place(site, "/private/?a=b&c=%C3%BC") == "/login/?next=/private/%3Fa%3Db%26c%3D%25C3%25BC"
    assert place(site, "/x", HTTP_ACCEPT="text/html,*/*;q=0.1", HTTP_SEC_FETCH_MODE="navigate") == "/login/?next=/x"
    assert place(site, "/x", HTTP_COOKIE=cookie_of("a.b.c")["Cookie"]) == "/login/?next=/x"


@pytest.mark.parametrize("target", HOSTILE)
def test_the_login_never_leads_back_to_another_site(site, target):
    assert place(site, target) == "/login/?next=/"
    answer = site.pool.request("GET", GUARD, HTTP_X_FORWARDED_URI=target)
    assert (answer[0], answer[1]["x-login-location"]) == (401, "/login/?next=/")
    assert "set-cookie" not in answer[1]


def test_what_is_no_page_gets_the_401(site):
    assert place(site, "/x", HTTP_ACCEPT="application/json") == 401
    assert place(site, "/x", HTTP_SEC_FETCH_MODE="cors", HTTP_ACCEPT="*/*") == 401
    assert place(site, "/x", method="POST") == 401
    assert place(site, "/x", HTTP_AUTHORIZATION="Bearer a.b.c") == 401
    assert place(site, "/x", HTTP_AUTHENTICATION="Bearer a.b.c") == 401


def test_apache_shows_a_page_of_its_own_to_a_person_who_lacks_a_role(site):
    person = {"HTTP_ACCEPT": "text/html,*/*;q=0.8", "HTTP_COOKIE": cookie_of(site.token(site.seed.albert))["Cookie"]}
    apache = {"FCGI_APACHE_ROLE": "AUTHENTICATOR", "USER_API_REQUIRE_ROLES": "admin"}
    for method in ("GET", "POST"):
        assert authorize(site, method=method, **apache, **person)[::2] == (403, b"")
    other_server = {"FCGI_APACHE_ROLE": ""}
    script = {"HTTP_SEC_FETCH_MODE": "cors"}
    program = {"HTTP_ACCEPT": "*/*"}
    by_header = {"HTTP_AUTHORIZATION": f"Bearer {site.token(site.seed.albert)}"}
    for change in (other_server, script, program, by_header):
        status, headers, body = authorize(site, **{**apache, **person, **change})
        assert (status, headers["content-type"]) == (403, "application/json"), change
        assert b"You don't have the admin role(s)." in body, change
    status, _, body = authorize(site, **{**apache, **person, "HTTP_COOKIE": ""})
    assert status == 302, body


def test_the_endpoint_says_where_to_log_in_and_keeps_its_status(site):
    status, headers, _ = site.pool.request("GET", GUARD, HTTP_X_FORWARDED_URI="/a?b=c", HTTP_X_FORWARDED_METHOD="GET")
    assert (status, headers["x-login-location"]) == (401, "/login/?next=/a%3Fb%3Dc")
    status, headers, _ = site.pool.request("GET", GUARD, HTTP_X_FORWARDED_URI="/a", HTTP_X_FORWARDED_METHOD="POST")
    assert status == 401 and "x-login-location" not in headers


def test_without_a_login_page_nobody_is_redirected(make_site):
    site = make_site({"USER_API_GUARD_PREFIX": "/gate"})
    assert authorize(site)[0] == 401
    answer = site.client.get("/gate")
    assert answer.status_code == 401 and "X-Login-Location" not in answer.headers
    assert site.client.get("/api/guard").status_code == 404
    assert site.login(site.seed.alice).get("/gate?roles=admin").status_code == 200
