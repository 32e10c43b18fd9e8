"""The admin of an operator's customer tries to become an operator, in every way."""

import pytest
from support.client import assert_error, assert_invalid_token, assert_wrong_login, token_of
from support.grants import document, ids, minted, roles, state, with_locked_roles
from support.transactions import beside, transaction

STOLEN = "stolen password"


@pytest.fixture(scope="module")
def site(operated):
    """`mallory`, an admin of the operator's customer, is the attacker and controls the user `accomplice`."""
    site = with_locked_roles(operated)
    site.seed.mallory = site.seed.user("mallory", roles=("admin", "reader"))
    site.seed.accomplice = site.seed.user("accomplice", roles=("admin",))
    return site


@pytest.fixture
def mallory(site):
    return minted(site, site.seed.mallory)


def holders(site):
    """The ids of all who hold a role that only operators may grant."""
    rows = site.sql(
        "SELECT DISTINCT user_id FROM user_has_role h JOIN role r ON r.id = h.role_id"
        " WHERE r.code IN ('operator', 'auditor') ORDER BY 1"
    )
    return [row[0] for row in rows]


@pytest.fixture
def olga_untouched(site):
    """Fails if another user became an operator, or if olga or her session has changed."""
    olga = site.seed.olga
    others = holders(site)
    session = minted(site, olga)
    before = state(site, olga)
    yield
    assert holders(site) == others
    assert state(site, olga) == before
    assert session.get(f"/api/users/{site.seed.bob.id}").status_code == 200
    assert_wrong_login(site.client.login(olga.email, STOLEN))
    assert site.client.login(olga.email, olga.password).status_code == 200


def put(user, **changes):
    return lambda client: client.put(f"/api/users/{user.id}", document(user, **changes))


def register(**changes):
    new = {"active": True, "email": "made@example.org", "name": "n", "password": STOLEN, "roles": [], **changes}
    return lambda client: client.post("/api/users/", new)


def reset(email):
    return lambda client: client.post("/api/users/reset-password", {"email": email, "password": STOLEN})


