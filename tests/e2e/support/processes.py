"""Processes that tests start: known by pid, stopped by pid, their logs at hand. And ports for them."""

import contextlib
import functools
import itertools
import os
import signal
import socket
import subprocess
import time

# The folder in which `python3 -m support.…` finds this package.
MODULES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = os.path.dirname(os.path.dirname(MODULES))

# Every Process that runs now, so that a failing test can show the logs and the end of a run can stop
# whatever a test left behind.
RUNNING = []

# Beyond 10080, the last port that a browser refuses by itself (Fetch, "bad port").
FIRST_PORT, PORTS = 10112, 128


class Ports:
    """Loopback TCP ports that no other process of any tests takes: a range of them, claimed by an abstract unix
    socket. That ends with the process, and belongs to the network namespace, as ports do. The kernel gives none of
    these ports to a connection: they are outside the range of its ephemeral ones."""

    def __init__(self):
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            low, high = map(int, file.read().split())
        starts = range(FIRST_PORT, 65536 - PORTS, PORTS)
        outside = [start for start in starts if start + PORTS <= low or start > high]
        self.claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        start = next(filter(self.takes, outside or starts), None)
        assert start is not None, "other tests have claimed all ports"
        self.numbers = itertools.cycle(range(start, start + PORTS))

    def takes(self, start):
        try:
            self.claim.bind(f"\0user-api-tests-ports-{start}")
            return True
        except OSError:
            return False

    def free(self):
        """The next one that nobody listens on, and that no connection of before still uses."""

        def bind():
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                port = next(self.numbers)
                probe.bind(("127.0.0.1", port))
                return port

        return wait_until(bind, 90, "one of our ports is free")


@functools.lru_cache(maxsize=None)
def ports():
    return Ports()


def free_port():
    """A loopback TCP port that nobody listens on."""
    return ports().free()


ADDRESSES = itertools.count(1)
HASHER, WATCHER = "user-api-hasher", "user-api-watch"


def an_address():
    """The next loopback address to speak from. All but 127.0.0.x, which tests name."""
    number = next(ADDRESSES)
    return f"127.{1 + number // 62500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"


def wait_until(probe, timeout=30.0, what="the condition"):
    """Calls `probe` until it returns something true, which is returned; errors of I/O count as not yet. A turn counts
    for a second at most: a machine that stands still meanwhile ends nobody's patience."""
    error = None
    left = timeout
    while True:
        begin = time.monotonic()
        try:
            result = probe()
            if result:
                return result
        except (OSError, EOFError) as caught:
            error = caught
        if left <= 0:
            raise AssertionError(f"not within {timeout} s: {what}" + (f" ({error})" if error else ""))
        time.sleep(0.01)
        left -= min(time.monotonic() - begin, 1)


def children_of(pid):
    """The pids of the direct children of a process, oldest first."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listing:
            return [int(child) for child in listing.read().split()]
    except OSError:
        return []


def name_of(pid):
    """The program that a process runs; until it has executed it, that of its parent."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as name:
            return name.read().strip()
    except OSError:
        return ""


def workers_of(pid):
    """The pids of a pool's workers, oldest first."""
    return [child for child in children_of(pid) if name_of(child) not in (HASHER, WATCHER)]


def hasher_of(pid):
    """The pid of a pool's hasher; None when there is none."""
    return next((child for child in children_of(pid) if name_of(child) == HASHER), None)


def watcher_of(pid):
    """The pid of a pool's session watcher; None when there is none."""
    return next((child for child in children_of(pid) if name_of(child) == WATCHER), None)


def state_of(pid):
    """The state of a process as proc(5) writes it, "X" when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def is_alive(pid):
    """Whether a process exists and is no zombie."""
    return state_of(pid) not in "ZX"


def tell_to_end(process):
    """A stopped process takes no signal but CONT and KILL. To any other CONT is not harmless: it takes back the STOP
    with which LeakSanitizer halts a process that ends, and both then wait for ever."""
    stopped = state_of(process.pid) == "T"
    process.signal(process.stop_signal)
    if stopped:
        process.signal(signal.SIGCONT)


def catches(pid, number):
    """Whether a process has a handler for the signal (proc(5), SigCgt)."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        caught = next(line for line in status if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << number - 1)


def running_as(argv):
    """The pids of the processes with this command line."""
    wanted = "\0".join([*argv, ""]).encode()
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                if line.read() == wanted:
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Process:
    """One process, its standard output and error in a file. Further arguments go to subprocess.Popen."""

    def __init__(self, argv, env=None, cwd=None, log_path=os.devnull, stop_signal=signal.SIGTERM, **popen):
        self.argv = [str(argument) for argument in argv]
        self.env = env
        self.cwd = cwd
        self.log_path = str(log_path)
        self.stop_signal = stop_signal
        self.popen_arguments = popen
        self.popen = None

    def start(self):
        assert not self.running(), f"{self.argv[0]} is running"
        with open(self.log_path, "ab") as log:
            self.popen = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **self.popen_arguments},
            )
        RUNNING.append(self)
        return self

    @property
    def pid(self):
        return self.popen.pid

    @property
    def returncode(self):
        return self.popen.poll()

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    def signal(self, number):
        # Popen.send_signal reaps first, so that a pid which was given to another process is never hit.
        self.popen.send_signal(number)

    def wait(self, timeout=20.0):
        """The exit code, once the process has ended by itself or after a signal."""
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.argv[0]} (pid {self.pid}) still runs after {timeout} s") from None
        if self in RUNNING:
            RUNNING.remove(self)
        return code

    def stop(self, timeout=20.0):
        """Asks it to end, and kills it when it does not; None when it never ran."""
        if self.popen is None:
            return None
        if self.running():
            tell_to_end(self)
        try:
            return self.wait(timeout)
        except AssertionError:
            return self.kill()

    def kill(self):
        if self.running():
            self.signal(signal.SIGKILL)
        return self.wait()

    def log_text(self, start=0):
        """What was written, from byte `start` on."""
        try:
            with open(self.log_path, "rb") as log:
                log.seek(start)
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def log_size(self):
        return os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0


class Apache(Process):
    """Its first process, and mod_fcgid's process managers. These have the same command line, and one that Apache tells
    to end while it starts does not hear that: it holds Apache's port, and would stay for ever."""

    def wait(self, timeout=20.0):
        code = super().wait(timeout)
        try:
            wait_until(lambda: not running_as(self.argv), 10, "its process managers have ended")
        except AssertionError:
            for pid in running_as(self.argv):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not running_as(self.argv), 10, "its process managers have been killed")
        return code


def stop_everything():
    """Stops, in the reverse order of their start, all processes that still run."""
    for process in reversed(RUNNING[:]):
        process.stop()
