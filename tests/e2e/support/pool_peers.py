"""Whom a pool meets that needs no database: peers that send half a request, or wait; somebody who starts it."""

import os
import subprocess

from . import fastcgi
from .pool import binary
from .processes import Process, wait_until

SECRET = "b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A"
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


def queue_of(address):
    """How many connections to an address nobody has accepted yet; anybody may ask the kernel."""
    family = ["--unix", "src", address[len("unix:") :]] if address.startswith("unix:") else ["--tcp", "src", address]
    listing = subprocess.run(["ss", "-Hln", *family], check=True, stdout=subprocess.PIPE, text=True, timeout=20).stdout
    (line,) = listing.splitlines()
    return int(line.split("LISTEN")[1].split()[0])


def wait_until_all_busy(pool, peers):
    """Waits until the peers hold a worker each; a request that is queued behind them, and not answered. A worker
    accepts a connection only to serve it."""
    assert len(peers) == pool.workers
    wait_until(lambda: queue_of(pool.address) == 0, 20, "all workers are busy")
    return queued_request(pool.address)


def inheriting(folder, settings=None, arguments=(), prefix=(), **popen):
    """user-api without an address of its own."""
    environment = {"PATH": os.environ["PATH"], **SETTINGS, **(settings or {})}
    argv = [*prefix, binary(), *arguments]
    return Process(argv, env=environment, log_path=os.path.join(folder, "inheriting.log"), **popen).start()
