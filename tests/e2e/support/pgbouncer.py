"""PgBouncer in front of a cluster, on a loopback port of its own: as Debian ships it, except `settings`."""

import os
import re
import socket
import subprocess
import urllib.parse

from .postgres import SERVICE_ACCOUNT, server_user
from .processes import Process, free_port, wait_until

PROGRAM = "/usr/sbin/pgbouncer"


def version():
    """The version of PgBouncer as a pair of numbers."""
    text = subprocess.run([PROGRAM, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return tuple(int(number) for number in re.search(r"PgBouncer (\d+)\.(\d+)", text).groups())


def tracks_statements():
    """Whether PgBouncer can use a client's named statements in every session of the server."""
    return version() >= (1, 21)


class PgBouncer:
    def __init__(self, postgres, folder, pool_mode="transaction", **settings):
        self.postgres = postgres
        self.folder = str(folder)
        self.port = free_port()
        self.settings = {"pool_mode": pool_mode, **settings}
        self.config_path = os.path.join(self.folder, "pgbouncer.ini")
        self.write_config()
        # PgBouncer refuses to run as root.
        self.process = Process(
            [PROGRAM, self.config_path], log_path=os.path.join(self.folder, "pgbouncer.log"), **server_user()
        )

    def write_config(self):
        """Rewrites the file, for the next start or reload."""
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "log_connections": 0,
            "log_disconnections": 0,
            **self.settings,
        }
        with open(self.config_path, "w", encoding="utf-8") as file:
            login = f"host={self.postgres.folder} port={self.postgres.port} user={SERVICE_ACCOUNT}"
            file.write(f"[databases]\n* = {login}\n[pgbouncer]\n")
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def start(self):
        self.process.start()
        wait_until(self.accepts, 15, "PgBouncer accepts connections")
        return self

    def accepts(self):
        assert self.process.running(), "PgBouncer has ended:\n" + self.process.log_text()
        with socket.create_connection(("127.0.0.1", self.port), 5):
            return True

    def url(self, database):
        login = urllib.parse.quote(SERVICE_ACCOUNT, safe="")
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def stop(self):
        self.process.stop()
