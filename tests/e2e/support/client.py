"""A thin client of the API, and checks that apply to every answer."""

import base64
import http.client
import http.cookies
import json
import time
import urllib.parse

import requests

from .openapi import assert_documented
from .processes import an_address, wait_until

COOKIE = "user-api-credentials"


def canonical(document):
    """The bytes of a document in the API's form: compact, keys sorted, UTF-8, a newline at the end."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def assert_json(answer, status, document):
    """Checks status, media type, and each byte of the body."""
    assert (answer.status_code, answer.content) == (status, canonical(document))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(answer.content))


def assert_error(answer, status, code, message, payload=None):
    document = {"error_code": code, "message": message}
    if payload is not None:
        document["payload"] = payload
    assert_json(answer, status, document)


def assert_wrong_document(answer, payload):
    message = "The submitted document doesn't have the right format."
    assert_error(answer, 422, "WRONG_DOCUMENT_FORMAT", message, payload)


def assert_wrong_args(answer, payload):
    assert_error(answer, 422, "WRONG_ARGS", "Wrong args.", payload)


def assert_invalid_token(answer):
    assert_error(answer, 401, "UNAUTHORIZED", "Invalid token.")


def assert_ended(site, session):
    """Checks that a session has ended after a change outside of the service: on every worker, as soon as the notification
    has arrived. More is not promised."""
    wait_until(lambda: session.get("/api/users/token").status_code == 401, 10, "the session has ended")
    for _ in range(2 * site.pool.workers):
        assert_invalid_token(session.get("/api/users/token"))


def assert_wrong_login(answer):
    assert_error(answer, 401, "UNAUTHORIZED", "Wrong login or / and password.")


def what_was_said(answer):
    """The parts of an answer that do not differ between requests."""
    varying = {"date", "x-request-id", "connection", "keep-alive", "server"}
    return (
        answer.status_code,
        {name.lower(): value for name, value in answer.headers.items() if name.lower() not in varying},
        answer.content,
    )


def set_cookie(answer):
    """The morsel of the credentials cookie in an answer, or None."""
    jar = http.cookies.SimpleCookie()
    for line in answer.raw.headers.getlist("Set-Cookie"):
        if line.startswith(f"{COOKIE}="):
            jar.load(line)
    return jar.get(COOKIE)


def token_of(answer):
    """The JWT in the cookie that an answer sets."""
    return base64.b64decode(urllib.parse.unquote(set_cookie(answer).value)).decode()


def cookie_of(token):
    """A Cookie header that presents a token as the service's own cookie does."""
    return {"Cookie": f"{COOKIE}={base64.b64encode(token.encode()).decode()}"}


def payload_of(token):
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def until_there_is_a_place(send, timeout=60):
    """Sends a request that needs a hash, and repeats it while too many requests of its sender wait. Returns the answer."""
    deadline = time.monotonic() + timeout
    while (answer := send()).status_code == 429:
        assert time.monotonic() < deadline, f"no place within {timeout} s: {answer.text}"
    return answer


class FromAddress(requests.adapters.HTTPAdapter):
    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


class FromAnyAddress(FromAddress):
    """Sends each login from its own address, because web servers limit the logins of one address."""

    def __init__(self):
        super().__init__(an_address())

    def send(self, request, **options):
        if request.path_url.startswith("/api/users/login"):
            return FromAddress(an_address()).send(request, **options)
        return super().send(request, **options)


class Client:
    """Sends exactly the given requests: no cookie jar, no redirects, no proxies. On loopback its address is `address` or one
    of its own. Every answer on a path of the OpenAPI document must match the document. `moved` is the result of
    openapi.moved_by, or None if another application answers."""

    def __init__(self, url, token=None, address=None, moved=()):
        self.url = url
        self.token = token
        self.address = address
        self.moved = moved
        self.session = requests.Session()
        self.session.trust_env = False
        self.is_local = urllib.parse.urlsplit(url).hostname == "127.0.0.1"
        if self.is_local:
            for scheme in ("http://", "https://"):
                self.session.mount(scheme, FromAddress(address) if address else FromAnyAddress())

    def bearer(self, token):
        return Client(self.url, token, moved=self.moved)

    def request(self, method, path, body=None, headers=None, timeout=30, **more):
        """`body` is a document, sent as JSON; raw bytes go as data=…"""
        sent = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        sent.update(headers or {})
        self.session.cookies.clear()
        answer = self.session.request(
            method, self.url + path, json=body, headers=sent, timeout=timeout, allow_redirects=False, **more
        )
        target = answer.request.path_url
        assert_documented(method, target, answer.status_code, answer.raw.headers, answer.content, self.moved)
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def head(self, path, **more):
        return self.request("HEAD", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def login(self, email, password, **more):
        return self.post("/api/users/login", {"email": email, "password": password}, **more)

    def raw(self, method, target, headers=None, body=None, timeout=30):
        """Sends a request whose target is exactly as written: (status, headers, body). A list of pairs may name a header
        more than once."""
        address = urllib.parse.urlsplit(self.url).netloc
        source = (self.address or an_address(), 0) if self.is_local else None
        connection = http.client.HTTPConnection(address, timeout=timeout, source_address=source)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items() if isinstance(headers, dict) else headers or []:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            status, headers, content = answer.status, answer.headers, answer.read()
            assert_documented(method, target, status, headers, content, self.moved)
            return status, headers, content
        finally:
            connection.close()
