"""Logins without the web server, from any address: one, many at once, or repeatedly."""

import base64
import concurrent.futures
import json
import threading
import time
import typing

from . import fastcgi
from .client import canonical
from .processes import wait_until

DEVICE = "user-api-device"
WRONG = "wrong password"
# An address range for documentation, which no host uses (RFC 5737).
HERE, ELSEWHERE = "203.0.113.9", "198.51.100.7"
# Longer than any request may take with the default settings.
PATIENCE = 90


class Answer(typing.NamedTuple):
    """An answer as a web server gets it."""

    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def message(self):
        return json.loads(self.body)["message"]

    @property
    def retry_after(self):
        """The seconds. Any value that is not a number is an error."""
        return int(self.headers["retry-after"])

    @property
    def cookies(self):
        """The Set-Cookie headers in their order: (name, value, attributes)."""
        lines = [line.split("; ") for line in self.headers.get("*set-cookie", [])]
        return [(*first.split("=", 1), attributes) for first, *attributes in lines]

    @property
    def device(self):
        """The value of the device cookie, or None."""
        return next((value for name, value, _ in self.cookies if name == DEVICE), None)

    @property
    def is_blocked(self):
        return self.status == 429 and self.message == "Too many attempts."

    @property
    def has_to_come_back(self):
        """Whether the login was not tried, and may be sent again."""
        return self.status == 503 or (self.status == 429 and not self.is_blocked)


def address_of(number):
    """An address for each number, in a network that no other test uses."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def post(address, uri, document, client=HERE, timeout=PATIENCE, **params):
    """Sends a document from a client at this address. The result is None without a complete answer."""
    body = json.dumps(document).encode()
    more = {"CONTENT_TYPE": "application/json", "REMOTE_ADDR": client, **params}
    answer = fastcgi.request(address, fastcgi.environ("POST", uri, body, **more), body, timeout=timeout)
    return answer and Answer(*answer)


def login(address, email, password=WRONG, client=HERE, device=None, **more):
    """Sends a login. `device` is the value of the device cookie."""
    if device is not None:
        more["HTTP_COOKIE"] = f"{DEVICE}={device}"
    return post(address, "/api/users/login", {"email": email, "password": password}, client, **more)


def send_login(address, email, password=WRONG, client=HERE):
    """Sends a login without waiting for the answer. Returns the socket."""
    body = json.dumps({"email": email, "password": password}).encode()
    params = fastcgi.environ("POST", "/api/users/login", body, CONTENT_TYPE="application/json", REMOTE_ADDR=client)
    peer = fastcgi.connect(address, timeout=PATIENCE)
    peer.sendall(fastcgi.begin() + fastcgi.params(params) + fastcgi.stdin(body))
    return peer


def read_answer(peer):
    with peer:
        answer = fastcgi.parse_response(fastcgi.read_all(peer))
    return answer and Answer(*answer)


def insist(send):
    """Sends the login until it is tried. Returns the answer."""
    deadline = time.monotonic() + PATIENCE
    while (answer := send()).has_to_come_back:
        assert time.monotonic() < deadline, answer
    return answer


def side_by_side(sends, threads=None):
    """Sends all of them at once. Returns their answers in the same order."""
    with concurrent.futures.ThreadPoolExecutor(threads or len(sends)) as pool:
        return [future.result() for future in [pool.submit(send) for send in sends]]


def assert_blocked(answer, window=900):
    assert (answer.status, answer.body) == (
        429,
        canonical({"error_code": "TOO_MANY_REQUESTS", "message": "Too many attempts."}),
    )
    assert answer.headers["retry-after"].isdigit() and 1 <= answer.retry_after <= window
    assert answer.cookies == []


def assert_wrong(answer):
    assert (answer.status, answer.message) == (401, "Wrong login or / and password.")


def block(address, email, attempts=10, client=None):
    """Sends wrong passwords until the account is blocked, each from another address."""
    for number in range(attempts):
        assert_wrong(login(address, email, client=client or f"192.0.2.{number}"))
    assert_blocked(login(address, email, client=client or "192.0.2.255"))


def decoded(value):
    """The bytes of a device cookie."""
    parts = value.split(".")
    return b"".join(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts)


class Outcome(typing.NamedTuple):
    answer: typing.Optional[Answer]
    seconds: float


class Loops:
    """Calls each of `sends` repeatedly in its own thread, until it is stopped. `outcomes` has the outcomes of the requests
    for each loop. A request without an answer in time ends its loop, and is an error at the end."""

    def __init__(self, sends):
        self.outcomes = [[] for _ in sends]
        self.over = threading.Event()
        self.pool = concurrent.futures.ThreadPoolExecutor(len(sends))
        self.sends = sends
        self.futures = []

    def work(self, send, outcomes):
        while not self.over.is_set():
            begin = time.monotonic()
            answer = send()
            outcomes.append(Outcome(answer, time.monotonic() - begin))

    def all(self):
        return [outcome for each in self.outcomes for outcome in each]

    def statuses(self):
        """The statuses of the answers; None means a connection that was closed."""
        return {outcome.answer and outcome.answer.status for outcome in self.all()}

    def more(self, count=1):
        """Waits until each loop has this number of further answers."""
        wanted = [len(each) + count for each in self.outcomes]
        wait_until(
            lambda: any(future.done() for future in self.futures)
            or all(len(each) >= number for each, number in zip(self.outcomes, wanted)),
            PATIENCE,
            f"each loop has {count} more answers",
        )

    def __enter__(self):
        self.futures = [self.pool.submit(self.work, *each) for each in zip(self.sends, self.outcomes)]
        return self

    def __exit__(self, *_):
        self.over.set()
        self.pool.shutdown()
        for future in self.futures:
            future.result()


def counted(site, kind=None):
    """The counted failures: (kind, user id, address, failures)."""
    return site.sql(
        "SELECT kind, user_id, host(address) || '/' || masklen(address), failures FROM failed_login"
        " WHERE %s IN (kind, '') ORDER BY kind, failures, user_id",
        (kind or "",),
    )
