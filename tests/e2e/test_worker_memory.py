"""How the kernel protects the memory of a pool: each worker has a limit, no process writes a core file, and others
cannot read the memory."""

import os
import pwd
import re
import shutil

import pytest
from support.pool import binary
from support.pool_peers import events
from support.processes import wait_until

pytest_plugins = ["support.pool_fixtures"]
# Sanitizers need more memory, and must read it.
pytestmark = pytest.mark.unsanitized

MIB = 1 << 20


def limit(pid, name):
    """The soft and the hard limit of a process, as the kernel writes them."""
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        return re.search(rf"(?m)^{name} +(\S+) +(\S+)", file.read()).groups()


def has_bound(pid, mib):
    """Whether the limit is `mib`, plus the few MiB that a worker needs at its start."""
    soft, hard = limit(pid, "Max data size")
    return soft == hard != "unlimited" and mib * MIB <= int(soft) < (mib + 16) * MIB


def test_no_process_of_a_pool_leaves_a_core_file(make_pool):
    pool = make_pool(workers=2).start()
    assert [limit(pid, "Max core file size") for pid in [pool.pid, *pool.pids()]] == [("0", "0")] * 3
    pool.stop()


def test_each_worker_has_a_bound_and_the_supervisor_has_none(make_pool):
    pool = make_pool(workers=2).start()
    wait_until(lambda: all(has_bound(pid, 256) for pid in pool.pids()), 20, "both have got so far")
    assert limit(pool.pid, "Max data size")[0] == limit("self", "Max data size")[0]
    pool.settings["USER_API_WORKER_MEMORY_MIB"] = "32"
    pool.write_config()
    pool.reload_and_wait()
    wait_until(lambda: all(has_bound(pid, 32) for pid in pool.pids()), 20, "both have got so far")
    pool.settings["USER_API_WORKER_MEMORY_MIB"] = "0"
    pool.write_config()
    pool.reload_and_wait()
    assert [limit(pid, "Max data size") for pid in pool.pids()] == [limit(pool.pid, "Max data size")] * 2
    pool.stop()


def test_the_single_process_has_the_bound_too(make_pool):
    pool = make_pool(workers=0).start()
    assert has_bound(pool.pid, 256) and limit(pool.pid, "Max core file size") == ("0", "0")
    pool.stop()


def test_processes_of_the_same_user_cannot_read_the_memory(make_pool, folder):
    """The kernel gives root the files of such a process in /proc."""
    user = {}
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    pool = make_pool(workers=1, **user)
    if user:
        os.chown(pool.config_path, pwd.getpwnam("nobody").pw_uid, -1)
        pool.process.argv[0] = shutil.copy(binary(), folder)
    pool.start()
    for pid in [pool.pid, *pool.pids()]:
        assert os.stat(f"/proc/{pid}").st_uid != 0
        assert {os.stat(f"/proc/{pid}/{name}").st_uid for name in ("mem", "environ", "maps", "fd")} == {0}
    pool.stop()


def test_a_request_beyond_the_bound_gets_an_error_and_the_worker_goes_on(make_site):
    settings = {"USER_API_WORKER_MEMORY_MIB": "16", "USER_API_BODY_LIMIT": str(16 * MIB)}
    site = make_site(settings, workers=1)
    workers = site.pool.pids()
    # In memory, each element needs many times its two bytes.
    huge = b'{"a":[' + b"1," * (3 * MIB) + b"1]}"
    answer = site.pool.request("POST", "/api/users/login", huge, CONTENT_TYPE="application/json")
    assert answer[0] == 500
    assert b"INTERNAL_SERVER_ERROR" in answer[2]
    wait_until(lambda: events(site.pool, "out of memory"), 10, "the log says why")
    assert events(site.pool, "out of memory")[0]["level"] == "error"
    assert site.login(site.seed.alice).get("/api/users/token").status_code == 200
    assert site.pool.pids() == workers


def test_a_body_that_finds_no_room_while_it_arrives_ends_its_connection_alone(make_site):
    settings = {"USER_API_WORKER_MEMORY_MIB": "16", "USER_API_BODY_LIMIT": str(16 * MIB)}
    site = make_site(settings, workers=1)
    workers = site.pool.pids()
    assert site.pool.request("POST", "/api/users/login", b"x" * (15 * MIB), CONTENT_TYPE="application/json") is None
    wait_until(lambda: events(site.pool, "out of memory"), 10, "the log says why")
    assert site.login(site.seed.alice).get("/api/users/token").status_code == 200
    assert site.pool.pids() == workers
