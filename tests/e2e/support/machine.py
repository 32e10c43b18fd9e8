"""A Debian in a folder, USER_API_BOOT_ROOT, that boots as PID 1 of a container without an engine; scripts/test --boot
makes it, with the packages installed, and these tests change it."""

import os
import shutil
import subprocess

import pytest

from . import fastcgi
from .processes import Process, children_of, name_of, wait_until

ROOT = os.environ.get("USER_API_BOOT_ROOT")
SETTINGS = "/etc/user-api/user-api.conf"

NEEDED = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not ROOT, reason="NO SYSTEMD IS BOOTED: set USER_API_BOOT_ROOT (see support/machine.py)"),
    pytest.mark.skipif(not shutil.which("systemd-nspawn"), reason="NO SYSTEMD IS BOOTED: systemd-nspawn is missing"),
    pytest.mark.skipif(os.geteuid() != 0, reason="NO SYSTEMD IS BOOTED: that needs root"),
]


def write(path, text):
    path = ROOT + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)


class Machine:
    """A machine with its own network and the host's users. It needs Debian's control groups to learn when processes end."""

    def __init__(self, folder):
        self.process = Process(
            ["systemd-nspawn", "--directory", ROOT, "--boot", "--private-network", "--register=no", "--keep-unit"]
            + ["--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe"],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            log_path=os.path.join(folder, "boot.log"),
        )

    def boot(self):
        self.process.start()
        wait_until(self.has_init, 60, "systemd runs")
        wait_until(lambda: self.ask("systemctl", "is-system-running", "--wait").strip() == "running", 120, "it is up")
        return self

    def has_init(self):
        assert self.process.running(), self.process.log_text()
        return any(name_of(child) == "systemd" for child in children_of(self.process.pid))

    def command(self, *words):
        init = children_of(self.process.pid)[0]
        return ["nsenter", "--target", str(init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", *words]

    def run(self, *words, timeout=90):
        """Runs a command in it. Returns the finished process with its output."""
        return subprocess.run(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )

    def ask(self, *words):
        """The output of a command in it, with any exit code."""
        return self.run(*words).stdout

    def shell(self, commands):
        """Runs these commands by bash, which must succeed. Returns the output."""
        done = self.run("bash", "-ec", commands, timeout=300)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def systemctl(self, *words):
        subprocess.run(self.command("systemctl", *words), stdin=subprocess.DEVNULL, timeout=90, check=True)

    def show(self, name):
        return self.ask("systemctl", "show", "--value", "--property", name, "user-api.service").strip()

    def journal(self):
        return self.ask("journalctl", "--unit", "user-api.service", "--output", "cat", "--boot", "--no-pager")

    @property
    def address(self):
        return f"unix:/proc/{children_of(self.process.pid)[0]}/root/run/user-api/user-api.sock"

    def serves(self):
        answer = fastcgi.get(self.address, "/healthz")
        return answer is not None and answer[0] == 200

    def restarted(self, count):
        return self.show("NRestarts") == str(count) and self.show("ActiveState") == "active"
