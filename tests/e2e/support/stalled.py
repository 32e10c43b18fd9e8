"""Stalled peers of a pool: they stop sending, send single bytes, never read, or never close."""

import contextlib
import itertools
import select
import socket
import threading
import time

from . import fastcgi
from .pool_peers import HALF_OPEN
from .processes import wait_until

KINDS = tuple(HALF_OPEN.values())
LOTS = b"\0" * 65536


def connect(address, over=None):
    """Connects, and tries again while a queue is full. Returns None as soon as `over` is set."""
    return wait_until(lambda: (over and over.is_set() and [None]) or [fastcgi.connect(address)], 20, "a connection")[0]


def stalled(address, count, kinds=KINDS):
    """This number of peers of all kinds, which will send nothing more."""
    peers = []
    for sent in itertools.islice(itertools.cycle(kinds), count):
        peers.append(connect(address))
        peers[-1].sendall(sent)
    return peers


def close(peers):
    for peer in peers:
        peer.close()


def is_open(peer):
    """Whether the other side has the connection still open. This reads no data from it."""
    poll = select.poll()
    poll.register(peer, select.POLLIN)
    try:
        return not poll.poll(0) or peer.recv(1, socket.MSG_PEEK) != b""
    except ConnectionError:
        return False


class Dripping(threading.Thread):
    """Peers that sometimes send one byte of a request, and start again after the pool drops them. `lots`: peers that send as
    much as the other side accepts."""

    def __init__(self, address, count, seconds=0.05, lots=False):
        super().__init__(daemon=True)
        self.address = address
        self.seconds = seconds
        self.lots = lots
        self.over = threading.Event()
        self.dropped = 0
        self.peers = [self.connect() for _ in range(count)]

    def connect(self):
        peer = connect(self.address, self.over)
        if peer is not None:
            peer.sendall(fastcgi.begin())
            peer.setblocking(False)
        return peer

    def drip(self, at):
        try:
            # Records of another request, which a peer may send endlessly.
            self.peers[at].send(LOTS if self.lots else b"\x01\x05\0\2\0\0\0\0"[self.turn % 8 :][:1])
            return is_open(self.peers[at])
        except BlockingIOError:
            return True
        except ConnectionError:
            return False

    def run(self):
        for self.turn in itertools.count():
            for at in range(len(self.peers)):
                if not self.over.is_set() and not self.drip(at):
                    self.dropped += 1
                    self.peers[at].close()
                    self.peers[at] = self.connect()
            if self.over.wait(self.seconds):
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()
        close(filter(None, self.peers))


def answers(address, count, uri="/healthz"):
    """Sends this number of requests one after the other. Returns their statuses and the longest time of one."""
    statuses, longest = [], 0.0
    for _ in range(count):
        start = time.monotonic()
        answer = fastcgi.get(address, uri)
        longest = max(longest, time.monotonic() - start)
        statuses.append(answer and answer[0])
    return statuses, longest


def read_slowly(peer, seconds):
    """Reads a little from time to time until the other side closes. Returns the data."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := peer.recv(8192):
            received += chunk
            time.sleep(seconds)
    return received


def anonymous(pid):
    """Bytes of private memory of a process (proc(5), RssAnon)."""
    return status_bytes(pid, "RssAnon")


def peak(pid):
    """The largest memory of the process so far, including shared memory."""
    return status_bytes(pid, "VmHWM")


def status_bytes(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        line = next(line for line in status if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024
