"""The units under a systemd that has booted, as PID 1 of a container without an engine: scripts/test --boot. It needs a
folder with a Debian system that has systemd and what user-api is linked with, USER_API_BOOT_ROOT; it is changed."""

import os
import shutil
import subprocess

import pytest
from support import fastcgi
from support.load import Load
from support.nginx import Nginx
from support.pool_peers import SECRET as JWT_SECRET
from support.processes import REPOSITORY, Process, children_of, name_of, wait_until

ROOT = os.environ.get("USER_API_BOOT_ROOT")
DATABASE_URL = "postgresql://nobody@127.0.0.1:1/none"

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not ROOT, reason="NO SYSTEMD IS BOOTED: set USER_API_BOOT_ROOT (see this file)"),
    pytest.mark.skipif(not shutil.which("systemd-nspawn"), reason="NO SYSTEMD IS BOOTED: systemd-nspawn is missing"),
    pytest.mark.skipif(os.geteuid() != 0, reason="NO SYSTEMD IS BOOTED: that needs root"),
]


def write(path, text):
    path = ROOT + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)


class Machine:
    """A network of its own, the host's users; control groups as Debian has them, or it would learn of no end."""

    def __init__(self, folder):
        self.process = Process(
            ["systemd-nspawn", "--directory", ROOT, "--boot", "--private-network", "--register=no", "--keep-unit"]
            + ["--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe"],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            log_path=os.path.join(folder, "boot.log"),
        )

    def boot(self):
        self.process.start()
        wait_until(self.has_init, 60, "systemd runs")
        wait_until(lambda: self.ask("systemctl", "is-system-running", "--wait").strip() == "running", 120, "it is up")
        return self

    def has_init(self):
        assert self.process.running(), self.process.log_text()
        return any(name_of(child) == "systemd" for child in children_of(self.process.pid))

    def command(self, *words):
        init = children_of(self.process.pid)[0]
        return ["nsenter", "--target", str(init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", *words]

    def ask(self, *words):
        """What a command in it prints, whatever its exit code."""
        done = subprocess.run(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )
        return done.stdout

    def systemctl(self, *words):
        subprocess.run(self.command("systemctl", *words), stdin=subprocess.DEVNULL, timeout=90, check=True)

    def show(self, name):
        return self.ask("systemctl", "show", "--value", "--property", name, "user-api.service").strip()

    def journal(self):
        return self.ask("journalctl", "--unit", "user-api.service", "--output", "cat", "--boot", "--no-pager")

    @property
    def address(self):
        return f"unix:/proc/{children_of(self.process.pid)[0]}/root/run/user-api/user-api.sock"

    def serves(self):
        answer = fastcgi.get(self.address, "/healthz")
        return answer is not None and answer[0] == 200

    def restarted(self, count):
        return self.show("NRestarts") == str(count) and self.show("ActiveState") == "active"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A system as docs/deployment.md makes one: installed, the user made, socket and service enabled, booted anew."""
    subprocess.run(
        ["make", "-s", "-C", REPOSITORY, "install", f"DESTDIR={ROOT}", "PREFIX=/usr"],
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=True,
    )
    write("/etc/user-api/user-api.conf", f"USER_API_DATABASE_URL={DATABASE_URL}\nUSER_API_JWT_SECRET={JWT_SECRET}\n")
    for command in (
        ["systemd-sysusers"],
        ["chown", "user-api:", "/etc/user-api/user-api.conf"],
        ["systemctl", "enable", "user-api.socket", "user-api.service"],
    ):
        subprocess.run(["chroot", ROOT, *command], stdin=subprocess.DEVNULL, timeout=60, check=True)
    booted = Machine(str(tmp_path_factory.mktemp("machine"))).boot()
    yield booted
    booted.process.stop(60)


@pytest.fixture
def load(machine, folder):
    """Requests that come for as long as the test lasts."""
    nginx = Nginx(os.path.join(folder, "nginx"), machine.address).start()
    with Load(nginx.port) as running:
        yield running
    nginx.stop()


def test_the_service_is_there_after_a_boot(machine):
    assert machine.serves()
    assert machine.show("ActiveState") == "active"
    assert machine.show("NRestarts") == "0"
    socket = machine.ask("stat", "--format=%U %G %a", "/run/user-api/user-api.sock")
    assert socket.strip() == "root www-data 660"


def test_the_service_may_do_nothing_but_serve(machine):
    status = machine.ask("cat", f"/proc/{machine.show('MainPID')}/status").splitlines()
    lines = dict(line.split(":\t", 1) for line in status)
    assert lines["CapEff"] == lines["CapBnd"] == "0000000000000000"
    assert lines["NoNewPrivs"] == "1"
    assert lines["Seccomp"] == "2"
    limits = {name: machine.show(name) for name in ("LimitCORE", "MemoryMax", "TasksMax", "OOMPolicy")}
    assert limits == {"LimitCORE": "0", "MemoryMax": str(1536 << 20), "TasksMax": "1100", "OOMPolicy": "continue"}
    assert "cannot" not in machine.journal(), "the filter of system calls lets it bound and hide its memory"
    assert lines["Uid"].split()[0] == machine.ask("id", "-u", "user-api").strip() != "0"


def test_restarts_and_reloads_under_load_lose_nothing(machine, load):
    for _ in range(3):
        machine.systemctl("restart", "user-api")
        load.more(50)
        machine.systemctl("reload", "user-api")
        load.more(50)
    machine.systemctl("stop", "user-api")
    machine.systemctl("start", "user-api")
    load.more(50)
    assert load.failed == []


def test_a_supervisor_that_is_killed_comes_back_and_only_what_its_workers_had_is_lost(machine, load):
    machine.systemctl("restart", "user-api")
    machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", "user-api")
    wait_until(lambda: machine.restarted(1), 30, "it is started anew")
    load.more(50)
    assert len(load.failed) <= 4


def test_a_supervisor_that_gives_no_signs_of_life_is_replaced(machine, load):
    machine.systemctl("restart", "user-api")
    machine.systemctl("kill", "--kill-whom=main", "--signal=STOP", "user-api")
    wait_until(lambda: machine.restarted(1), 60, "systemd has noticed")
    assert "Watchdog timeout" in machine.journal()
    load.more(50)
    assert len(load.failed) <= 4


def test_a_reload_with_wrong_settings_keeps_the_old_ones(machine):
    machine.systemctl("restart", "user-api")
    path = "/etc/user-api/user-api.conf"
    with open(ROOT + path, encoding="ascii") as file:
        right = file.read()
    write(path, right + "USER_API_WORKERS=many\n")
    machine.systemctl("reload", "user-api")
    wait_until(lambda: "reload refused, the old settings stay" in machine.journal(), 20, "it is told")
    assert machine.serves()
    write(path, right)


def test_a_service_that_cannot_start_is_tried_again_until_it_can(machine):
    path = "/etc/user-api/user-api.conf"
    with open(ROOT + path, encoding="ascii") as file:
        right = file.read()
    write(path, right + "USER_API_WORKERS=many\n")
    machine.ask("systemctl", "restart", "user-api")
    wait_until(lambda: int(machine.show("NRestarts")) > 6, 60, "it has failed more often than systemd allows by itself")
    write(path, right)
    wait_until(machine.serves, 30, "it serves")


def test_secrets_may_come_as_credentials(machine):
    write("/etc/user-api/user-api.conf", "")
    write("/etc/user-api/database-url", DATABASE_URL + "\n")
    write("/etc/user-api/jwt-secret", JWT_SECRET + "\n")
    with open(os.path.join(REPOSITORY, "deploy", "systemd", "credentials.conf"), encoding="ascii") as drop_in:
        write("/etc/systemd/system/user-api.service.d/credentials.conf", drop_in.read())
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "user-api")
    assert machine.serves()
    machine.systemctl("reload", "user-api")
    assert machine.serves()
    variables = machine.ask("cat", f"/proc/{machine.show('MainPID')}/environ")
    assert JWT_SECRET not in variables


def test_no_line_of_the_log_is_dropped(machine, load):
    """journald's own limit is 10000 in 30 seconds."""
    load.more(11000)
    assert "Suppressed" not in machine.ask("journalctl", "--output", "cat", "--boot", "--no-pager", "--grep=Suppressed")
