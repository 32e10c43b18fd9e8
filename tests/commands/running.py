"""Runs scripts/run in the background, for tests."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time

from support.processes import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 120


def wait_until(probe, what):
    deadline = time.monotonic() + PATIENCE
    while not probe():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def descendants(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return children + [each for child in children for each in descendants(child)]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Run:
    """One scripts/run, with its output in a file."""

    def __init__(self, folder, *arguments, root=ROOT, state=None, port=None, **popen):
        self.state = state or os.path.join(folder, "state")
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        argv = [f"{root}/scripts/run", "--port", str(self.port), "--state", self.state, *arguments]
        descriptor, self.output = tempfile.mkstemp(dir=folder)
        with open(descriptor, "w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **popen
            )

    def words(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    def has_said(self, words):
        assert self.process.poll() is None, "it has ended: " + self.words()
        return words in self.words()

    def is_up(self):
        return self.has_said("Ctrl-C stops everything")

    def up(self):
        wait_until(self.is_up, "the API is up")
        return self

    def curl_lines(self):
        return re.findall(r"(?m)^  (curl .*)$", self.words())

    def password(self):
        return re.search(r"(?m)^  password  (.*)$", self.words()).group(1)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def answers_of(run):
    """Runs the printed curl lines in a shell. Returns the JSON bodies."""
    return [json.loads(subprocess.check_output(["bash", "-c", line])) for line in run.curl_lines()]
