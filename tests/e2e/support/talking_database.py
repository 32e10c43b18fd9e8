"""Servers that give the watcher unexpected data: a relay that changes the data, and a PostgreSQL with wrong messages."""

import socket
import struct
import threading


class Server:
    """A server with a thread for each connection."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.peers = []
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, login="someone", database="d"):
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}?sslmode=disable&gssencmode=disable"

    def accept(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self.try_to_serve, args=[peer], daemon=True).start()

    def try_to_serve(self, peer):
        try:
            self.serve(peer)
        except (OSError, struct.error):
            pass
        finally:
            self.end(peer)

    @staticmethod
    def end(peer):
        try:
            peer.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def cut(self):
        """Ends all connections."""
        for peer in self.peers[:]:
            self.end(peer)

    def stop(self):
        self.end(self.socket)
        self.socket.close()
        self.cut()


class Relay(Server):
    """A relay in front of a PostgreSQL. `change` gets the bytes of the server."""

    def __init__(self, postgres, change=lambda data: data):
        self.postgres = postgres
        self.change = change
        super().__init__()

    def serve(self, peer):
        with socket.create_connection(("127.0.0.1", self.postgres.port)) as behind:
            there = threading.Thread(target=self.copy, args=[peer, behind, lambda data: data], daemon=True)
            there.start()
            self.copy(behind, peer, self.change)
            self.end(peer)
            there.join()

    def copy(self, source, target, change):
        try:
            while data := source.recv(65536):
                target.sendall(change(data))
            self.end(target)
        except OSError:
            self.end(target)


def message(kind, *parts):
    body = b"".join(parts)
    return kind + struct.pack("!i", 4 + len(body)) + body


def notification(payload):
    return message(b"A", struct.pack("!i", 1), b"user_api_session\0", payload, b"\0")


READY = message(b"Z", b"I")
PID = 4711


def answer(*values):
    """An answer with one row of text."""
    columns = b"".join(b"c\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0) for _ in values)
    fields = b"".join(struct.pack("!i", len(value)) + value for value in values)
    return (
        message(b"T", struct.pack("!h", len(values)), columns)
        + message(b"D", struct.pack("!h", len(values)), fields)
        + message(b"C", b"SELECT 1\0")
    )


PROVED = message(b"2") + answer(str(PID).encode(), b"f", b"t", b"7", b"8", b"", b"0") + READY


class TalkingDatabase(Server):
    """Answers the watcher like a good server, until it listens and its first proof is answered. Then this calls `talk` with
    the connection."""

    def __init__(self, talk):
        self.talk = talk
        super().__init__()

    @staticmethod
    def read(peer):
        kind = peer.recv(1)
        (length,) = struct.unpack("!i", peer.recv(4, socket.MSG_WAITALL))
        return kind, peer.recv(length - 4, socket.MSG_WAITALL)

    def statement(self, peer):
        """The next statement, with all messages that belong to it."""
        text = b""
        while True:
            kind, body = self.read(peer)
            text += body
            if kind in (b"Q", b"S"):
                return text

    def serve(self, peer):
        (length,) = struct.unpack("!i", peer.recv(4, socket.MSG_WAITALL))
        peer.recv(length - 4, socket.MSG_WAITALL)
        peer.sendall(
            message(b"R", struct.pack("!i", 0))
            + message(b"S", b"server_version\0", b"15.0\0")
            + message(b"K", struct.pack("!ii", PID, 1))
            + READY
        )
        while True:
            statement = self.statement(peer)
            if b"tgrelid" in statement:  # this statement prepares the proof
                peer.sendall(message(b"1") + READY)
            elif b"pg_is_in_recovery" in statement:
                peer.sendall(answer(str(PID).encode(), b"f") + READY)
            elif b"LISTEN" in statement:
                peer.sendall(message(b"1") + message(b"2") + message(b"n") + message(b"C", b"LISTEN\0") + READY)
            elif b"set_config" in statement:
                peer.sendall(message(b"1") + message(b"2") + answer(b"") + READY)
            else:
                peer.sendall(PROVED)
                break
        self.talk(peer)
