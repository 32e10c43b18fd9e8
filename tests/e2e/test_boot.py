"""The package's units under a booted systemd: scripts/test --boot."""

import os
import subprocess

import pytest
from support.load import Load
from support.machine import NEEDED, ROOT, SETTINGS, Machine, write
from support.nginx import Nginx
from support.pool_peers import SECRET as JWT_SECRET
from support.processes import REPOSITORY, wait_until

DATABASE_URL = "postgresql://nobody@127.0.0.1:1/none"

pytestmark = NEEDED


@pytest.fixture(scope="module")
def machine(new_folder):
    """A booted machine with the installed package and settings. No database answers."""
    write(SETTINGS, f"USER_API_DATABASE_URL={DATABASE_URL}\nUSER_API_JWT_SECRET={JWT_SECRET}\n")
    subprocess.run(["chroot", ROOT, "chown", "user-api:", SETTINGS], stdin=subprocess.DEVNULL, timeout=60, check=True)
    booted = Machine(new_folder()).boot()
    yield booted
    booted.process.stop(60)


@pytest.fixture
def load(machine, folder):
    """Sends requests for as long as the test lasts."""
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
    with open(ROOT + SETTINGS, encoding="ascii") as file:
        right = file.read()
    write(SETTINGS, right + "USER_API_WORKERS=many\n")
    machine.systemctl("reload", "user-api")
    wait_until(lambda: "reload refused, the old settings stay" in machine.journal(), 20, "it is told")
    assert machine.serves()
    write(SETTINGS, right)


def test_a_service_that_cannot_start_is_tried_again_until_it_can(machine):
    with open(ROOT + SETTINGS, encoding="ascii") as file:
        right = file.read()
    write(SETTINGS, right + "USER_API_WORKERS=many\n")
    machine.ask("systemctl", "restart", "user-api")
    wait_until(lambda: int(machine.show("NRestarts")) > 6, 60, "it has failed more often than systemd allows by itself")
    write(SETTINGS, right)
    wait_until(machine.serves, 30, "it serves")


def test_secrets_may_come_as_credentials(machine):
    write(SETTINGS, "")
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
    """journald's own limit is 10000 lines in 30 seconds."""
    load.more(11000)
    assert "Suppressed" not in machine.ask("journalctl", "--output", "cat", "--boot", "--no-pager", "--grep=Suppressed")
