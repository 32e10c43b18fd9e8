"""A file system of a few MiB that a test can fill: in memory, in a mount namespace of its own, which needs root."""

import os
import subprocess

import pytest

from .postgres import server_user
from .processes import Process, wait_until


def can_mount():
    mount = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="NOT TESTED: a full disk needs root, who may mount file systems")


class SmallDisk:
    """A file system that programs run by `inside` see on `path`, with the previous content of the folder."""

    def __init__(self, path, mib):
        self.path = str(path)
        owner = server_user()
        options = f"size={mib}m,mode=0700,uid={owner['user']},gid={owner['group']}"
        script = 'exec 3<"$1" && mount -t tmpfs -o "$2" none "$1" && cp -a /proc/self/fd/3/. "$1" && exec sleep infinity'
        self.process = Process(["unshare", "-m", "sh", "-c", script, "sh", self.path, options])

    def start(self):
        self.process.start()
        wait_until(self.is_mounted, 15, "the small disk is mounted")
        return self

    def is_mounted(self):
        assert self.process.running(), "the small disk cannot be mounted"
        with open(f"/proc/{self.process.pid}/cmdline", encoding="utf-8") as line:
            return line.read().startswith("sleep")

    def inside(self):
        """The prefix of a command line. It runs the command as the server's user with this file system, even in a
        chroot."""
        owner = server_user()
        login = ["setpriv", f"--reuid={owner['user']}", f"--regid={owner['group']}", "--clear-groups"]
        return ["nsenter", "-t", str(self.process.pid), "-m", "-r", *login]

    def filler(self):
        return f"/proc/{self.process.pid}/root{self.path}/filler"

    def fill(self):
        """Fills the file system to the last byte."""
        with open(self.filler(), "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self):
        os.remove(self.filler())

    def stop(self):
        self.process.stop()
