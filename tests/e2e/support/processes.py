"""Starts and stops processes of tests, by pid, and reads their logs. Also finds free ports for them."""

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

# Every running Process: a failing test shows their logs, and the end of a run stops processes that tests left running.
RUNNING = []

# Above 10080, the last port that browsers refuse (Fetch, "bad port").
FIRST_PORT, PORTS = 10112, 128


class Ports:
    """A range of loopback TCP ports that no other test process uses. An abstract unix socket claims it. The socket ends
    with the process, and belongs to the network namespace, like ports. The range is outside of the ephemeral ports, so
    the kernel gives none of these ports to a connection."""

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
        """The next port on which no process listens, and which no earlier connection still uses."""

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
    """A loopback TCP port on which no process listens."""
    return ports().free()


ADDRESSES = itertools.count(1)
HASHER, WATCHER = "user-api-hasher", "user-api-watch"


def an_address():
    """The next loopback address for a client. Never 127.0.0.x, because tests use these addresses directly."""
    number = next(ADDRESSES)
    return f"127.{1 + number // 62500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"


def wait_until(probe, timeout=30.0, what="the condition"):
    """Calls `probe` until it returns a true value, and returns that. An I/O error counts as not yet. Each call counts as at
    most one second, so there is no timeout if the machine pauses."""
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
    """The name of the program that a process runs. Between fork and exec, it is that of its parent."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as name:
            return name.read().strip()
    except OSError:
        return ""


def workers_of(pid):
    """The pids of a pool's workers, oldest first."""
    return [child for child in children_of(pid) if name_of(child) not in (HASHER, WATCHER)]


def hasher_of(pid):
    """The pid of a pool's hasher, or None."""
    return next((child for child in children_of(pid) if name_of(child) == HASHER), None)


def watcher_of(pid):
    """The pid of a pool's session watcher, or None."""
    return next((child for child in children_of(pid) if name_of(child) == WATCHER), None)


def state_of(pid):
    """The state of a process as in proc(5), or "X" if the process does not exist."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def is_alive(pid):
    """Whether a process exists and is no zombie."""
    return state_of(pid) not in "ZX"


def tell_to_end(process):
    """Sends a signal, and CONT only if the process is stopped: a stopped process reacts only to CONT and KILL. In other
    processes CONT could do harm: LeakSanitizer stops a process that ends, and after CONT both would wait for ever."""
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
    """One process, with its standard output and error in a file. Further arguments are for subprocess.Popen."""

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
        # Popen.send_signal first reaps the process, so a reused pid never gets the signal.
        self.popen.send_signal(number)

    def wait(self, timeout=20.0):
        """Waits until the process has ended. Returns the exit code."""
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.argv[0]} (pid {self.pid}) still runs after {timeout} s") from None
        if self in RUNNING:
            RUNNING.remove(self)
        return code

    def stop(self, timeout=20.0):
        """Asks it to end, and kills it if it does not. Returns None if it never ran."""
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
        """The log from byte `start` on."""
        try:
            with open(self.log_path, "rb") as log:
                log.seek(start)
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def log_size(self):
        return os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0


class Apache(Process):
    """Apache's first process, and mod_fcgid's process managers, which have the same command line. A manager that is still
    starting misses Apache's signal to end. It holds Apache's port, and would never end."""

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
