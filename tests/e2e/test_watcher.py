"""The session watcher: a process of the pool that listens to the database, and runs as long as the workers."""

import os
import signal
import socket
import subprocess

import pytest
from support.pgbouncer import PgBouncer
from support.pool import can_look_inside
from support.pool_peers import SETTINGS, events, send, status_of, wait_for_log
from support.processes import an_address, children_of, is_alive, name_of, wait_until
from support.watched import UNWATCHED, told

pytest_plugins = ["support.pool_fixtures"]


def another_watcher(pool, before):
    return wait_until(lambda: pool.watcher() not in (None, before) and pool.watcher(), 30, "there is another watcher")


def wait_until_told(pool, count):
    wait_until(lambda: len(told(pool.log_text())) >= count, 30, f"{count} lines of the watcher")
    return told(pool.log_text())


@pytest.fixture
def watched(fresh_site):
    """A pool whose watcher hears everything."""
    assert wait_until_told(fresh_site.pool, 1) == [None]
    return fresh_site.pool


# A process of the pool


def test_it_has_a_name_and_is_no_worker(watched):
    assert name_of(watched.watcher()) == "user-api-watch"
    assert watched.watcher() not in watched.pids() and len(watched.pids()) == watched.workers
    assert len(children_of(watched.pid)) == watched.workers + 2


def test_it_holds_nothing_that_is_not_its_own(watched):
    if not can_look_inside():
        pytest.skip("needs a look into a process")

    def held(pid):
        return {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}

    shared = held(watched.watcher()) & held(watched.pid)
    assert not [each for each in shared if each.startswith(("socket:", "anon_inode:"))]


def test_one_that_dies_is_replaced_and_no_worker_is(watched):
    workers, before = watched.pids(), watched.watcher()
    for _ in range(3):
        send(before, signal.SIGKILL)
        before = another_watcher(watched, before)
    assert [line["signal"] for line in events(watched, "watcher died")] == [signal.SIGKILL] * 3
    assert wait_until_told(watched, 2)[-1] is None
    assert watched.pids() == workers and watched.healthy()


def test_those_that_die_young_are_replaced_ever_more_slowly(watched):
    before = watched.watcher()
    for _ in range(5):
        send(before, signal.SIGKILL)
        before = another_watcher(watched, before)
    wait_until(lambda: len(events(watched, "watcher started")) == 6, 10, "the log has all six")
    times = [line["time"] for line in events(watched, "watcher started")]
    died = [line["time"] for line in events(watched, "watcher died")]
    seconds = lambda time: sum(float(part) * unit for part, unit in zip(time[11:-1].split(":"), (3600, 60, 1)))  # noqa: E731
    delays = [(seconds(start) - seconds(death)) % 86400 for start, death in zip(times[1:], died)]
    assert delays[-1] >= 0.4, delays


@pytest.mark.patient
def test_one_that_stands_still_for_longer_than_ten_seconds_is_killed(watched):
    before = watched.watcher()
    send(before, signal.SIGSTOP)
    another_watcher(watched, before)
    (line,) = events(watched, "watcher killed")
    assert line["watcher"] == before and line["reason"] == "no sign of life for 10 seconds"
    assert wait_until_told(watched, 2) == [None, None]


def bind_name_server(silent):
    """Binds to an address that no other test uses. Returns the address."""
    address = an_address()
    silent.bind((address, 53))
    return address


