"""Under systemd: passed sockets, notifications and the units."""

import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from support import admin, fastcgi
from support.load import Load
from support.nginx import Nginx
from support.pool import Pool, binary
from support.pool_peers import SECRET
from support.processes import REPOSITORY, Process, state_of, wait_until

UNITS = os.path.join(REPOSITORY, "deploy", "systemd")
# The highest exposure that systemd-analyze security may report, in tenths: 0 is best, 100 worst.
MOST_EXPOSED = 15


class Manager:
    """A service manager: holds the listening socket, passes it as descriptor 3, and receives notifications."""

    def __init__(self, folder, settings, **variables):
        self.folder = folder
        self.path = os.path.join(folder, "api.sock")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(1024)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(os.path.join(folder, "notify"))
        self.notices.settimeout(20)
        self.address = f"unix:{self.path}"
        self.config = os.path.join(folder, "user-api.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.writelines(f"{key}={value}\n" for key, value in settings.items())
        os.chmod(self.config, 0o600)
        self.variables = {"NOTIFY_SOCKET": os.path.join(folder, "notify"), **variables}

    def start(self):
        """Starts a process on the same socket. A shell sets LISTEN_PID, which must be the pid of the process itself."""
        give = 'exec 3<&"$0"; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        descriptor = self.listener.fileno()
        process = Process(
            ["/bin/bash", "-c", give, str(descriptor), binary(), "--config", self.config, "--workers", "3"],
            env=admin.environment(**self.variables),
            log_path=os.path.join(self.folder, "user-api.log"),
            pass_fds=[descriptor],
        )
        return process.start()

    def told(self):
        return self.notices.recv(4096).decode().splitlines()

    def told_next(self, wanted):
        """Waits for a notification; skips those of the watchdog."""
        while (lines := self.told()) == ["WATCHDOG=1"]:
            pass
        assert lines[0] == wanted, lines
        return lines

    def close(self):
        self.listener.close()
        self.notices.close()


@pytest.fixture
def manager(folder):
    made = []

    def make(**variables):
        settings = {"USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "USER_API_JWT_SECRET": SECRET}
        made.append(Manager(folder, settings, **variables))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_readiness_reloading_and_stopping_are_told(manager):
    told = manager()
    process = told.start()
    told.told_next("READY=1")
    assert fastcgi.get(told.address, "/healthz")[0] == 200
    process.signal(signal.SIGHUP)
    lines = told.told_next("RELOADING=1")
    assert re.fullmatch(r"MONOTONIC_USEC=[0-9]+", lines[1])
    told.told_next("READY=1")
    process.signal(signal.SIGTERM)
    told.told_next("STOPPING=1")
    assert process.wait() == 0


def test_signs_of_life_come_as_often_as_they_are_wanted(manager):
    told = manager(WATCHDOG_USEC="50000")
    process = told.start()
    seen = [told.told() for _ in range(6)]
    assert seen.count(["WATCHDOG=1"]) == 5
    process.signal(signal.SIGSTOP)
    wait_until(lambda: state_of(process.pid) == "T", 10, "it stands still")
    told.notices.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            told.notices.recv(4096)
    # The workers continue, but they send no notification.
    told.notices.settimeout(0.2)
    with pytest.raises(TimeoutError):
        told.notices.recv(4096)
    process.stop()


def test_signs_of_life_meant_for_another_process_are_not_given(manager):
    told = manager(WATCHDOG_USEC="2000", WATCHDOG_PID="1")
    process = told.start()
    assert told.told() == ["READY=1"]
    for _ in range(100):
        assert fastcgi.get(told.address, "/healthz")[0] == 200
    process.signal(signal.SIGTERM)
    assert told.told()[0] == "STOPPING=1"
    assert process.wait() == 0


@pytest.mark.parametrize("path", ["", "x", "relative", "/" + "x" * 200, "/nobody/there", "@nobody-there"])
def test_a_manager_that_cannot_be_told_stops_nobody(manager, path):
    told = manager(NOTIFY_SOCKET=path)
    process = told.start()
    wait_until(lambda: fastcgi.get(told.address, "/healthz")[0] == 200, 20, "it serves")
    process.signal(signal.SIGTERM)
    assert process.wait() == 0


def test_an_abstract_notify_socket_is_told_too(manager, folder):
    name = f"user-api-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind("\0" + name)
        abstract.settimeout(20)
        process = manager(NOTIFY_SOCKET="@" + name).start()
        assert abstract.recv(100) == b"READY=1"
        process.stop()


def test_restarting_under_load_on_a_socket_that_systemd_holds_loses_nothing(manager, folder):
    held = manager()
    process = held.start()
    held.told_next("READY=1")
    nginx = Nginx(os.path.join(folder, "nginx"), held.address).start()
    with Load(nginx.port) as load:
        for _ in range(5):
            process.signal(signal.SIGTERM)
            held.told_next("STOPPING=1")
            assert process.wait() == 0
            process = held.start()
            held.told_next("READY=1")
            load.more(50)
    assert load.failed == []
    nginx.stop()
    process.stop()


def test_a_pool_stops_without_a_manager_as_before(folder):
    pool = Pool(folder, {"USER_API_DATABASE_URL": "postgresql://x@127.0.0.1:1/x", "USER_API_JWT_SECRET": SECRET})
    pool.start()
    assert pool.terminate() == 0


@pytest.fixture
def units(folder):
    """The units as systemd would find them, with the path of an existing program."""
    for name in ("user-api.service", "user-api.socket"):
        shutil.copy(os.path.join(UNITS, name), folder)
    program = os.path.join(folder, "bin")
    shutil.copy(binary(), program)
    path = os.path.join(folder, "user-api.service")
    with open(path, encoding="ascii") as file:
        text = file.read()
    with open(path, "w", encoding="ascii") as file:
        # Only a real installation has the user (from user-api.sysusers) and the manual.
        file.write(re.sub(r"(?m)^Documentation=.*\n", "", text.replace("/usr/bin/user-api", program)))
    return folder


def analyze(*arguments, **variables):
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is needed (package systemd)"
    result = subprocess.run(
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0", **variables},
    )
    return result.returncode, result.stdout


def test_systemd_finds_nothing_wrong_with_the_units(units):
    paths = [os.path.join(units, name) for name in ("user-api.socket", "user-api.service")]
    code, text = analyze("verify", "--man=no", *paths)
    ours = [line for line in text.splitlines() if "user-api" in line]
    assert (code, ours) == (0, []), text


def test_systemd_finds_nothing_wrong_with_the_drop_in(units):
    with open(os.path.join(UNITS, "credentials.conf"), encoding="ascii") as drop_in:
        with open(os.path.join(units, "user-api.service"), "a", encoding="ascii") as service:
            service.write(drop_in.read())
    code, text = analyze("verify", "--man=no", os.path.join(units, "user-api.service"))
    assert (code, [line for line in text.splitlines() if "user-api" in line]) == (0, []), text


def test_a_unit_with_a_mistake_is_found(units):
    with open(os.path.join(units, "user-api.service"), "a", encoding="ascii") as file:
        file.write("[Service]\nKillMode=gently\n")
    _, text = analyze("verify", "--man=no", os.path.join(units, "user-api.service"))
    assert "kill mode" in text


def test_the_service_is_exposed_as_little_as_it_can_be(units):
    service = os.path.join(units, "user-api.service")
    code, text = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", service)
    assert code == 0, text


def test_the_service_may_take_what_its_workers_may_take_and_one_more_at_a_reload():
    workers, mib = 4, 256
    with open(os.path.join(REPOSITORY, "deploy", "user-api.conf.example"), encoding="utf-8") as example:
        assert f"#USER_API_WORKER_MEMORY_MIB={mib}\n" in example.read()
    with open(os.path.join(UNITS, "user-api.service"), encoding="utf-8") as unit:
        assert (workers + 1) * mib <= int(re.search(r"(?m)^MemoryMax=(\d+)M$", unit.read())[1])


def test_the_supervisor_alone_is_told_to_stop():
    with open(os.path.join(UNITS, "user-api.service"), encoding="ascii") as file:
        assert "\nKillMode=mixed\n" in file.read()
