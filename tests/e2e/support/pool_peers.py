"""Whom a pool meets that needs no database: peers that send half a request, or wait; somebody who starts it."""

import os
import socket

from . import fastcgi
from .pool import binary
from .processes import Process, wait_until

SECRET = "0123456789abcdef0123456789abcdef"
# Nobody listens there: what these tests request needs no database.
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
}


def half_sent_request(address):
    """A connection whose worker waits for the second half of a body."""
    body = b"x" * 2000
    peer = fastcgi.connect(address)
    sent = fastcgi.begin() + fastcgi.params(fastcgi.environ("POST", "/healthz", body))
    peer.sendall(sent + fastcgi.stdin(body[:1000], end=False))
    return peer


def finish_request(peer):
    """Sends the second half; the status of the answer."""
    peer.sendall(fastcgi.stdin(b"x" * 1000))
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def queued_request(address):
    """A whole request that is sent and not yet answered."""
    peer = fastcgi.connect(address, timeout=20)
    peer.sendall(fastcgi.begin() + fastcgi.params(fastcgi.environ("GET", "/healthz")) + fastcgi.stdin())
    return peer


def status_of(peer):
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def send(pid, number):
    """A signal to a worker, which may have gone meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def events(pool, name):
    return [line for line in pool.log_lines() if line.get("event") == name]


def wait_for_log(pool, name, count=1):
    wait_until(lambda: len(events(pool, name)) >= count, 20, f"the log says '{name}' {count} times")


def wait_until_all_busy(pool, peers):
    """Once as many peers hold a worker each as there are workers, one more request stays unanswered; it is
    returned."""
    assert len(peers) == pool.workers
    while True:
        probe = queued_request(pool.address)
        probe.settimeout(1)
        try:
            probe.recv(1)
        except socket.timeout:
            probe.settimeout(20)
            return probe
        probe.close()


def inheriting(folder, settings=None, arguments=(), prefix=(), **popen):
    """user-api without an address of its own."""
    environment = {"PATH": os.environ["PATH"], **SETTINGS, **(settings or {})}
    argv = [*prefix, binary(), *arguments]
    return Process(argv, env=environment, log_path=os.path.join(folder, "inheriting.log"), **popen).start()