@pytest.mark.patient
def test_one_that_waits_for_a_name_is_not_killed(make_pool, folder):
    """The library that resolves names returns only after the timeouts of all name servers."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("needs a mount namespace of its own")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        address = wait_until(lambda: bind_name_server(silent), 10, "an address is free")
        with open(f"{folder}/resolv.conf", "w", encoding="ascii") as file:
            file.write(f"nameserver {address}\noptions timeout:7 attempts:2\n")
        pool = make_pool({"USER_API_DATABASE_URL": "postgresql://nobody@silent.example/none"}, workers=1)
        bound = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        pool.process.argv = ["unshare", "-m", "sh", "-c", bound, f"{folder}/resolv.conf", *pool.process.argv]
        pool.start()
        watcher = pool.watcher()
        assert "silent.example" in wait_until_told(pool, 1)[0]
        assert pool.watcher() == watcher and events(pool, "watcher killed") == []


def test_without_a_table_there_is_none(make_pool):
    pool = make_pool({"USER_API_SESSION_TABLE_MIB": "0"}).start()
    pool.reload_and_wait()
    assert pool.watcher() is None and events(pool, "watcher started") == []


def test_a_single_process_has_none(make_pool):
    pool = make_pool(workers=0).start()
    assert children_of(pool.pid) == [] and events(pool, "watcher started") == []


@pytest.mark.unsanitized  # a sanitizer's shadow memory does not fit into this limit of addresses
def test_a_table_that_finds_no_memory_is_said_to_be_too_large(make_pool):
    pool = make_pool({"USER_API_SESSION_TABLE_MIB": "4096"})
    pool.process.argv = ["prlimit", f"--as={1 << 30}", *pool.process.argv]
    pool.process.start()
    assert pool.process.wait() == 1
    assert "cannot start: no memory for USER_API_SESSION_TABLE_MIB=4096" in pool.log_text()


# Reloads


def test_a_reload_replaces_it(watched):
    before = watched.watcher()
    watched.reload_and_wait()
    another_watcher(watched, before)
    assert wait_until_told(watched, 2) == [None, None]
    assert not is_alive(before) and events(watched, "watcher died") == []


def test_a_reload_replaces_one_that_stands_still(watched):
    before = watched.watcher()
    send(before, signal.SIGSTOP)
    watched.reload_and_wait()
    another_watcher(watched, before)
    assert not is_alive(before)


def test_a_refused_reload_leaves_it_alone(watched):
    before = watched.watcher()
    watched.settings["USER_API_SESSION_TABLE_MIB"] = "many"
    watched.write_config()
    watched.reload()
    wait_for_log(watched, "reload refused, the old settings stay")
    assert watched.watcher() == before


def test_a_reload_switches_the_table_off_and_on_and_changes_its_size(watched):
    for mib, lines in (("0", 1), ("1", 2), ("32", 3)):
        watched.settings["USER_API_SESSION_TABLE_MIB"] = mib
        watched.write_config()
        watched.reload_and_wait()
        if mib == "0":
            wait_until(lambda: watched.watcher() is None, 20, "it is gone")
        assert wait_until_told(watched, lines) == [None] * lines


# Its shutdown


def test_it_goes_after_the_last_worker(watched):
    watcher = watched.watcher()
    assert watched.terminate() == 0
    assert not is_alive(watcher)
    ended = [line["event"] for line in watched.log_lines() if line["event"] in ("watcher ended", "worker ended")]
    assert ended == ["worker ended"] * watched.workers + ["watcher ended"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1])
def test_other_signals_than_term_are_the_supervisors(watched, number):
    before = watched.watcher()
    send(before, number)
    send(before, signal.SIGCONT)
    wait_until(lambda: name_of(before) == "user-api-watch" and watched.healthy(), 10, "it is there")
    assert watched.watcher() == before
    assert watched.terminate() == 0 and events(watched, "watcher died") == []


def test_term_to_all_processes_still_drains_the_workers(make_pool, database):
    pool = make_pool(database.settings, workers=1).start()
    (busy,) = database.occupy(pool.address)
    for pid in children_of(pool.pid):
        send(pid, signal.SIGTERM)
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    wait_until(lambda: pool.watcher() is None, 20, "it has ended at once")
    database.let_go()
    assert status_of(busy) == 503
    assert pool.process.wait() == 0
    assert len(events(pool, "watcher started")) == 1 and events(pool, "watcher died") == []


@pytest.mark.parametrize("stopped", [False, True])
def test_it_does_not_outlive_the_supervisor(watched, stopped):
    watcher = watched.watcher()
    if stopped:
        send(watcher, signal.SIGSTOP)
    watched.kill()
    wait_until(lambda: not is_alive(watcher), 20, "it has ended")


def test_told_twice_to_stop_the_pool_leaves_none(watched):
    watcher = watched.watcher()
    send(watcher, signal.SIGSTOP)
    watched.process.signal(signal.SIGTERM)
    wait_for_log(watched, "stopping")
    watched.process.signal(signal.SIGTERM)
    watched.process.wait(10)
    assert not is_alive(watcher)


# Its log lines


def test_an_outage_is_told_once_and_so_is_its_end(fresh_site):
    pool, postgres = fresh_site.pool, fresh_site.postgres
    wait_until_told(pool, 1)
    login = f'ALTER DATABASE "{fresh_site.database}" ALLOW_CONNECTIONS {{}}'
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'user-api-watch' AND datname = %s"
    postgres.execute(login.format("off"))
    postgres.execute(ended, (fresh_site.database,))
    wait_until_told(pool, 2)
    # Waits for at least four attempts.
    refused = lambda: postgres.process.log_text().count("is not currently accepting connections") >= 4  # noqa: E731
    wait_until(refused, 30, "it has tried again")
    postgres.execute(login.format("on"))
    said = wait_until_told(pool, 3)
    assert said[0] is None and said[1] and said[2] is None and len(said) == 3
    assert [line["level"] for line in events(pool, UNWATCHED)] == ["warn"]


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_behind_a_pooler_it_says_once_what_to_do_and_then_hears_beside_it(fresh_site, folder, mode):
    pool = fresh_site.pool
    pooler = PgBouncer(fresh_site.postgres, folder, pool_mode=mode).start()
    wait_until_told(pool, 1)
    pool.settings["USER_API_DATABASE_URL"] = pooler.url(fresh_site.database)
    pool.settings["USER_API_DATABASE_PREPARED"] = "off"
    pool.write_config()
    pool.reload_and_wait()
    assert "USER_API_SESSION_LISTEN_URL has to lead to the database itself" in wait_until_told(pool, 2)[1]
    wait_until(lambda: fresh_site.client.get("/readyz").status_code == 200, 20, "it is ready all the same")
    pool.settings["USER_API_SESSION_LISTEN_URL"] = fresh_site.postgres.url(fresh_site.database)
    pool.write_config()
    pool.reload_and_wait()
    assert wait_until_told(pool, 3)[2] is None and len(told(pool.log_text())) == 3
    fresh_site.nginx.stop()
    assert pool.terminate() == 0
    pooler.stop()


def test_where_it_cannot_connect_it_says_why_without_the_password(make_pool):
    url = "postgresql://someone:p%40%2Fss%3A%20wort@127.0.0.1:1/none"
    pool = make_pool({**SETTINGS, "USER_API_SESSION_LISTEN_URL": url}).start()
    assert "127.0.0.1" in wait_until_told(pool, 1)[0]
    assert "p@/ss" not in pool.log_text() and "p%40" not in pool.log_text()
