"""Web servers as ordinary processes in the foreground, with the configurations of deploy/ as shipped, except
addresses, folders and certificates."""

import os
import shutil
import signal
import socket
import subprocess

from .. import pool as pools
from ..processes import REPOSITORY, catches, free_port, is_alive, wait_until

DEPLOY = os.path.join(REPOSITORY, "deploy")


class Front:
    """`tls` activates the shipped lines for TLS."""

    starts_children = False
    stop_signal = signal.SIGTERM
    reload_signal = signal.SIGHUP

    def __init__(self, folder, pool, tls=False):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.pool = pool
        self.port = free_port()
        self.tls = tls
        self.process = None
        if tls:
            self.make_certificate()

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def make_certificate(self):
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
        subprocess.run(
            [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
            + ["-keyout", self.path("key.pem"), "-out", self.path("cert.pem")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )

    def shipped(self, *names, exchanges=()):
        """The text of a file of deploy/, with replacements (theirs, ours). Each text to replace must be in the file."""
        with open(os.path.join(DEPLOY, *names), encoding="utf-8") as file:
            text = file.read()
        for theirs, ours in exchanges:
            assert theirs in text, f"{'/'.join(names)} has no {theirs!r}"
            text = text.replace(theirs, ours)
        return text

    def copy_errors(self):
        """Copies the error pages to a folder that every user may read. Returns the folder."""
        copy = self.path("errors")
        shutil.copytree(os.path.join(DEPLOY, "errors"), copy, dirs_exist_ok=True)
        return copy

    def copy_pages(self, name):
        """Copies deploy/www/ to a folder that every user may read. Returns the file of deploy/pages/ that serves it."""
        copy = shutil.copytree(os.path.join(DEPLOY, "www"), self.path("www"), dirs_exist_ok=True)
        exchanges = [("/usr/share/user-api/www/", copy + "/")]
        return self.write(f"pages-{name}", self.shipped("pages", name, exchanges=exchanges))

    def copy_program(self, owner=None):
        """Copies that `owner` may run and read: (program, settings)."""
        program = shutil.copy(pools.binary(), self.path("user-api"))
        settings = shutil.copy(self.pool.config_path, self.path("user-api.conf"))
        if owner is not None and os.geteuid() == 0:
            shutil.chown(settings, owner, owner)
        return program, settings

    def start(self):
        self.process.start()
        wait_until(self.accepts, 20, f"{self.process.argv[0]} accepts connections")
        return self

    def accepts(self):
        assert self.process.running(), "it has ended:\n" + self.log_text()
        socket.create_connection(("127.0.0.1", self.port), 5).close()
        # Before that, the signal would end only the first process, and mod_fcgid's manager would never end.
        return catches(self.process.pid, self.stop_signal)

    def log_text(self):
        return self.process.log_text()

    def reload(self):
        """Requests a graceful reload, and does not wait for it."""
        self.process.signal(self.reload_signal)

    def processes(self):
        """The processes of user-api that the server has started."""
        return []

    def stop(self):
        """Processes that the server has started end with it, and write into its log. A sanitizer's report in it is a
        failure."""
        started = self.processes() if self.process.running() else []
        code = self.process.stop()
        wait_until(lambda: not any(map(is_alive, started)), 20, "what the server has started has ended")
        reports = [line for line in self.log_text().splitlines() if "Sanitizer" in line or "runtime error:" in line]
        assert not reports, "\n".join(reports)
        return code
