"""The hasher: a process of the pool that starts before the workers, ends after them, and is replaced if it dies."""

import ctypes
import os
import signal
import socket

import pytest
from support.pool import can_look_inside
from support.pool_peers import events, send, wait_for_log
from support.processes import is_alive, wait_until

pytest_plugins = ["support.pool_fixtures"]


def another_hasher(pool, before):
    return wait_until(lambda: pool.hasher() not in (None, before) and pool.hasher(), 20, "there is another hasher")


PIDFD_GETFD = 438  # Python has no function for this system call


def inodes(pid):
    """{what a descriptor of the process refers to: the descriptor}."""
    return {os.readlink(f"/proc/{pid}/fd/{fd}"): int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}


def shut_channel_down(worker, supervisor):
    """Shuts down the only packet socket that both have, as a worker under an attacker's control could do."""
    with open("/proc/net/unix", encoding="utf-8") as table:
        packets = {f"socket:[{line.split()[6]}]" for line in table if line.split()[4] == "0005"}
    (shared,) = packets & set(inodes(worker)) & set(inodes(supervisor))
    pidfd = os.pidfd_open(worker)
    fd = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, pidfd, inodes(worker)[shared], 0)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    with socket.socket(fileno=fd) as channel:
        channel.shutdown(socket.SHUT_RDWR)
    os.close(pidfd)


def test_it_is_there_before_the_first_worker(pool):
    started = lambda: [line["event"] for line in pool.log_lines() if line["event"].endswith(" started")]  # noqa: E731
    wait_until(lambda: len(started()) == 2 + pool.workers, 10, "all are said to have started")
    assert started() == ["hasher started", "watcher started"] + ["worker started"] * pool.workers
    assert pool.hasher() not in pool.pids()


def test_it_is_no_worker_and_holds_no_listener(pool):
    if not can_look_inside():
        pytest.skip("needs a look into a worker")
    listening = set()
    with open("/proc/net/unix", encoding="utf-8") as table:
        for line in table:
            if line.rstrip().endswith(pool.address[len("unix:") :]):
                listening.add(f"socket:[{line.split()[6]}]")
    assert listening and listening <= set(inodes(pool.pids()[0]))
    assert not listening & set(inodes(pool.hasher()))


def test_one_that_dies_is_replaced_and_no_worker_is(pool):
    workers = pool.pids()
    before = pool.hasher()
    for _ in range(3):
        send(before, signal.SIGKILL)
        before = another_hasher(pool, before)
    died = events(pool, "hasher died")
    assert [line["signal"] for line in died] == [signal.SIGKILL] * 3
    assert pool.pids() == workers
    assert pool.healthy()


def test_one_that_hangs_is_killed_by_the_watchdog(make_pool):
    pool = make_pool({"USER_API_WATCHDOG_SECONDS": 1}).start()
    before = pool.hasher()
    send(before, signal.SIGSTOP)
    another_hasher(pool, before)
    assert events(pool, "hasher killed")[0]["hasher"] == before


def test_a_worker_that_cuts_it_off_is_replaced_and_so_are_the_others(pool):
    if not can_look_inside():
        pytest.skip("needs a look into a worker")
    workers = pool.pids()
    before = pool.hasher()
    shut_channel_down(workers[0], pool.pid)
    another_hasher(pool, before)
    wait_until(lambda: not set(workers) & set(pool.pids()) and len(pool.pids()) == pool.workers, 20, "all are replaced")
    assert len(events(pool, "the channel to the hasher is broken, replacing all workers")) == 1
    assert pool.healthy()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1])
def test_no_signal_ends_it(pool, number):
    before = pool.hasher()
    send(before, number)
    pool.reload_and_wait()
    assert pool.hasher() == before and events(pool, "hasher died") == []


def test_it_ends_last_when_all_processes_are_told_to_stop(pool):
    hasher = pool.hasher()
    for pid in [hasher, *pool.pids()]:
        send(pid, signal.SIGTERM)
    assert pool.terminate() == 0
    ended = [line["event"] for line in pool.log_lines() if line["event"] in ("hasher ended", "worker ended", "stopped")]
    assert ended[-2:] == ["hasher ended", "stopped"] and ended.count("worker ended") >= pool.workers
    assert not is_alive(hasher)


def test_told_twice_it_ends_at_once(pool):
    hasher = pool.hasher()
    send(hasher, signal.SIGSTOP)
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    pool.process.signal(signal.SIGTERM)
    pool.process.wait(10)
    assert not is_alive(hasher)


def test_it_does_not_outlive_the_supervisor(pool):
    hasher = pool.hasher()
    pool.kill()
    wait_until(lambda: not is_alive(hasher), 20, "the hasher has ended")
