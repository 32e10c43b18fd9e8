"""A process that checks tokens on machines as fast as it can: python3 -m support.checker FOLDER NUMBER.

It records when it sent each check and the answer; other code judges them. FOLDER has the files that Checkers wrote."""

import itertools
import mmap
import os
import pickle
import random
import socket
import struct
import sys
import time

from . import fastcgi
from .processes import MODULES, Process

WAITING, NEXT, CHANGING, ENDED, UNCLEAR = range(5)

# After this number of refusals, a session counts as ended everywhere, and is checked only occasionally.
ENOUGH = 4
# How many ended sessions are checked closely, and how many sessions are used before they end.
BEHIND, AHEAD = 600, 40
BACKGROUND = 6
CHECKERS = 3
PATIENCE_SECONDS = 20
PATHS = ("/api/users/token", "/api/guard")

now = time.monotonic  # one clock for all processes of this machine


class Board:
    """The state that the processes of a trial share, in a file. Each byte has one meaning and is written at once, so
    there are no locks. Counters may lose an increment."""

    HEADER = 16

    def __init__(self, path, victims, machines):
        self.victims, self.machines = victims, machines
        size = self.HEADER + victims * (1 + 2 * machines)
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.truncate(size)
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), size)
        view = memoryview(self.map)
        self.numbers = view[: self.HEADER].cast("I")
        self.states = view[self.HEADER :][:victims]
        self.accepted = view[self.HEADER + victims :][: victims * machines]
        self.refused = view[self.HEADER + victims * (1 + machines) :]

    @property
    def over(self):
        return self.numbers[0] != 0

    def end(self):
        self.numbers[0] = 1

    @property
    def head(self):
        """The number of sessions that have been ended or are about to be."""
        return self.numbers[1]

    @head.setter
    def head(self, number):
        self.numbers[1] = number

    @property
    def others(self):
        """The number of checks of sessions that never end."""
        return self.numbers[2]

    def count_other(self):
        self.numbers[2] += 1

    def count(self, counters, victim, machine):
        at = victim * self.machines + machine
        counters[at] = min(counters[at] + 1, 255)

    def lowest(self, counters, victim):
        """The counter of the machine that has counted least."""
        return min(counters[victim * self.machines :][: self.machines])


def request_of(token, path):
    """The bytes of a check."""
    parameters = fastcgi.environ("GET", path, HTTP_AUTHORIZATION=f"Bearer {token}")
    return fastcgi.begin() + fastcgi.params(parameters) + fastcgi.stdin()


def ask(address, data, timeout=PATIENCE_SECONDS):
    """(when it was sent, the status); the status is 0 without an answer."""
    path = address[len("unix:") :]
    sent = now()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            # The kernel's timeout, because Python's costs a poll for each call.
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", timeout, 0))
            peer.connect(path)
            sent = now()
            peer.sendall(data)
            answer = b""
            while chunk := peer.recv(4096):
                answer += chunk
        except OSError:
            return sent, 0
    at = answer.find(b"Status: ")
    return sent, int(answer[at + 8 : at + 11]) if at >= 0 else 200 if answer else 0


class Checker:
    def __init__(self, folder, number):
        with open(os.path.join(folder, "plan.pickle"), "rb") as file:
            self.addresses, self.tokens, victims, self.share = pickle.load(file)
        self.board = Board(os.path.join(folder, "board"), victims, len(self.addresses))
        self.path = os.path.join(folder, f"checks-{number}.pickle")
        self.machines = range(len(self.addresses))
        self.done = []
        others = len(self.tokens) - victims
        # Every process starts at another place, so that together they soon check all of them.
        self.sweep = itertools.cycle(range(victims, len(self.tokens)))
        for _ in range(others * number // CHECKERS):
            next(self.sweep)

    def check(self, session, machine):
        """Checks a session at a machine; both are numbers."""
        board, is_victim = self.board, session < self.board.victims
        state = board.states[session] if is_victim else WAITING
        path = PATHS[len(self.done) % len(PATHS)]
        sent, status = ask(self.addresses[machine], request_of(self.tokens[session], path))
        self.done.append((session, machine, sent, now(), status))
        if is_victim and status == 200:
            board.count(board.accepted, session, machine)
        elif is_victim and status == 401 and state == ENDED:
            board.count(board.refused, session, machine)
        elif not is_victim:
            board.count_other()

    def is_hot(self, session, machine):
        """Whether the session will end soon and was not used yet, or the machine may not know its end yet."""
        board, at = self.board, session * self.board.machines + machine
        if board.states[session] == NEXT:
            return board.accepted[at] == 0
        return board.states[session] in (CHANGING, ENDED) and board.refused[at] < ENOUGH

    def hot(self):
        sessions = range(max(0, self.board.head - BEHIND), self.board.head)
        pairs = itertools.product(sessions, self.machines)
        return [pair for pair in pairs if self.is_hot(*pair)]

    def any(self):
        """A session to check: with the probability `share` one that never ends; else mostly one that will end soon, and
        sometimes one that has ended."""
        head, victims = self.board.head, self.board.victims
        if victims == 0 or random.random() < self.share:
            return next(self.sweep)
        if head == victims or (head > 0 and random.random() < 0.25):
            return random.randrange(head)
        return random.randrange(head, min(head + AHEAD, victims))

    def run(self):
        parent = os.getppid()
        while not self.board.over and os.getppid() == parent:
            hot = self.hot()
            random.shuffle(hot)
            for session, machine in hot:
                self.check(session, machine)
            for _ in range(BACKGROUND):
                self.check(self.any(), random.choice(self.machines))
        with open(self.path + ".new", "wb") as file:
            pickle.dump(self.done, file)
        os.rename(self.path + ".new", self.path)


class Checkers:
    """Checker processes for these addresses and tokens. The first `victims` tokens will end. `share` is the share of
    checks of the other tokens while nothing is urgent."""

    def __init__(self, folder, addresses, tokens, victims, share=0.2):
        os.makedirs(folder)
        self.folder = folder
        with open(os.path.join(folder, "plan.pickle"), "wb") as file:
            pickle.dump((addresses, tokens, victims, share), file)
        self.board = Board(os.path.join(folder, "board"), victims, len(addresses))
        self.processes = [
            Process(
                [sys.executable, "-m", "support.checker", folder, number],
                cwd=MODULES,
                log_path=os.path.join(folder, f"checker-{number}.log"),
            )
            for number in range(CHECKERS)
        ]

    def start(self):
        for process in self.processes:
            process.start()

    def assert_all_run(self):
        for process in self.processes:
            assert process.running(), f"a checker has ended:\n{process.log_text()}"

    def stop(self):
        """Ends the processes. Returns all checks: (session, machine, when sent, when answered, status)."""
        self.board.end()
        done = []
        for number, process in enumerate(self.processes):
            code = process.wait(2 * PATIENCE_SECONDS)
            assert code == 0, f"a checker ended with {code}:\n{process.log_text()}"
            with open(os.path.join(self.folder, f"checks-{number}.pickle"), "rb") as file:
                done += pickle.load(file)
        return done


if __name__ == "__main__":
    Checker(sys.argv[1], int(sys.argv[2])).run()
