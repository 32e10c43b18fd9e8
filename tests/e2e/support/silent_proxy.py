"""A TCP proxy that can become silent like a bad firewall: connections stay open, but no data passes. For that, its process
is stopped, so the kernel still accepts data.

    python3 -m support.silent_proxy PORT TARGET-PORT"""

import os
import signal
import socket
import sys
import threading

from .processes import MODULES, Process, free_port, wait_until


def copy(source, target):
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for each in (source, target):
            each.close()


def serve(port, target_port):
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            peer, _ = listener.accept()
            try:
                target = socket.create_connection(("127.0.0.1", target_port))
            except OSError:
                peer.close()
                continue
            for pair in ((peer, target), (target, peer)):
                threading.Thread(target=copy, args=pair, daemon=True).start()


class SilentProxy(Process):
    """A proxy in front of a PostgreSQL, on its own port or on that of an ended proxy."""

    def __init__(self, folder, postgres, port=None):
        self.port = port or free_port()
        super().__init__(
            [sys.executable, "-m", "support.silent_proxy", self.port, postgres.port],
            cwd=MODULES,
            log_path=os.path.join(folder, "proxy.log"),
        )
        self.postgres = postgres

    def start(self):
        super().start()
        wait_until(self.accepts, 15, "the proxy listens")
        return self

    def accepts(self):
        with socket.create_connection(("127.0.0.1", self.port), 5):
            return True

    def url(self, database):
        return self.postgres.url(database, tcp=True).replace(f":{self.postgres.port}/", f":{self.port}/")

    def fall_silent(self):
        self.signal(signal.SIGSTOP)

    def speak(self):
        self.signal(signal.SIGCONT)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
