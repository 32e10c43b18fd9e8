"""A log that no process reads, or that cannot grow, blocks neither requests nor reloads nor the end of the service."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import termios

import pytest
from support import fastcgi
from support.postgres import server_user
from support.processes import wait_until
from support.small_disk import SmallDisk, needs_mount

pytest_plugins = ["support.pool_fixtures"]

MANY = 1200  # these log lines are more than a pipe, a socket or a terminal holds

pools = pytest.mark.parametrize("workers", [0, 1, 4])


def parsed(text, cut=0):
    """The complete lines. At most `cut` others may be broken: several processes wrote into each other's lines."""
    found, broken = [], 0
    for line in text.split(b"\n")[:-1]:
        try:
            found.append(json.loads(line))
        except ValueError:
            broken += 1
    assert broken <= cut
    return found


def dropped_of(lines):
    return sum(line.get("dropped", 0) for line in lines)


class Pipe:
    """The destination of a log; the test holds the other end."""

    # A pipe or a socket accepts a line as a whole, a terminal as many bytes as it has space for.
    most_cut = 0

    def __init__(self, path=None):
        self.text = b""
        self.reader, self.writer = self.open() if path is None else self.open_fifo(path)

    def open(self):
        return os.pipe()

    def open_fifo(self, path):
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        return reader, os.open(path, os.O_WRONLY)

    def leave(self):
        os.close(self.reader)

    def come_back(self, path):
        self.reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def read(self):
        """Reads what is available now."""
        while select.select([self.reader], [], [], 0)[0]:
            chunk = os.read(self.reader, 65536)
            self.text += chunk
            if not chunk:
                break

    def lines(self):
        self.read()
        return parsed(self.text, self.most_cut)

    def dropped(self):
        """How many lines were dropped. Also counts a report that follows half of another line, as on a terminal."""
        self.lines()
        return sum(map(int, re.findall(rb'"dropped":(\d+)', self.text)))

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


class Socket(Pipe):
    """A socket, as journald uses one."""

    def open(self):
        return [end.detach() for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)]


class Terminal(Pipe):
    """A terminal whose window shows nothing."""

    most_cut = 10

    def open(self):
        return pty.openpty()


class StoppedTerminal(Terminal):
    """A terminal that Ctrl-S stopped, until the test reads."""

    def open(self):
        ends = pty.openpty()
        termios.tcflow(ends[1], termios.TCOOFF)
        return ends

    def read(self):
        termios.tcflow(self.writer, termios.TCOON)
        super().read()


@pytest.fixture(params=[Pipe, Socket, Terminal, StoppedTerminal])
def log(request):
    made = request.param()
    yield made
    made.close()


def status_of(pool, uri="/healthz"):
    answer = fastcgi.get(pool.address, uri, timeout=10)
    return answer and answer[0]


def ask_often(pool, times=MANY):
    assert [status_of(pool) for _ in range(times)] == [200] * times


@pools
def test_nobody_reads_the_log_and_the_service_goes_on_until_it_is_told_to_end(make_pool, log, workers):
    flags = fcntl.fcntl(log.writer, fcntl.F_GETFL)
    pool = make_pool(workers=workers, stderr=log.writer).start()
    ask_often(pool)
    assert fcntl.fcntl(log.writer, fcntl.F_GETFL) == flags
    assert status_of(pool, "/api/users/token") == 401
    assert pool.terminate() == 0


@pools
def test_a_reader_who_comes_finds_whole_lines_and_the_number_of_those_that_were_dropped(make_pool, log, workers):
    pool = make_pool(workers=workers, stderr=log.writer).start()
    ask_often(pool)
    log.read()

    def counts():
        return status_of(pool) == 200 and log.dropped() > 0

    wait_until(counts, 20, "a line says how many were dropped")
    assert pool.terminate() == 0
    answered = [line for line in log.lines() if line["event"] == "request"]
    assert len(answered) < MANY
    if workers == 0:
        assert len(answered) + log.dropped() >= MANY


@pytest.mark.parametrize("log", [Pipe, Socket], indirect=True)
def test_workers_are_replaced_while_nobody_reads_the_log(make_pool, log):
    pool = make_pool(workers=2, stderr=log.writer).start()
    ask_often(pool)
    pool.reload_and_wait()
    ask_often(pool)
    victim = pool.pids()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in pool.pids() and len(pool.pids()) == 2, 20, "it is replaced")
    assert pool.terminate() == 0


@pools
def test_a_reader_may_go_and_another_one_come(make_pool, folder, workers):
    path = os.path.join(folder, "log")
    os.mkfifo(path)
    log = Pipe(path)
    pool = make_pool(workers=workers, stderr=log.writer).start()
    log.leave()
    ask_often(pool, 50)
    log.come_back(path)
    wait_until(lambda: status_of(pool) == 200 and log.dropped() > 0, 20, "a line says how many were dropped")
    log.leave()
    assert pool.terminate() == 0


@needs_mount
@pools
def test_a_full_disk_costs_lines_only_and_says_how_many(make_pool, folder, workers):
    os.mkdir(f"{folder}/disk")
    disk = SmallDisk(f"{folder}/disk", 1).start()
    with open(f"/proc/{disk.process.pid}/root{disk.path}/log", "a+b", buffering=0) as file:
        pool = make_pool(workers=workers, stderr=file).start()
        disk.fill()
        ask_often(pool, 100)
        disk.free()

        def written():
            file.seek(0)
            return file.read()

        # With several workers, the line of one may follow half of another's line.
        wait_until(lambda: status_of(pool) == 200 and b'"dropped":' in written(), 20, "a line says how many were dropped")
        assert pool.terminate() == 0
        lines = parsed(written(), cut=2 * workers)
        assert workers > 0 or dropped_of(lines) + len(lines) > 100
    disk.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: a pipe of another user needs root")
@pools
def test_a_pipe_of_another_user_that_nobody_reads_stops_nothing(make_pool, folder, workers):
    log, user = Pipe(), server_user()
    pool = make_pool(workers=workers, stderr=log.writer, **user)
    for path in (folder, pool.config_path):
        os.chown(path, user["user"], user["group"])
    pool.start()
    assert not is_nonblocking(pool.pid)
    ask_often(pool)
    log.read()
    wait_until(lambda: status_of(pool) == 200 and log.dropped() > 0, 20, "a line says how many were dropped")
    assert pool.terminate() == 0
    log.close()


def is_nonblocking(pid):
    """Whether descriptor 2 of the process is nonblocking."""
    with open(f"/proc/{pid}/fdinfo/2", encoding="ascii") as file:
        return bool(int(re.search(r"flags:\s+(\d+)", file.read())[1], 8) & os.O_NONBLOCK)
