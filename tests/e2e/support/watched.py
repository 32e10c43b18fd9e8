"""The session watcher on its own table (tests/tools/watch_sessions.c), with access to its state for tests."""

import json
import os
import subprocess

from .pool import binary
from .processes import Process, wait_until

PROGRAM = os.path.join(os.path.dirname(binary()), "tests", "tools", "watch_sessions")
WATCHED = "sessions are watched"
UNWATCHED = "sessions are not watched, every check asks the database"
DIGEST = "ab" * 32


def told(text):
    """The watcher's states in a log, in order: None while it hears everything, otherwise the reason."""
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    return [line.get("reason") for line in lines if line["event"] in (WATCHED, UNWATCHED)]


class Watched(Process):
    """`staleness` is in seconds. By default, the watcher sends a proof every tenth of a second."""

    def __init__(self, folder, url, generation=1, staleness=0.4):
        self.staleness = staleness
        super().__init__(
            [PROGRAM, url, int(1000 * staleness), generation],
            log_path=os.path.join(folder, "watched.log"),
            stdin=subprocess.PIPE,
            bufsize=0,
        )
        self.stdout = None

    def start(self):
        ours, theirs = os.pipe()
        self.stdout = os.fdopen(ours, encoding="ascii")
        with open(self.log_path, "ab") as log, os.fdopen(theirs, "wb") as answers:
            self.popen_arguments.update(stdout=answers, stderr=log)
            return super().start()

    def ask(self, *words):
        self.popen.stdin.write((" ".join(map(str, words)) + "\n").encode())
        return self.stdout.readline().rstrip("\n")

    def watcher(self):
        return int(self.ask("pid"))

    def backend(self):
        """The pid of the server process of its listening connection."""
        lines = [json.loads(line) for line in self.log_text().split("\n")[:-1]]
        return [line["backend"] for line in lines if line["event"] == WATCHED][-1]

    def told(self):
        return told(self.log_text())

    def proof(self):
        """How many seconds ago the last proof was sent, or None."""
        age = int(self.ask("proof"))
        return None if age < 0 else age / 1000

    def is_fresh(self):
        age = self.proof()
        return age is not None and age <= self.staleness

    def wait_until_fresh(self):
        wait_until(self.is_fresh, 30, "a proof is fresh")
        return self

    def wait_until_stale(self):
        wait_until(lambda: not self.is_fresh(), 30, "no proof is fresh")

    def fill(self, user, digest=DIGEST):
        assert self.ask("fill", user, digest) == "filled"

    def finds(self, user, digest=DIGEST):
        answer = self.ask("find", user, digest)
        assert answer in ("yes", "no")
        return answer == "yes"

    def wait_until_ended(self, user, digest=DIGEST):
        wait_until(lambda: not self.finds(user, digest), 30, f"the sessions of {user} are ended")

    def stop(self, timeout=20.0):
        self.popen.stdin.close()
        code = super().stop(timeout)
        self.stdout.close()
        return code
