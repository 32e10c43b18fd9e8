"""The pool loses nothing when it stops, reloads, recycles or loses a worker, and leaves nothing behind."""

import os
import signal

import pytest
from support import fastcgi
from support.load import Load
from support.nginx import Nginx
from support.pool import Pool
from support.pool_peers import (
    SETTINGS,
    events,
    finish_request,
    half_sent_request,
    queued_request,
    send,
    status_of,
    wait_for_log,
    wait_until_held,
)
from support.processes import free_port, is_alive, wait_until

pytest_plugins = ["support.pool_fixtures"]


def is_replaced(pool, worker):
    pids = pool.pids()
    return worker not in pids and len(pids) == pool.workers


# Under load


def test_reloading_again_and_again_under_load_loses_nothing(pool, nginx):
    with Load(nginx.port) as load:
        for _ in range(8):
            pool.reload_and_wait()
            load.more(50)
    assert load.failed == []


def test_reloads_faster_than_workers_are_replaced_lose_nothing(pool, nginx):
    with Load(nginx.port) as load:
        for _ in range(20):
            pool.reload()
            load.more(5)
        pool.reload_and_wait()
    assert load.failed == []
    # While the pool replaces the last worker of an earlier generation, it has one worker more.
    wait_until(lambda: len(pool.pids()) == pool.workers, 15, "as many workers as asked for")


def test_killed_workers_are_replaced_and_each_loses_its_own_request_at_the_most(pool, nginx):
    kills = 12
    with Load(nginx.port) as load:
        for number in range(kills):
            victim = pool.pids()[number % pool.workers]
            send(victim, signal.SIGKILL)
            wait_until(lambda: is_replaced(pool, victim), 15, "it is replaced")
            load.more(20)
    assert len(load.failed) <= kills


def test_workers_that_recycle_under_load_lose_nothing(make_pool, folder):
    pool = make_pool({"USER_API_MAX_REQUESTS": "40"}).start()
    nginx = Nginx(os.path.join(folder, "nginx"), pool.address).start()
    with Load(nginx.port) as load:
        load.more(1500)
    assert load.failed == []
    assert len(events(pool, "worker ended")) >= 20
    assert all(line["requests"] >= 40 for line in events(pool, "worker ended")[:20])


def test_a_worker_that_is_told_to_end_by_somebody_else_is_replaced_without_a_loss(pool, nginx):
    with Load(nginx.port) as load:
        for number in range(8):
            victim = pool.pids()[number % pool.workers]
            send(victim, signal.SIGTERM)
            wait_until(lambda: is_replaced(pool, victim), 15, "it is replaced")
            load.more(30)
    assert load.failed == []


def test_a_stop_under_load_answers_whatever_had_reached_the_queue(make_pool, database):
    pool = make_pool(database.settings, workers=2).start()
    busy = database.occupy(pool.address, 2)
    queued = [queued_request(pool.address) for _ in range(21)]
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    database.let_go()
    assert [status_of(peer) for peer in busy] == [503, 503]
    assert [status_of(peer) for peer in queued] == [200] * 21
    assert pool.process.wait() == 0


def test_a_tcp_queue_is_served_as_well(make_pool, database):
    pool = make_pool(database.settings, listen=f"127.0.0.1:{free_port()}", workers=1).start()
    busy = database.occupy(pool.address)
    queued = [queued_request(pool.address) for _ in range(6)]
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    database.let_go()
    assert status_of(busy[0]) == 503
    assert [status_of(peer) for peer in queued] == [200] * 6
    assert pool.process.wait() == 0


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_request_in_flight_is_finished_before_the_pool_stops(make_pool, database, number):
    pool = make_pool(database.settings, workers=1).start()
    busy = database.occupy(pool.address)
    queued = queued_request(pool.address)
    pool.process.signal(number)
    wait_for_log(pool, "stopping")
    database.let_go()
    assert status_of(busy[0]) == 503
    assert status_of(queued) == 200
    assert pool.process.wait() == 0
    assert not os.path.exists(pool.address[len("unix:") :])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_request_that_has_come_in_part_is_finished_before_the_pool_stops(make_pool, number):
    pool = make_pool(workers=1).start()
    peer = half_sent_request(pool.address)
    wait_until_held(pool, 1)
    pool.process.signal(number)
    wait_for_log(pool, "stopping")
    assert finish_request(peer) == 405
    assert pool.process.wait() == 0


