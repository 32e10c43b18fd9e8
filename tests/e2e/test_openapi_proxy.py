"""A proxy that validates against the served document forwards well-formed requests of the contract, and their
answers."""

import json

import pytest
import requests
from support.client import token_of
from support.openapi import operations, path_of
from support.prism import HOP, VIOLATIONS, Prism, problem_of
from support.seed import PASSWORD, WITH_OPERATORS
from support.site import Site

pytestmark = pytest.mark.unsanitized

NOBODY = 2**31 - 1
# A well-formed body for each operation that takes one.
BODIES = {
    "createCustomer": {"max_user_quota": None, "name": "Proxied"},
    "createRole": {"assignable": True, "code": "proxied", "name": "Proxied"},
    "createUser": {"active": True, "email": "proxied@example.org", "name": "Proxied", "password": PASSWORD, "roles": [{"id": 2}]},
    "login": {"email": "nobody@example.org", "password": "wrong"},
    "resetPassword": {"email": "nobody@example.org", "password": PASSWORD},
    "updateCustomer": {"max_user_quota": 7, "name": "Renamed"},
    "updateRole": {"assignable": False, "name": "Renamed"},
    "updateUser": {"active": True, "email": "renamed@example.org", "name": "Renamed", "roles": []},
}
# Answers that do not come through the proxy, and why.
BEYOND = {
    "400": "Prism refuses such a request, or sends it in a form that can be read",
    "429": "it takes many requests; test_hashing_queue.py and test_failed_logins.py have them",
    "431": "node refuses such a request itself",
    "500": "nothing makes the service answer it",
    "default": "it is the web server that answers so",
    "503": "it takes a database that is away; test_database_outages.py has that",
}
EXCEPTIONS = {
    ("GET", "/api/guard", "200"): "its type is JSON, and it has no body: Prism tries to parse that",
    ("GET", "/metrics", "404"): "then the served document has no such path",
    ("POST", "/api/customers/", "413"): "what is longer is not well-formed: every field has a bound",
    ("POST", "/api/roles/", "413"): "the same",
}
# Longer than a body may be, for a field without a bound.
LONG = "x" * 70000
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


def as_node_reads(content):
    """Prism writes JSON again, and JavaScript's numbers are floating point."""
    return json.loads(content, parse_int=float) if content else None


class Conversation:
    """Sends requests through the proxy, and records what has passed: (method, path of the document, status)."""

    def __init__(self, prism):
        self.prism = prism
        self.site = prism.site
        self.passed = set()
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens = {}

    def token(self, user):
        if user not in self.tokens:
            self.tokens[user] = self.site.token(user)
        return self.tokens[user]

    def ask(self, method, path, body=None, by=None, headers=None):
        """The proxy's answer of any kind. `by` is a user or a token."""
        self.prism.recorder.answers.clear()
        self.session.cookies.clear()
        token = by if by is None or isinstance(by, str) else self.token(by)
        sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        return self.session.request(method, self.prism.url + path, json=body, headers=sent, timeout=60, allow_redirects=False)

    def send(self, method, path, status, body=None, by=None, headers=None):
        """Checks that the answer has this status and comes from the site. Returns it."""
        answer = self.ask(method, path, body, by, headers)
        where = f"{method} {path}"
        assert problem_of(answer) is None, f"{where}: {problem_of(answer)}"
        assert VIOLATIONS not in answer.headers, f"{where}: {answer.headers[VIOLATIONS]}"
        [(answered, headers, content)] = self.prism.recorder.answers
        assert answer.status_code == answered == status, f"{where}: {answer.status_code} {answer.text[:300]}"
        if headers.get("Content-Type", "").startswith("text/"):
            assert answer.content == content, where
        else:
            assert as_node_reads(answer.content) == as_node_reads(content), where
        for name in {each.lower() for each in headers} - HOP - {"content-length"}:
            assert answer.headers[name] == ",".join(headers.get_all(name)), f"{where}: {name}"
        self.passed.add((method, path_of(path), str(status)))
        return answer


@pytest.fixture(scope="module")
def prism(postgres, new_folder):
    site = Site(postgres, new_folder(), {**WITH_OPERATORS, "USER_API_METRICS": "on"}).start()
    site.seed.olga = site.seed.operator("olga")
    proxy = Prism(new_folder(), site).start()
    yield proxy
    proxy.stop()
    site.stop()


def refuse_everybody(talk):
    """Sends each operation without a valid token, without the needed role, and for an object that does not exist."""
    seed = talk.site.seed
    for (method, path), operation in operations().items():
        request = (method, path.replace("{id}", str(NOBODY)))
        body = BODIES.get(operation["operationId"])
        if operation.get("security") != []:
            talk.send(*request, 401, body, by="no.token.atall")
        if operation["x-who"] in ("admin", "operator"):
            talk.send(*request, 403, body, by=seed.albert)
        elif "403" in operation["responses"] and path != "/api/guard":
            talk.send(*request, 403, body, by=seed.albert, headers=FROM_ELSEWHERE)
        if "404" in operation["responses"] and path != "/metrics":
            talk.send(*request, 404, body, by=seed.olga)


