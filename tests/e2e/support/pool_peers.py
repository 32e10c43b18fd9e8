"""Whom a pool meets that needs no database: peers that send half a request, or wait; a database that says nothing;
somebody who starts it."""

import os
import socket
import struct
import subprocess

from . import fastcgi
from .pool import binary
from .processes import WATCHER, Process, name_of, wait_until

SECRET = "b7Kq9XvZ2mLw4Rt8Yp1Nc6Hd3Jf5Gs0A"
# Nobody listens there: what these tests request needs no database.
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
}


LOGIN = b'{"email":"a","password":"b"}'


def post(body, stdin=None, **more):
    """Bytes of a login whose STDIN may differ from what is announced."""
    parameters = fastcgi.environ("POST", "/api/users/login", body, **{"CONTENT_TYPE": "application/json", **more})
    return fastcgi.begin() + fastcgi.params(parameters) + (fastcgi.stdin(body) if stdin is None else stdin)


def whole(uri="/healthz", **more):
    """Bytes of a GET request."""
    return fastcgi.begin() + fastcgi.params(fastcgi.environ("GET", uri, **more)) + fastcgi.stdin()


# What peers have sent that do not go on.
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
    """A connection that a worker reads, with the second half of a body still to come."""
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
    """A signal to a worker, which may have gone meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def events(pool, name):
    return [line for line in pool.log_lines() if line.get("event") == name]


def wait_for_log(pool, name, count=1):
    wait_until(lambda: len(events(pool, name)) >= count, 20, f"the log says '{name}' {count} times")


def ask_kernel(address, state):
    """The sockets at an address that are in a state; anybody may ask."""
    family = ["--unix", "src", address[len("unix:") :]] if address.startswith("unix:") else ["--tcp", "src", address]
    argv = ["ss", "-Hn", "state", state, *family]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=20).stdout.splitlines()


def queue_of(pool):
    """How many connections nobody has accepted."""
    (listening,) = ask_kernel(pool.address, "listening")
    return next(int(word) for word in listening.split() if word.isdecimal())


def connections_of(pool):
    """How many connections its workers hold: those that are established, without those that nobody has accepted."""
    queued = queue_of(pool)
    return len(ask_kernel(pool.address, "established")) - queued


def wait_until_held(pool, count):
    wait_until(lambda: connections_of(pool) == count, 20, f"{count} connections are held")


class SilentDatabase:
    """A database that takes connections and says nothing: a worker that asks it is occupied until it is let go."""

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
        """Occupies so many workers; the peers whose requests these are at."""
        peers, occupied = [], set()
        while len(peers) < count:
            peers.append(queued_request(address, "/readyz"))
            while len(occupied) < len(peers):
                session, _ = self.listener.accept()
                self.sessions.append(session)
                # libpq connects once more when nothing is said for a second.
                credentials = session.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
                pid = struct.unpack("3i", credentials)[0]
                if name_of(pid) != WATCHER:
                    occupied.add(pid)
        return peers

    def let_go(self):
        """Goes away: whoever waits is told that the service is unavailable."""
        for closing in [self.listener, *self.sessions]:
            closing.close()


def inheriting(folder, settings=None, arguments=(), prefix=(), **popen):
    """user-api without an address of its own."""
    environment = {"PATH": os.environ["PATH"], **SETTINGS, **(settings or {})}
    argv = [*prefix, binary(), *arguments]
    return Process(argv, env=environment, log_path=os.path.join(folder, "inheriting.log"), **popen).start()
