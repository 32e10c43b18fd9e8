"""Helpers for pools without a real database: peers that send half a request, or wait; a database that never answers; a
program that starts the pool."""

import os
import socket
import struct
import subprocess

from . import fastcgi
from .pool import binary
from .processes import WATCHER, Process, name_of, wait_until

SECRET = "b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A"
# No server listens there, because the requests of these tests need no database.
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
}


LOGIN = b'{"email":"a","password":"b"}'


def post(body, stdin=None, **more):
    """Bytes of a login whose STDIN may differ from CONTENT_LENGTH."""
    parameters = fastcgi.environ("POST", "/api/users/login", body, **{"CONTENT_TYPE": "application/json", **more})
    return fastcgi.begin() + fastcgi.params(parameters) + (fastcgi.stdin(body) if stdin is None else stdin)


def whole(uri="/healthz", **more):
    """Bytes of a GET request."""
    return fastcgi.begin() + fastcgi.params(fastcgi.environ("GET", uri, **more)) + fastcgi.stdin()


# The beginnings of requests that stalled peers have sent.
HALF_OPEN = {
    "silent": b"",
    "a byte": whole()[:1],
    "BEGIN only": fastcgi.begin(),
    "half a PARAMS record": whole()[:60],
    "no end of PARAMS": fastcgi.begin() + fastcgi.params(fastcgi.environ("GET", "/healthz"), end=False),
    "a body that does not come": post(LOGIN, b""),
    "half a body": post(LOGIN, fastcgi.stdin(LOGIN[:5], end=False)),
    "no end of the body": post(LOGIN, fastcgi.stdin(LOGIN, end=False)),
}


def half_sent_request(address):
    """A connection that a worker reads. The second half of the body is not sent yet."""
    body = b"x" * 2000
    peer = fastcgi.connect(address)
    sent = fastcgi.begin() + fastcgi.params(fastcgi.environ("POST", "/healthz", body))
    peer.sendall(sent + fastcgi.stdin(body[:1000], end=False))
    return peer


def finish_request(peer):
    """Sends the second half. Returns the status of the answer."""
    peer.sendall(fastcgi.stdin(b"x" * 1000))
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def queued_request(address, uri="/healthz"):
    """A whole request that is sent and not yet answered."""
    peer = fastcgi.connect(address, timeout=20)
    peer.sendall(whole(uri))
    return peer


def status_of(peer):
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def send(pid, number):
    """Sends a signal to a worker, which may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def events(pool, name):
    return [line for line in pool.log_lines() if line.get("event") == name]


def wait_for_log(pool, name, count=1):
    wait_until(lambda: len(events(pool, name)) >= count, 20, f"the log says '{name}' {count} times")


def ask_kernel(address, state):
    """The sockets at an address that are in this state. This needs no rights."""
    family = ["--unix", "src", address[len("unix:") :]] if address.startswith("unix:") else ["--tcp", "src", address]
    argv = ["ss", "-Hn", "state", state, *family]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=20).stdout.splitlines()


def queue_of(pool):
    """The number of connections that no worker has accepted."""
    (listening,) = ask_kernel(pool.address, "listening")
    return next(int(word) for word in listening.split() if word.isdecimal())


def connections_of(pool):
    """The number of connections that its workers hold: established ones, without those that no worker has accepted."""
    queued = queue_of(pool)
    return len(ask_kernel(pool.address, "established")) - queued


def wait_until_held(pool, count):
    wait_until(lambda: connections_of(pool) == count, 20, f"{count} connections are held")


class SilentDatabase:
    """A database that accepts connections and never answers. It occupies a worker that asks it, until let_go()."""

    def __init__(self, folder):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(folder, ".s.PGSQL.5432"))
        self.listener.listen(64)
        self.listener.settimeout(20)
        self.sessions = []
        self.settings = {
            "USER_API_DATABASE_URL": f"postgresql:///none?host={folder}&port=5432",
            "USER_API_DATABASE_CONNECT_TIMEOUT_MS": "600000",
            "USER_API_WATCHDOG_SECONDS": "0",
        }

    def occupy(self, address, count=1):
        """Occupies this number of workers. Returns the peers that sent their requests."""
        peers, occupied = [], set()
        while len(peers) < count:
            peers.append(queued_request(address, "/readyz"))
            while len(occupied) < len(peers):
                session, _ = self.listener.accept()
                self.sessions.append(session)
                # libpq connects again if the server sends nothing for a second.
                credentials = session.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
                pid = struct.unpack("3i", credentials)[0]
                if name_of(pid) != WATCHER:
                    occupied.add(pid)
        return peers

    def let_go(self):
        """Closes all connections. Waiting clients get the answer that the service is unavailable."""
        for closing in [self.listener, *self.sessions]:
            closing.close()


def inheriting(folder, settings=None, arguments=(), prefix=(), **popen):
    """Starts user-api on an inherited socket."""
    environment = {"PATH": os.environ["PATH"], **SETTINGS, **(settings or {})}
    argv = [*prefix, binary(), *arguments]
    return Process(argv, env=environment, log_path=os.path.join(folder, "inheriting.log"), **popen).start()