def ask_as_a_machine(talk):
    seed = talk.site.seed
    for path in ("/healthz", "/readyz", "/metrics"):
        talk.send("GET", path, 200)
    document = talk.send("GET", "/api/openapi.json", 200)
    talk.send("GET", "/api/openapi.json", 304, headers={"If-None-Match": document.headers["ETag"]})
    talk.send("GET", "/api/guard", 401)
    talk.send("GET", "/api/guard?roles=admin&customer=1", 403, by=seed.albert)


def have_sessions(talk):
    user = talk.site.seed.user()
    me = {"email": user.email, "password": user.password}
    talk.send("POST", "/api/users/login", 401, {**me, "password": "wrong"})
    talk.send("POST", "/api/users/login", 422, {**me, "email": "\u0000"})
    talk.send("POST", "/api/users/login", 413, {**me, "password": LONG})
    for method in ("GET", "POST"):
        answer = talk.send("POST", "/api/users/login", 200, me)
        token = token_of(talk.site.client.login(**me))
        talk.send("GET", "/api/users/token", 200, by=token)
        talk.send("GET", "/api/account/", 200, headers={"Authentication": f"Bearer {token}"})
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        talk.send("GET", "/api/account/", 200, headers=cookie)
        talk.send(method, "/api/users/logout", 200, by=token)
        talk.send(method, "/api/users/logout", 401, by=token)
    alice = talk.site.seed.alice
    talk.send("POST", "/api/users/reset-password", 200, {**me, "password": "another password"}, by=alice)
    talk.send("POST", "/api/users/reset-password", 422, {**me, "password": "short"}, by=alice)
    talk.send("POST", "/api/users/reset-password", 413, {**me, "password": LONG}, by=alice)
    talk.send("POST", "/api/users/login", 401, me)


def manage_users(talk):
    seed, alice, olga = talk.site.seed, talk.site.seed.alice, talk.site.seed.olga
    made = talk.send("POST", "/api/users/", 201, BODIES["createUser"], by=alice)
    path = made.headers["Location"]
    talk.send("POST", "/api/users/", 409, BODIES["createUser"], by=alice)
    talk.send("POST", "/api/users/", 422, {**BODIES["createUser"], "roles": [{"id": 4711}]}, by=alice)
    talk.send("POST", "/api/users/", 413, {**BODIES["createUser"], "password": LONG}, by=alice)
    talk.send("POST", "/api/users/", 201, {**BODIES["createUser"], "customer": {"id": seed.b}, "email": "b@example.org"}, by=olga)
    talk.send("GET", "/api/users/", 200, by=alice)
    talk.send("GET", "/api/users/?active=true&count=true&email=%25example%25&name=p_oxied&role=reader&limit=1&after=0", 200, by=alice)
    talk.send("GET", f"/api/users/?customer={seed.b}&offset=1", 200, by=olga)
    talk.send("GET", "/api/users/?after=1&offset=1", 422, by=alice)
    found = talk.send("GET", path, 200, by=alice)
    known = found.headers["ETag"]
    talk.send("GET", path, 304, by=alice, headers={"If-None-Match": known})
    talk.send("PUT", path, 200, BODIES["updateUser"], by=alice, headers={"If-Match": known})
    talk.send("PUT", path, 412, BODIES["updateUser"], by=alice, headers={"If-Match": known})
    # A client may send back the whole user as it was read.
    whole = talk.send("GET", path, 200, by=alice).json()
    whole.pop("customer")
    talk.send("PUT", path, 200, whole, by=alice)
    talk.send("PUT", path, 409, {**whole, "email": seed.albert.email}, by=alice)
    talk.send("PUT", path, 422, {**whole, "name": "a\u0007b"}, by=alice)
    talk.send("PUT", path, 413, {**whole, "password": LONG}, by=alice)
    talk.send("POST", f"{path}/logout", 204, by=alice)
    talk.send("DELETE", path, 412, by=alice, headers={"If-Match": known})
    talk.send("DELETE", path, 204, by=alice)
    talk.send("DELETE", f"/api/users/{alice.id}", 409, by=alice)
    for page in ("", "?kind=user.updated&limit=1", f"?user={alice.id}&before=100", "?after=1"):
        talk.send("GET", f"/api/events/{page}", 200, by=alice)
    talk.send("GET", f"/api/events/?customer={seed.b}", 200, by=olga)
    talk.send("GET", "/api/events/?after=1&before=9", 422, by=alice)