def test_new_connections_are_refused_while_the_pool_stops(make_pool, database):
    pool = make_pool(database.settings, workers=1).start()
    busy = database.occupy(pool.address)
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    with pytest.raises(ConnectionRefusedError):
        fastcgi.connect(pool.address)
    database.let_go()
    assert status_of(busy[0]) == 503


def test_a_second_term_ends_at_once(make_pool, database):
    pool = make_pool({**database.settings, "USER_API_DRAIN_SECONDS": "600"}, workers=1).start()
    busy = database.occupy(pool.address)
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    pool.process.signal(signal.SIGTERM)
    assert pool.process.wait(15) == 0
    assert status_of(busy[0]) is None


def test_requests_that_take_longer_than_the_drain_are_ended(make_pool, database):
    pool = make_pool({**database.settings, "USER_API_DRAIN_SECONDS": "1"}, workers=1).start()
    busy = database.occupy(pool.address)
    assert pool.terminate() == 0
    assert events(pool, "requests not finished within drain_seconds, ending them")
    assert status_of(busy[0]) is None


def test_no_worker_outlives_a_killed_supervisor_and_the_request_in_flight_is_answered(make_pool, database):
    pool = make_pool(database.settings, workers=3).start()
    busy = database.occupy(pool.address)
    workers = pool.pids()
    pool.kill()
    wait_until(lambda: sum(map(is_alive, workers)) == 1, 10, "idle workers are gone")
    database.let_go()
    assert status_of(busy[0]) == 503
    wait_until(lambda: not any(map(is_alive, workers)), 10, "all workers are gone")


# Reloading


def test_a_reload_takes_over_new_settings(make_pool):
    def post():
        return pool.request("POST", "/api/users/login", b"x" * 2000, CONTENT_TYPE="application/json")[0]

    pool = make_pool({"USER_API_BODY_LIMIT": "1024"}).start()
    assert post() == 413
    pool.settings["USER_API_BODY_LIMIT"] = "4096"
    pool.write_config()
    pool.reload_and_wait()
    assert post() == 422


def test_bad_settings_are_refused_by_a_reload_and_the_old_ones_stay(pool):
    workers = pool.pids()
    pool.settings["USER_API_BODY_LIMIT"] = "many"
    pool.write_config()
    pool.reload()
    wait_for_log(pool, "reload refused, the old settings stay")
    assert "line 4: must be" in events(pool, "reload refused, the old settings stay")[0]["reason"]
    assert pool.pids() == workers
    assert pool.healthy()


def test_an_emptied_secret_is_refused_by_a_reload(pool):
    pool.settings["USER_API_JWT_SECRET"] = ""
    pool.write_config()
    pool.reload()
    wait_for_log(pool, "reload refused, the old settings stay")
    assert pool.healthy()


@pytest.mark.parametrize(
    "setting, value, said",
    [
        ("USER_API_JWT_SECRET", "geheim", "shorter than 32 bytes"),
        ("USER_API_JWT_PREVIOUS_SECRETS", "geheim", "shorter than 32 bytes"),
        ("USER_API_DATABASE_URL", "postgresql://usr:geheim/x@db/user_api", "malformed"),
    ],
)
def test_a_weak_secret_and_a_malformed_url_are_refused_by_a_reload(pool, setting, value, said):
    pool.settings[setting] = value
    pool.write_config()
    pool.reload()
    wait_for_log(pool, "reload refused, the old settings stay")
    reason = events(pool, "reload refused, the old settings stay")[0]["reason"]
    assert reason.startswith(setting) and said in reason
    assert "geheim" not in pool.log_text()
    assert pool.healthy()


