"""GET /api/users/<id>."""

import pytest
from support import seed
from support.client import assert_error, assert_json


@pytest.mark.parametrize("roles", [(), ("admin",), ("writer", "reader", "admin")])
def test_the_answer_is_the_user_with_roles_ordered_by_id(site, roles):
    user = site.seed.user(roles=roles, active=len(roles) != 1)
    assert_json(site.login(site.seed.alice).get(f"/api/users/{user.id}"), 200, user.full())


def test_a_user_who_does_not_exist_is_not_found(site):
    answer = site.login(site.seed.alice).get("/api/users/99999")
    assert_error(answer, 404, "NOT_FOUND", "User '99999' doesn't exist.")


def test_another_customers_user_is_answered_exactly_like_a_missing_one(site):
    foreign = site.seed.user(customer=site.seed.b)
    alice = site.login(site.seed.alice)
    there = alice.get(f"/api/users/{foreign.id}")
    assert_error(there, 404, "NOT_FOUND", f"User '{foreign.id}' doesn't exist.")
    site.sql("DELETE FROM _user WHERE id = %s", (foreign.id,))
    gone = alice.get(f"/api/users/{foreign.id}")
    assert (there.status_code, there.content) == (gone.status_code, gone.content)
    assert set(there.headers) == set(gone.headers)


def test_admins_see_themselves(site):
    assert_json(
        site.login(site.seed.alice).get(f"/api/users/{site.seed.alice.id}"), 200, site.seed.alice.full()
    )


def test_neither_hash_nor_salt_is_ever_shown(site):
    user = site.seed.user()
    text = site.login(site.seed.alice).get(f"/api/users/{user.id}").text
    assert "$2b$" not in text and "hash" not in text and "salt" not in text


def test_texts_of_any_script_are_written_as_utf_8(site):
    user = site.seed.user(name="Žofie 山田 😀 \u2028", email="ünïcode@example.org")
    answer = site.login(site.seed.alice).get(f"/api/users/{user.id}")
    assert_json(answer, 200, user.full())
    assert "Žofie 山田 😀".encode() in answer.content


def test_all_of_a_users_many_roles_are_there(fresh_site):
    fresh_site.sql("INSERT INTO role (code, name) SELECT 'r' || n, 'R' || n FROM generate_series(1, 100) n")
    user = fresh_site.seed.user()
    fresh_site.sql("INSERT INTO user_has_role SELECT %s, id FROM role", (user.id,))
    roles = fresh_site.login(fresh_site.seed.alice).get(f"/api/users/{user.id}").json()["roles"]
    assert roles[:3] == seed.roles("admin", "reader", "writer")
    assert [role["id"] for role in roles] == sorted(role["id"] for role in roles) and len(roles) == 103
