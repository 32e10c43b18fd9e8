"""The pool under test: user-api with a settings file of its own."""

import json
import os
import signal

from . import admin, fastcgi
from .processes import REPOSITORY, Process, hasher_of, wait_until, watcher_of, workers_of


def binary():
    return os.path.abspath(os.environ.get("USER_API_BINARY") or os.path.join(REPOSITORY, "build", "user-api"))


def is_sanitized():
    """Whether it was built with AddressSanitizer."""
    with open(binary(), "rb") as program:
        return b"__asan_init" in program.read()


def can_look_inside():
    """Whether these tests may read data of a pool's processes that the kernel protects (PR_SET_DUMPABLE)."""
    return os.geteuid() == 0 or is_sanitized()


class Pool:
    """`settings` are USER_API_* names and values; `listen` one address or several (default: a unix socket
    in `folder`)."""

    def __init__(self, folder, settings, listen=None, workers=4, extra_args=(), env=None, **popen):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.settings = dict(settings)
        listen = listen or f"unix:{self.folder}/api.sock,mode=0666"
        self.listen = [listen] if isinstance(listen, str) else list(listen)
        self.address = self.listen[0].split(",")[0]
        self.workers = workers
        self.config_path = os.path.join(self.folder, "user-api.env")
        self.log_path = os.path.join(self.folder, "user-api.log")
        self.write_config()
        argv = [binary(), "--config", self.config_path]
        argv += [part for address in self.listen for part in ("--listen", address)]
        if workers is not None:
            argv += ["--workers", str(workers)]
        self.process = Process(
            argv + list(extra_args),
            env=admin.environment(**(env or {})),
            log_path=self.log_path,
            **popen,
        )

    def write_config(self):
        """Rewrites the settings file, for the next start or reload."""
        with open(os.open(self.config_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in self.settings.items())

    def start(self):
        self.process.start()
        wait_until(self.healthy, 30, "the pool answers /healthz")
        wait_until(lambda: self.hasher() or not self.workers, 30, "the hasher is there")
        self.wait_for_watcher()
        wait_until(lambda: len(self.pids()) >= (self.workers or 0), 30, "all workers are there")
        return self

    def wait_for_watcher(self):
        """Waits for the watcher. Until it has its name, it looks like a worker."""
        has_one = self.workers != 0 and str(self.settings.get("USER_API_SESSION_TABLE_MIB")) != "0"
        wait_until(lambda: self.watcher() or not has_one, 30, "the watcher is there")

    def healthy(self):
        assert self.process.running(), "user-api has ended:\n" + self.process.log_text()
        answer = fastcgi.get(self.address, "/healthz", timeout=5)
        return answer is not None and answer[0] == 200

    def request(self, method="GET", uri="/", body=b"", **more):
        """Sends one request directly to the pool: (status, headers, body)."""
        return fastcgi.request(self.address, fastcgi.environ(method, uri, body, **more), body)

    def reload(self):
        """Tells the pool to reload its settings, and does not wait."""
        self.process.signal(signal.SIGHUP)

    def reload_and_wait(self):
        """Reloads, and waits until all old workers have ended and the new ones serve."""
        before = set(self.pids())
        self.reload()
        wait_until(lambda: not before & set(self.pids()), 30, "all workers are replaced")
        self.wait_for_watcher()
        wait_until(lambda: len(self.pids()) >= 1 and self.healthy(), 30, "the new workers serve")

    def terminate(self, timeout=20.0):
        """Sends TERM, and waits until the pool has drained. Returns the exit code."""
        self.process.signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def stop(self):
        return self.process.stop()

    def kill(self):
        """Kills only the supervisor."""
        return self.process.kill()

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        """The workers."""
        return workers_of(self.process.pid)

    def hasher(self):
        """The pid of the pool's hasher, or None."""
        return hasher_of(self.process.pid)

    def watcher(self):
        """The pid of the pool's session watcher, or None."""
        return watcher_of(self.process.pid)

    def log_text(self):
        return self.process.log_text()

    def log_lines(self, start=0):
        """All lines from byte `start` on, as dicts. A line that is not a JSON object is an error."""
        lines = [json.loads(line) for line in self.process.log_text(start).split("\n")[:-1]]
        assert all(isinstance(line, dict) for line in lines)
        return lines
