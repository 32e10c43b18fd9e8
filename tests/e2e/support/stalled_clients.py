"""Clients that begin a request and then stall."""

import contextlib
import resource
import selectors
import socket
import time

HEAD = b"POST /api/users/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
HALF_A_HEAD = HEAD + b"X-Part"
# The first bytes of a ClientHello (RFC 8446, sections 4.1.2 and 5.1).
HALF_A_HANDSHAKE = bytes.fromhex("16 03 01 02 00 01 00 01 fc 03 03")
HALF_A_BODY = HEAD + b"Content-Length: 100\r\n\r\n" + b"x" * 50


def allow_descriptors(count):
    """Raises the limit of descriptors of this process to the needed number, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= count, f"{count} descriptors are needed, and {hard} may be had"
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class Stalled:
    """One connection that has sent `part` at the time `since`."""

    def __init__(self, port, part, address="127.0.0.1"):
        self.peer = socket.create_connection(("127.0.0.1", port), 30, source_address=(address, 0))
        self.peer.sendall(part)
        self.since = time.monotonic()
        self.answer = b""
        self.answered = self.seconds = None

    def read(self):
        """Reads the received data, and notes the time. Returns whether the server has closed."""
        try:
            data = self.peer.recv(65536)
        except ConnectionError:
            data = b""
        self.answer += data
        now = time.monotonic() - self.since
        self.answered = self.answered or now
        if not data:
            self.seconds = now
        return not data


def wait_until_closed(connections, timeout):
    """Returns how long the server has left each connection open; None for those still open after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for each in connections:
            selector.register(each.peer, selectors.EVENT_READ, each)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(1):
                if key.data.read():
                    selector.unregister(key.data.peer)


@contextlib.contextmanager
def half_sent(part, port, count, address="127.0.0.1"):
    """This number of connections of one client that have sent `part`. A server may close some immediately."""
    allow_descriptors(count + 1024)
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            peer = stack.enter_context(socket.socket())
            peer.bind((address, 0))
            with contextlib.suppress(ConnectionError):
                peer.connect(("127.0.0.1", port))
                peer.sendall(part)
        yield