def attempts(site):
    """{name: (what mallory sends, the statuses that are a refusal)}."""
    olga, me, accomplice = site.seed.olga, site.seed.mallory, site.seed.accomplice
    theirs = f"/api/users/{olga.id}"
    operator = site.operator["id"]
    tag = minted(site, olga).get(theirs).headers["ETag"]
    spelt = [{**roles(site, "reader")[0], "assignable": False}, {"id": operator, "code": "reader", "assignable": True}]
    return {
        "their password": (put(olga, password=STOLEN), [403]),
        "their password among harmless changes": (put(olga, roles=ids(site.operator), password=STOLEN), [403]),
        "their password by a reset": (reset(olga.email), [403]),
        "their password by a reset in capitals": (reset(olga.email.upper()), [403]),
        "their password by a reset with a blank": (reset(olga.email + " "), [403]),
        "their email": (put(olga, email="mallory2@example.org"), [403]),
        "their email with a blank": (put(olga, email=olga.email + " "), [422]),
        "my email as theirs with a blank": (put(me, email=olga.email + " "), [422]),
        "their email in capitals": (put(olga, email=olga.email.upper()), [403]),
        "my email as theirs": (put(me, email=olga.email), [409]),
        "my email as theirs in capitals": (put(me, email=olga.email.upper()), [409]),
        "the role for myself": (put(me, roles=ids(*roles(site, "admin", "operator"))), [403]),
        "many roles for myself": (put(me, roles=ids(*roles(site, "admin", "reader", "auditor", "operator"))), [403]),
        "the role twice": (put(me, roles=[{"id": operator}, {"id": 1}, {"id": operator}]), [403]),
        "the role disguised": (put(me, roles=spelt), [403]),
        "the role as a text": (put(me, roles=[{"id": str(operator)}]), [422]),
        "the role as a fraction": (put(me, roles=[{"id": float(operator)}]), [422]),
        "the role beyond 32 bits": (put(me, roles=[{"id": operator + (1 << 32)}]), [422]),
        "the role by its code": (put(me, roles=[{"code": "operator"}]), [422]),
        "the role by the id of the document": (put(me, id=olga.id, roles=ids(site.operator)), [403]),
        "another locked role": (put(me, roles=ids(*roles(site, "admin", "auditor"))), [403]),
        "the role for an accomplice": (put(accomplice, roles=ids(site.operator)), [403]),
        "a new user with the role": (register(roles=ids(site.operator)), [403]),
        "a new user with the role twice": (register(roles=ids(site.operator, site.operator)), [403]),
        "a new user with their email": (register(email=olga.email), [409]),
        "a new user in another customer": (register(customer={"id": site.seed.b}), [422]),
        "a new user with their id": (register(id=olga.id), [422]),
        "their removal": (lambda client: client.delete(theirs), [403]),
        "their removal with the right tag": (lambda client: client.delete(theirs, headers={"If-Match": tag}), [403]),
        "their removal whatever the tag": (lambda client: client.delete(theirs, headers={"If-Match": "*"}), [403]),
        "their password with the right tag": (
            lambda client: client.put(theirs, document(olga, password=STOLEN), headers={"If-Match": tag}),
            [403],
        ),
        "their password with an old tag": (
            lambda client: client.put(theirs, document(olga, password=STOLEN), headers={"If-Match": '"old"'}),
            [403],
        ),
        "their deactivation": (put(olga, active=False), [403]),
        "their role": (put(olga, roles=[]), [403]),
        "their role for another": (put(olga, roles=ids(site.auditor)), [403]),
        "their sessions": (lambda client: client.post(f"{theirs}/logout"), [403]),
        "their users": (lambda client: client.get(f"/api/users/{site.seed.bob.id}"), [404]),
        "another customer's list": (lambda client: client.get(f"/api/users/?customer={site.seed.b}"), [422]),
        "another customer's guard": (lambda client: client.get(f"/api/guard?customer={site.seed.b}"), [403]),
        "the operators' guard": (lambda client: client.get("/api/guard?roles=operator"), [403]),
        "another method": (
            lambda client: client.request("PATCH", theirs, {"password": STOLEN}),
            [405],
        ),
        "another method by a header": (
            lambda client: client.post(theirs, {"password": STOLEN}, headers={"X-HTTP-Method-Override": "PUT"}),
            [405],
        ),
        "the role at the login": (
            lambda client: client.post(
                "/api/users/login", {"email": me.email, "password": me.password, "roles": ids(site.operator)}
            ),
            [422],
        ),
        "the role by my account": (lambda client: client.put("/api/account/", {"name": "m", "roles": [1]}), [405, 422]),
        "a role that anybody may grant": (
            lambda client: client.put(f"/api/roles/{operator}", {"name": "Operator", "assignable": True}),
            [403],
        ),
        "a role of my own": (lambda client: client.post("/api/roles/", {"name": "n", "code": "mine"}), [403]),
        "the end of the role": (lambda client: client.delete(f"/api/roles/{operator}"), [403]),
        "a customer of my own": (lambda client: client.post("/api/customers/", {"name": "Mine"}), [403]),
        "the customer": (lambda client: client.put(f"/api/customers/{site.seed.a}", {"name": "Mine"}), [403]),
        "the end of another customer": (lambda client: client.delete(f"/api/customers/{site.seed.b}"), [403]),
        "all customers": (lambda client: client.get("/api/customers/"), [403]),
        "a key given twice": (
            lambda client: client.put(
                f"/api/users/{me.id}",
                data=b'{"active":true,"email":"mallory@example.org","name":"mallory","roles":[],"roles":[{"id":%d}]}'
                % operator,
                headers={"Content-Type": "application/json"},
            ),
            [400, 403, 422],
        ),
    }


@pytest.mark.usefixtures("olga_untouched")
def test_every_direct_way_is_refused(site, mallory):
    before = state(site, site.seed.mallory), state(site, site.seed.accomplice)
    for name, (send, refusals) in attempts(site).items():
        answer = send(mallory)
        assert answer.status_code in refusals, (name, answer.status_code, answer.text)
    assert (state(site, site.seed.mallory), state(site, site.seed.accomplice)) == before
    assert site.sql("SELECT 1 FROM _user WHERE email = 'made@example.org'") == []
    assert mallory.get("/api/account/").json()["rights"] == ["admin"]