def test_the_number_of_workers_follows_the_settings_up_and_down(make_pool):
    pool = make_pool({"USER_API_WORKERS": "2"}, workers=None).start()
    wait_until(lambda: len(pool.pids()) == 2, 15, "2 workers serve")
    for count in (5, 1, 3):
        pool.settings["USER_API_WORKERS"] = str(count)
        pool.write_config()
        pool.reload_and_wait()
        wait_until(lambda: len(pool.pids()) == count, 15, f"{count} workers serve")


def test_a_changed_address_is_announced_to_need_a_restart(make_pool, folder):
    pool = Pool(folder, {**SETTINGS, "USER_API_LISTEN": f"unix:{folder}/a.sock"}, listen=f"unix:{folder}/a.sock")
    # The command line option would override the file.
    at = pool.process.argv.index("--listen")
    del pool.process.argv[at : at + 2]
    pool.start()
    pool.settings["USER_API_LISTEN"] = f"unix:{folder}/b.sock"
    pool.write_config()
    pool.reload_and_wait()
    assert events(pool, "other listen addresses need a restart")
    assert not os.path.exists(f"{folder}/b.sock")


def test_a_reload_whose_new_workers_are_killed_does_not_interrupt_the_service(pool):
    """Kills every new worker as soon as it is seen, whether or not it has replaced an old one yet."""
    old, killed = set(pool.pids()), set()

    def three_are_killed():
        for pid in set(pool.pids()) - old - killed:
            send(pid, signal.SIGKILL)
            killed.add(pid)
        assert pool.healthy()
        return len(killed) >= 3

    pool.reload()
    wait_until(three_are_killed, 30, "three new workers are killed")
    wait_until(lambda: not old & set(pool.pids()), 30, "the reload ends after all")
    assert pool.healthy()


# Workers that die, hang or fail to start


def test_a_stuck_worker_is_killed_by_the_watchdog_and_replaced(make_pool, database):
    pool = make_pool({**database.settings, "USER_API_WATCHDOG_SECONDS": "1"}, workers=1).start()
    stuck = pool.pids()
    assert status_of(database.occupy(pool.address)[0]) is None
    wait_until(lambda: pool.pids() and pool.pids() != stuck, 10, "it is replaced")
    assert pool.healthy()
    assert [line["worker"] for line in events(pool, "worker killed")] == stuck


def test_workers_that_die_young_are_replaced_ever_more_slowly_until_one_is_healthy(make_pool):
    pool = make_pool(workers=1)
    pool.process.start()
    event = "worker died soon after its start, the next one is delayed"

    def four_have_died():
        for pid in pool.pids():
            send(pid, signal.SIGKILL)
        return len(events(pool, event)) >= 4

    wait_until(four_have_died, 30, "four workers have died young")
    assert [line["delay_ms"] for line in events(pool, event)][:4] == [100, 200, 400, 800]
    assert pool.process.running()
    wait_until(pool.healthy, 15, "it serves once nobody kills it")
    healthy = pool.pids()[0]
    send(healthy, signal.SIGKILL)
    wait_until(pool.healthy, 15, "it is replaced")
    assert all(line["delay_ms"] <= 3200 for line in events(pool, event))
    deaths = len(events(pool, event))
    wait_until(lambda: events(pool, "worker died")[-1]["worker"] == healthy, 20, "its death is noted")
    assert len(events(pool, event)) == deaths, "one that has served delays nobody"


def test_each_death_is_logged_with_its_signal(pool):
    victim = pool.pids()[0]
    send(victim, signal.SIGALRM)
    wait_until(lambda: any(line["worker"] == victim for line in events(pool, "worker died")), 10, "it is logged")
    assert next(line for line in events(pool, "worker died") if line["worker"] == victim)["signal"] == signal.SIGALRM