def manage_roles(talk):
    seed, olga = talk.site.seed, talk.site.seed.olga
    path = talk.send("POST", "/api/roles/", 201, BODIES["createRole"], by=olga).headers["Location"]
    talk.send("POST", "/api/roles/", 409, BODIES["createRole"], by=olga)
    talk.send("POST", "/api/roles/", 422, {**BODIES["createRole"], "name": "a\u0000b"}, by=olga)
    talk.send("GET", "/api/roles/", 200, by=seed.alice)
    talk.send("GET", "/api/roles/?assignable=false&limit=5&offset=0", 200, by=olga)
    talk.send("GET", "/api/roles/?after=1&offset=1", 422, by=olga)
    talk.send("GET", path, 200, by=seed.alice)
    talk.send("PUT", path, 200, BODIES["updateRole"], by=olga)
    talk.send("PUT", path, 422, {**BODIES["updateRole"], "name": "a\u0000b"}, by=olga)
    talk.send("PUT", path, 413, {**BODIES["updateRole"], "users": LONG}, by=olga)
    talk.send("PUT", path, 200, talk.send("GET", path, 200, by=olga).json(), by=olga)
    laden = seed.laden_user(30)
    held = seed.sql("SELECT max(role_id) FROM user_has_role WHERE user_id = %s", (laden.id,))[0][0]
    talk.send("PUT", f"/api/roles/{held}", 409, {"name": "n" * 255}, by=olga)
    talk.send("DELETE", "/api/roles/1", 409, by=olga)
    talk.send("DELETE", path, 204, by=olga)


def manage_customers(talk):
    seed, olga = talk.site.seed, talk.site.seed.olga
    path = talk.send("POST", "/api/customers/", 201, BODIES["createCustomer"], by=olga).headers["Location"]
    talk.send("POST", "/api/customers/", 422, {"name": "a\u0000b"}, by=olga)
    talk.send("GET", "/api/customers/?limit=1&after=0", 200, by=olga)
    talk.send("GET", "/api/customers/?after=1&offset=1", 422, by=olga)
    whole = talk.send("GET", path, 200, by=olga).json()
    talk.send("PUT", path, 200, {**whole, "max_user_quota": 3}, by=olga)
    talk.send("PUT", path, 413, {**whole, "users": LONG}, by=olga)
    seed.sql("CREATE UNIQUE INDEX somebodys_rule ON customer (name)")
    talk.send("POST", "/api/customers/", 409, BODIES["createCustomer"], by=olga)
    talk.send("PUT", f"/api/customers/{seed.a}", 409, BODIES["createCustomer"], by=olga)
    talk.send("PUT", path, 422, {**whole, "name": "a\u0000b"}, by=olga)
    talk.send("DELETE", path, 204, by=olga)
    talk.send("DELETE", f"/api/customers/{seed.a}", 409, by=olga)


def test_every_operation_passes_with_each_answer_that_a_well_formed_request_can_have(prism):
    talk = Conversation(prism)
    for part in (refuse_everybody, ask_as_a_machine, have_sessions, manage_users, manage_roles, manage_customers):
        part(talk)
    documented = {(*request, status) for request, each in operations().items() for status in each["responses"]}
    wanted = {each for each in documented if each[2] not in BEYOND} - set(EXCEPTIONS)
    assert talk.passed <= documented
    assert wanted - talk.passed == set()
    assert {each[:2] for each in talk.passed} == set(operations())


def changed(document, headers, **fields):
    body = json.dumps({**json.loads(document), **fields}).encode()
    headers.replace_header("Content-Length", str(len(body)))
    return body


def rename(status, headers, body):
    return status, headers, changed(body, headers, name=5)


def add_a_field(status, headers, body):
    return status, headers, changed(body, headers, hash="$2b$10$")


def take_a_header(status, headers, body):
    del headers["ETag"]
    return status, headers, body


def another_status(_, headers, body):
    return 202, headers, body


@pytest.mark.parametrize("alter", [rename, add_a_field, take_a_header, another_status])
def test_an_answer_that_breaks_the_document_is_refused(prism, alter):
    talk = Conversation(prism)
    alice = prism.site.seed.alice
    talk.send("GET", f"/api/users/{alice.id}", 200, by=alice)
    prism.recorder.alter = alter
    try:
        answer = talk.ask("GET", f"/api/users/{alice.id}", by=alice)
    finally:
        prism.recorder.alter = lambda *answer: answer
    assert answer.status_code == 500 and problem_of(answer)["type"].endswith("#VIOLATIONS")


@pytest.mark.parametrize(
    "method,path,body,status",
    [
        ("POST", "/api/users/", {"email": "x@example.org"}, 422),
        ("POST", "/api/users/", {**BODIES["createUser"], "colour": "red"}, 422),
        ("POST", "/api/users/", {**BODIES["createUser"], "active": "yes"}, 422),
        ("GET", "/api/users/?limit=1001", None, 422),
        ("GET", "/api/users/0", None, 422),
        ("PATCH", "/api/users/1", {}, 405),
        ("GET", "/api/nowhere", None, 404),
    ],
)
def test_a_request_that_breaks_the_document_is_refused_before_it_reaches_the_service(prism, method, path, body, status):
    answer = Conversation(prism).ask(method, path, body, by=prism.site.seed.alice)
    assert (answer.status_code, prism.recorder.answers) == (status, []) and problem_of(answer)


def test_a_request_without_credentials_is_refused_where_the_document_wants_them(prism):
    answer = Conversation(prism).ask("GET", "/api/users/")
    assert (answer.status_code, prism.recorder.answers) == (401, []) and problem_of(answer)
