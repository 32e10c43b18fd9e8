"""Each change that ends a user's tokens ends them once, however it is made. If the database does not end them, the
whole change is refused."""

import dataclasses
import json

import pytest
from support import seed
from support.client import assert_error, assert_invalid_token
from support.operator import Operator
from support.site import Site

NEW = "a brand new password"


def put(**changes):
    """An admin's update. In an email, {0.id} becomes the user's id, so that no other user has it."""

    def change(site, user):
        document = {"email": user.email, "name": user.name, "active": user.active, **changes}
        document["email"] = document["email"].format(user)
        return site.client.bearer(site.mint(site.seed.alice)).put(f"/api/users/{user.id}", document)

    return change


def reset(site, user):
    document = {"email": user.email, "password": NEW}
    return site.client.bearer(site.mint(site.seed.alice)).post("/api/users/reset-password", document)


def command(action, *arguments):
    def change(site, user):
        given = [argument.format(user) for argument in arguments]
        return Operator(site).run("user", action, user.email, *given, check=False, USER_API_PASSWORD=NEW)

    return change


def delete_role(site, user):
    """Deletes a role that only this user has."""
    return Operator(site).run("role", "delete", user.roles[0], "--force", check=False, owner=True)


# name: (the change, the user's properties before it)
CHANGES = {
    "PUT email": (put(email="new-{0.id}@example.org"), {}),
    "PUT password": (put(password=NEW), {}),
    "PUT inactive": (put(active=False), {}),
    "PUT active": (put(active=True), {"active": False}),
    "PUT a role more": (put(roles=[{"id": 2}, {"id": 3}]), {"roles": ("reader",)}),
    "PUT no roles": (put(roles=[]), {"roles": ("reader", "writer")}),
    "reset-password": (reset, {}),
    "user update --email": (command("update", "--email", "new-{0.id}@example.org"), {}),
    "user set-password": (command("set-password"), {}),
    "user deactivate": (command("deactivate"), {}),
    "user activate": (command("activate"), {"active": False}),
    "user grant": (command("grant", "reader"), {}),
    "user revoke": (command("revoke", "reader", "writer"), {"roles": ("reader", "writer")}),
    "role delete": (delete_role, {"roles": ("own",)}),
}
OVER_HTTP = ("PUT", "reset")


@pytest.fixture(params=CHANGES)
def way(request):
    return request.param


def make_user(site, way):
    attributes = CHANGES[way][1]
    if "own" in attributes.get("roles", ()):
        attributes = {"roles": (f"own{next(site.seed.numbers)}",)}
        site.seed.role(*attributes["roles"])
    return site.seed.user(**attributes)


def state(site, user):
    return (*site.seed.row(user), *site.sql("SELECT epoch FROM _user WHERE id = %s", (user.id,)))


def epoch(site, user):
    return state(site, user)[-1][0]


def test_a_change_ends_what_there_was_once_and_the_next_login_lives(site, way):
    user = make_user(site, way)
    token = site.mint(dataclasses.replace(user, roles=()))
    before = epoch(site, user)
    answer = CHANGES[way][0](site, user)
    assert answer.status_code == 200 if way.startswith(OVER_HTTP) else answer.returncode == 0, answer
    assert epoch(site, user) == before + 1
    site.sql("UPDATE _user SET active = true WHERE id = %s AND NOT active", (user.id,))
    assert_invalid_token(site.client.bearer(token).get("/api/users/token"))
    ((email,),) = site.sql("SELECT email FROM _user WHERE id = %s", (user.id,))
    password = user.password if site.client.login(email, user.password).status_code == 200 else NEW
    answer = site.client.login(email, password)
    assert site.client.get("/api/users/token", cookies=answer.cookies).status_code == 200


def disable(site):
    for table in ("_user", "user_has_role"):
        site.sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def migrate_down(site):
    """Migrates down to the version before the triggers that end sessions. Keeps the function that finds users."""
    ((folding,),) = site.sql("SELECT pg_get_functiondef('user_api_folded_email'::regproc)")
    while site.sql("SELECT 1 FROM schema_migrations WHERE version = '20261126000003'"):
        Operator(site).run("migrate", "down", owner=True)
    site.sql(folding)


@pytest.fixture(scope="module", params=[disable, migrate_down], ids=["disabled", "older schema"])
def unended(request, postgres, new_folder):
    """A site whose database ends no sessions."""
    with_site = Site(postgres, new_folder()).start()
    request.param(with_site)
    yield with_site
    with_site.stop()


def test_where_nothing_ends_the_tokens_nothing_is_changed(unended, way):
    site = unended
    user = make_user(site, way)
    before = state(site, user)
    start = site.pool.process.log_size()
    answer = CHANGES[way][0](site, user)
    if way.startswith(OVER_HTTP):
        assert_error(answer, 503, "SERVICE_UNAVAILABLE", "The service is unavailable.")
        assert answer.headers["Retry-After"]
        (line,) = [line for line in site.pool.log_lines(start) if line["level"] == "error"]
        assert "triggers" in line["event"] and "doctor" in line["event"]
    else:
        assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (1, "", 1)
        assert "nothing was changed: the triggers" in answer.stderr or "schema in this database is older" in answer.stderr
    assert state(site, user) == before
    if way == "role delete":
        assert site.sql("SELECT 1 FROM role WHERE code = %s", user.roles)


def test_what_ends_no_tokens_is_done_all_the_same(unended):
    site = unended
    user = site.seed.user(password="old", stored=seed.pbkdf2("old"), roles=("reader",))
    token = site.token(user)
    assert site.seed.row(user)[3].startswith("$2b$"), "the hash is upgraded"
    assert put(name="Renamed")(site, user).status_code == 200
    assert site.client.bearer(token).get("/api/users/token").status_code == 200
    assert site.client.bearer(token).get("/api/account/").json()["name"] == "Renamed"
    new = {"email": f"made-{user.id}@example.org", "name": "n", "password": NEW, "active": True, "roles": [{"id": 2}]}
    assert site.client.bearer(site.mint(site.seed.alice)).post("/api/users/", new).status_code == 201


def test_all_sessions_of_a_user_can_be_ended_all_the_same(unended):
    site = unended
    user = site.seed.user()
    client = site.login(user)
    assert site.client.bearer(site.mint(site.seed.alice)).post(f"/api/users/{user.id}/logout").status_code == 204
    assert_invalid_token(client.get("/api/users/token"))


def test_the_commands_that_end_no_tokens_work_without_the_triggers(fresh_site):
    disable(fresh_site)
    operator = Operator(fresh_site)
    user = fresh_site.seed.user()
    assert operator.document("update", user.email, "--name", "Again")["name"] == "Again"
    fresh_site.seed.role("unheld")
    assert json.loads(operator.run("role", "delete", "unheld", "--json", owner=True).stdout)["deleted"] is True


def test_it_is_not_ready(unended):
    assert unended.client.get("/readyz").status_code == 503
