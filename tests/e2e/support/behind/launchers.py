"""Other ways to start the pool than directly on a unix socket."""

import json
import os
import shutil
import signal
import subprocess

from .. import pool as pools
from ..pool import Pool
from ..processes import RUNNING, Process, free_port, is_alive, tell_to_end, wait_until
from .front import DEPLOY

ACTIVATOR_SAYS = ("Listening on ", "Communication attempt on ", "Execing ")


class TcpPool(Pool):
    """A pool on TCP, as on another machine of a private network."""

    def __init__(self, folder, settings, **options):
        super().__init__(folder, settings, listen=f"127.0.0.1:{free_port()}", **options)


def spawn_variables(pool):
    return {
        "SPAWN_SOCKET": pool.address[len("unix:") :],
        "SPAWN_MODE": "0666",
        "SPAWN_USER": "",
        "SPAWN_GROUP": "",
        "SPAWN_WORKERS": str(pool.workers),
        "SPAWN_SETTINGS": pool.config_path,
        "SPAWN_PROGRAM": pools.binary(),
    }


class SpawnedPool(Pool):
    """A pool that deploy/spawn-fcgi/user-api-foreground starts. The process of spawn-fcgi becomes the pool."""

    def __init__(self, folder, settings, **options):
        super().__init__(folder, settings, **options)
        self.process.argv = [os.path.join(DEPLOY, "spawn-fcgi", "user-api-foreground")]
        self.process.env = {**self.process.env, **spawn_variables(self)}


class Daemon:
    """Like processes.Process, for a process that is not a child of this one. Its pid is in a pid file."""

    def __init__(self, argv, env, log_path, pid_path):
        self.argv, self.env, self.log_path, self.pid_path = argv, env, log_path, pid_path
        self.popen = None
        self.pid = None

    stop_signal = signal.SIGTERM
    log_text = Process.log_text
    log_size = Process.log_size

    def start(self):
        assert not self.running()
        subprocess.run(self.argv, env=self.env, stdin=subprocess.DEVNULL, check=True, timeout=30)
        with open(self.pid_path, encoding="ascii") as file:
            self.pid = int(file.read())
        RUNNING.append(self)
        return self

    def running(self):
        return self.pid is not None and is_alive(self.pid)

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout=20.0):
        """Waits for its end. No other process can see its exit code, so the result is 0."""
        wait_until(lambda: not self.running(), timeout, f"pid {self.pid} ends")
        self.pid = None
        if self in RUNNING:
            RUNNING.remove(self)
        return 0

    def stop(self, timeout=20.0):
        if self.running():
            tell_to_end(self)
        return self.wait(timeout) if self.pid is not None else None

    def kill(self):
        if self.running():
            self.signal(signal.SIGKILL)
        return self.wait()


class SpawnedDaemon(Pool):
    """A pool that deploy/spawn-fcgi/user-api-daemon starts."""

    def __init__(self, folder, settings, **options):
        super().__init__(folder, settings, **options)
        pid_path = os.path.join(self.folder, "user-api.pid")
        self.process = Daemon(
            [os.path.join(DEPLOY, "spawn-fcgi", "user-api-daemon")],
            {**self.process.env, **spawn_variables(self), "SPAWN_LOG": self.log_path, "SPAWN_PIDFILE": pid_path},
            self.log_path,
            pid_path,
        )


class ActivatedPool(Pool):
    """A pool that systemd's socket activation starts: systemd opens the socket, which is on descriptor 3, and the first
    connection starts the pool."""

    def __init__(self, folder, settings, **options):
        super().__init__(folder, settings, **options)
        variables = {
            "USER_API_LISTEN": "",
            "USER_API_WORKERS": str(self.workers),
            "USER_API_CONFIG": self.config_path,
        }
        self.process.argv = [
            shutil.which("systemd-socket-activate") or "/usr/bin/systemd-socket-activate",
            "-l",
            self.address[len("unix:") :],
            *(part for name in variables for part in ("-E", name)),
            pools.binary(),
        ]
        self.process.env = {**self.process.env, **variables}

    def start(self):
        previous = os.umask(0o111)
        try:
            return super().start()
        finally:
            os.umask(previous)

    def log_lines(self, start=0):
        """The lines of the log without those of systemd-socket-activate, which are not JSON."""
        lines = self.process.log_text(start).split("\n")[:-1]
        return [json.loads(line) for line in lines if not line.startswith(ACTIVATOR_SAYS)]