@pytest.mark.usefixtures("olga_untouched")
def test_the_way_over_deletion_and_registration_of_their_email_ends_at_the_deletion(site, mallory):
    olga = site.seed.olga
    assert_error(mallory.delete(f"/api/users/{olga.id}"), 403, "FORBIDDEN", "You may not manage this user.")
    assert_error(register(email=olga.email)(mallory), 409, "CONFLICT", "User already exists.")


@pytest.mark.usefixtures("olga_untouched")
def test_who_gets_the_email_of_an_operator_who_has_gone_is_no_operator(site, mallory):
    gone, renamed = site.seed.operator("gone"), site.seed.operator("renamed")
    old = [minted(site, user) for user in (gone, renamed)]
    olga = minted(site, site.seed.olga)
    assert olga.delete(f"/api/users/{gone.id}").status_code == 204
    assert put(renamed, email="renamed-away@example.org", roles=[])(olga).status_code == 200
    for user in (gone, renamed):
        answer = register(email=user.email, roles=[{"id": 1}])(mallory)
        assert (answer.status_code, [role["code"] for role in answer.json()["roles"]]) == (201, ["admin"])
        client = site.client.bearer(token_of(site.client.login(user.email, STOLEN)))
        assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 404
    for client in old:
        assert_invalid_token(client.get("/api/users/token"))


@pytest.mark.usefixtures("olga_untouched")
def test_a_name_makes_nobody_an_operator(site, mallory):
    named = site.seed.user(name="operator", email="operator")
    assert put(named, name="Operator", password=STOLEN, roles=ids(*roles(site, "admin")))(mallory).status_code == 200
    client = site.client.bearer(token_of(site.client.login("operator", STOLEN)))
    assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 404


def test_what_an_admin_may_change_of_an_operator_gives_no_way_in(site, mallory):
    victim = site.seed.operator(roles=("reader",))
    changed = put(victim, name="Mine", roles=ids(*roles(site, "admin", "operator")))(mallory)
    assert changed.status_code == 200
    assert put(victim, name="Mine", roles=ids(*roles(site, "operator")))(mallory).status_code == 200
    assert_wrong_login(site.client.login(victim.email, STOLEN))
    login = site.client.login(victim.email, victim.password)
    client = site.client.bearer(token_of(login))
    assert client.get(f"/api/users/{site.seed.bob.id}").status_code == 200
    assert mallory.get(f"/api/users/{site.seed.bob.id}").status_code == 404


def test_a_former_operator_is_like_anybody_else(site, mallory):
    former = site.seed.operator()
    assert put(former, password=STOLEN)(mallory).status_code == 403
    assert put(former, roles=[])(minted(site, site.seed.olga)).status_code == 200
    assert put(former, password=STOLEN)(mallory).status_code == 200
    client = site.client.bearer(token_of(site.client.login(former.email, STOLEN)))
    assert client.get("/api/users/").status_code == 403


WAYS = {
    "password": put,
    "deletion": lambda user, **_: lambda client: client.delete(f"/api/users/{user.id}"),
    "logout": lambda user, **_: lambda client: client.post(f"/api/users/{user.id}/logout"),
    "reset": lambda user, **_: reset(user.email),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_is_just_becoming_an_operator_is_managed_by_no_admin_any_more(site, mallory, way):
    """The request waits until the grant is committed, and is then refused."""
    user = site.seed.user()
    send = WAYS[way](user, password=STOLEN)
    with transaction(site) as granting:
        granting.sql("SELECT id FROM _user WHERE id = %s FOR UPDATE", (user.id,))
        granting.sql("INSERT INTO user_has_role VALUES (%s, %s)", (user.id, site.operator["id"]))
        with beside(site, lambda: send(mallory)) as (answer,):
            granting.commit()
    assert_error(answer.result(), 403, "FORBIDDEN", "You may not manage this user.")
    assert site.client.login(user.email, user.password).status_code == 200
