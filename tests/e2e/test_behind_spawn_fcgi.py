"""The scripts of deploy/spawn-fcgi: what their pools do in addition to the contract."""

import grp
import os
import pwd
import shutil
import signal
import stat

import pytest
from support.behind.launchers import SpawnedDaemon, SpawnedPool
from support.pool import binary
from support.pool_peers import SECRET
from support.processes import children_of, is_alive, wait_until, workers_of

SETTINGS = {"USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "USER_API_JWT_SECRET": SECRET}


@pytest.fixture
def foreground(folder):
    pool = SpawnedPool(folder, SETTINGS, workers=2)
    yield pool.start()
    pool.stop()


@pytest.fixture
def daemon(folder):
    pool = SpawnedDaemon(folder, SETTINGS, workers=2)
    yield pool.start()
    pool.stop()


def test_in_the_foreground_the_process_that_was_started_becomes_the_pool(foreground):
    with open(f"/proc/{foreground.pid}/comm", encoding="ascii") as name:
        assert name.read() == "user-api\n"
    assert len(foreground.pids()) == 2


def test_in_the_foreground_the_log_stays_on_standard_error(foreground):
    foreground.request(uri="/healthz", HTTP_X_REQUEST_ID="find-me")
    assert any(line.get("request_id") == "find-me" for line in foreground.log_lines())


def test_the_daemon_keeps_its_log(daemon):
    daemon.request(uri="/healthz", HTTP_X_REQUEST_ID="find-me")
    assert any(line.get("request_id") == "find-me" for line in daemon.log_lines())


def test_the_daemon_is_nobodys_child_and_its_pid_file_names_the_supervisor(daemon):
    assert is_alive(daemon.pid)
    assert daemon.pid not in children_of(os.getpid())
    assert len(workers_of(daemon.pid)) == 2


def test_the_socket_has_the_mode_that_was_asked_for(folder):
    pool = SpawnedPool(folder, SETTINGS, workers=1)
    pool.process.env["SPAWN_MODE"] = "0600"
    pool.start()
    assert stat.S_IMODE(os.stat(pool.address[len("unix:") :]).st_mode) == 0o600
    pool.stop()


def test_a_second_one_does_not_take_the_socket_from_the_first(foreground, folder):
    second = SpawnedPool(os.path.join(folder, "second"), SETTINGS, workers=1)
    second.process.env["SPAWN_SOCKET"] = foreground.address[len("unix:") :]
    second.process.start()
    assert second.process.wait() != 0
    assert foreground.healthy()


def test_wrong_settings_end_it_and_say_why(folder):
    pool = SpawnedPool(folder, {**SETTINGS, "USER_API_BODY_LIMIT": "x"}, workers=1)
    pool.process.start()
    assert pool.process.wait() == 2
    assert "line 3" in pool.log_text()


def test_workers_that_die_are_replaced(daemon):
    victim = daemon.pids()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(daemon.pids()) == 2 and victim not in daemon.pids(), 20, "it is replaced")
    assert daemon.healthy()


@pytest.mark.parametrize("kind", [SpawnedPool, SpawnedDaemon])
def test_as_root_it_makes_its_folders_and_runs_as_its_user_in_that_users_own_group(folder, kind):
    if os.geteuid() != 0:
        pytest.skip("only root starts it as somebody else")
    nobody, web = pwd.getpwnam("nobody"), grp.getgrnam("www-data")
    pool = kind(folder, SETTINGS, workers=1, listen=f"unix:{folder}/run/api.sock")
    os.chown(pool.config_path, nobody.pw_uid, -1)
    # Use copies, because the checkout may be readable only by root.
    pool.process.argv = [shutil.copy(pool.process.argv[0], folder)]
    pool.process.env.update(
        SPAWN_USER="nobody",
        SPAWN_GROUP="www-data",
        SPAWN_MODE="0660",
        SPAWN_PROGRAM=shutil.copy(binary(), folder),
    )
    if kind is SpawnedDaemon:
        pool.process.log_path = pool.process.env["SPAWN_LOG"] = f"{folder}/log/user-api.log"
    pool.start()
    with open(f"/proc/{pool.pid}/status", encoding="ascii") as status:
        ids = dict(line.rstrip("\n").split(":\t", 1) for line in status if line.startswith(("Uid", "Gid", "Groups")))
    socket = os.stat(f"{folder}/run/api.sock")
    assert ids["Uid"].split() == [str(nobody.pw_uid)] * 4 and ids["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert str(web.gr_gid) not in ids["Groups"].split()
    assert (socket.st_uid, socket.st_gid, stat.S_IMODE(socket.st_mode)) == (nobody.pw_uid, web.gr_gid, 0o660)
    assert kind is SpawnedPool or os.stat(f"{folder}/log").st_uid == nobody.pw_uid
    pool.stop()
