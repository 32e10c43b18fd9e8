"""GET /api/roles/, and the rights of users. For those of operators, see test_role_changes.py and test_customers.py."""

import pytest
from support import seed
from support.client import assert_error, assert_json, assert_wrong_args

ADMIN_ONLY = [
    ("GET", "/api/users/", None),
    ("POST", "/api/users/", {}),
    ("GET", "/api/users/1", None),
    ("PUT", "/api/users/1", {}),
    ("DELETE", "/api/users/1", None),
    ("POST", "/api/users/1/logout", None),
    ("GET", "/api/roles/", None),
    ("GET", "/api/roles/1", None),
]
CONNECTED = ADMIN_ONLY + [
    ("GET", "/api/users/token", None),
    ("GET", "/api/users/logout", None),
    ("POST", "/api/users/logout", None),
    ("POST", "/api/users/reset-password", {}),
    ("GET", "/api/account/", None),
]


def test_the_roles_come_ordered_by_id(site):
    answer = site.login(site.seed.alice).get("/api/roles/")
    assert_json(answer, 200, {"has_next": False, "roles": seed.roles("admin", "reader", "writer")})


def test_limit_and_offset_cut_the_page(site):
    client = site.login(site.seed.alice)
    roles = seed.roles("admin", "reader", "writer")
    for limit, offset in ((0, 0), (1, 0), (2, 0), (3, 0), (2, 1), (1, 2), (1, 3), (1000, 0), (0, 3)):
        answer = client.get(f"/api/roles/?limit={limit}&offset={offset}")
        expected = {"has_next": offset + limit < 3, "roles": roles[offset : offset + limit]}
        assert_json(answer, 200, expected)


def test_twenty_are_listed_by_default(fresh_site):
    fresh_site.sql("INSERT INTO role (code, name) SELECT 'r' || n, 'R' FROM generate_series(1, 18) n")
    body = fresh_site.login(fresh_site.seed.alice).get("/api/roles/").json()
    assert (len(body["roles"]), body["has_next"]) == (20, True)


@pytest.mark.parametrize(
    "query,payload",
    [
        ("limit=-1&offset=-2", {"limit": ["min value is 0"], "offset": ["min value is 0"]}),
        ("limit=1001", {"limit": ["max value is 1000"]}),
        ("email=x", {"email": ["unknown field"]}),
    ],
)
def test_wrong_arguments_are_named(site, query, payload):
    assert_wrong_args(site.login(site.seed.alice).get("/api/roles/?" + query), payload)


@pytest.mark.parametrize("method,path,document", ADMIN_ONLY)
def test_what_is_for_admins_is_refused_to_all_others_before_anything_else_is_looked_at(
    site, method, path, document
):
    for roles in ((), ("reader", "writer")):
        client = site.login(site.seed.user(roles=roles))
        answer = client.request(method, path + "?limit=x", document)
        assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")


@pytest.mark.parametrize("method,path,document", CONNECTED)
def test_what_is_for_the_connected_is_refused_to_strangers_before_anything_else_is_looked_at(
    site, method, path, document
):
    answer = site.client.request(method, path + "?limit=x", document)
    assert_error(answer, 401, "UNAUTHORIZED", "No credentials supplied.")


def test_a_role_counts_by_its_code(fresh_site):
    fresh_site.sql("INSERT INTO role (code, name) VALUES ('ADMIN', 'admin'), ('admin ', 'Admin')")
    user = fresh_site.seed.user(roles=("ADMIN", "admin "))
    answer = fresh_site.login(user).get("/api/roles/")
    assert_error(answer, 403, "FORBIDDEN", "You don't have the admin role(s).")
