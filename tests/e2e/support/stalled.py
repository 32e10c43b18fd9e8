"""Peers of a pool that do not go on: they stall, drip, never read, never close."""

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
    """Also where a queue is full for a moment; None when that is over."""
    return wait_until(lambda: (over and over.is_set() and [None]) or [fastcgi.connect(address)], 20, "a connection")[0]


def stalled(address, count, kinds=KINDS):
    """So many peers of all kinds, which have sent what they will."""
    peers = []
    for sent in itertools.islice(itertools.cycle(kinds), count):
        peers.append(connect(address))
        peers[-1].sendall(sent)
    return peers


def close(peers):
    for peer in peers:
        peer.close()


def is_open(peer):
    """Whether the other side still has it; what has come is left alone."""
    poll = select.poll()
    poll.register(peer, select.POLLIN)
    try:
        return not poll.poll(0) or peer.recv(1, socket.MSG_PEEK) != b""
    except ConnectionError:
        return False


class Dripping(threading.Thread):
    """Peers that send a byte of a request each now and then, and begin once more when they are dropped. `lots`:
    what is no byte, but as much as the other side takes."""

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
            # Records of another request, which a peer may send without end.
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
    """The statuses of so many requests, one after the other, and the longest that one took."""
    statuses, longest = [], 0.0
    for _ in range(count):
        start = time.monotonic()
        answer = fastcgi.get(address, uri)
        longest = max(longest, time.monotonic() - start)
        statuses.append(answer and answer[0])
    return statuses, longest


def read_slowly(peer, seconds):
    """Reads a little now and then until the other side closes; what came."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := peer.recv(8192):
            received += chunk
            time.sleep(seconds)
    return received


def anonymous(pid):
    """Bytes of a process that are its own (proc(5), RssAnon)."""
    return status_bytes(pid, "RssAnon")


def peak(pid):
    """The most that it has had so far, with what it shares."""
    return status_bytes(pid, "VmHWM")


def status_bytes(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        line = next(line for line in status if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024
