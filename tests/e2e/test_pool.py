"""The pool: nothing is lost when it stops, reloads, recycles or loses a worker; nothing is left behind."""

import grp
import os
import random
import signal
import socket
import stat
import time

import pytest
from support import fastcgi
from support.load import Load
from support.nginx import Nginx
from support.pool import Pool, binary
from support.processes import Process, free_port, is_alive, wait_until

SECRET = "0123456789abcdef0123456789abcdef"
# Nobody listens there: what these tests request needs no database.
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
}


@pytest.fixture
def make_pool(folder):
    """Makes pools that are stopped at the end: make_pool({"USER_API_…": …}, workers=2)."""

    def make(settings=None, **options):
        return Pool(folder, {**SETTINGS, **(settings or {})}, **options)

    return make


@pytest.fixture
def pool(make_pool):
    return make_pool().start()


@pytest.fixture
def nginx(folder, pool):
    server = Nginx(os.path.join(folder, "nginx"), pool.address)
    server.start()
    return server


def half_sent_request(address):
    """A connection whose worker waits for the second half of a body."""
    body = b"x" * 2000
    peer = fastcgi.connect(address)
    sent = fastcgi.begin() + fastcgi.params(fastcgi.environ("POST", "/healthz", body))
    peer.sendall(sent + fastcgi.stdin(body[:1000], end=False))
    return peer


def finish_request(peer):
    """Sends the second half; the status of the answer."""
    peer.sendall(fastcgi.stdin(b"x" * 1000))
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def queued_request(address):
    """A whole request that is sent and not yet answered."""
    peer = fastcgi.connect(address, timeout=20)
    peer.sendall(fastcgi.begin() + fastcgi.params(fastcgi.environ("GET", "/healthz")) + fastcgi.stdin())
    return peer


def status_of(peer):
    answer = fastcgi.parse_response(fastcgi.read_all(peer))
    peer.close()
    return answer and answer[0]


def send(pid, number):
    """A signal to a worker, which may have gone meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def events(pool, name):
    return [line for line in pool.log_lines() if line.get("event") == name]


def wait_for_log(pool, name, count=1):
    wait_until(lambda: len(events(pool, name)) >= count, 20, f"the log says '{name}' {count} times")


def wait_until_all_busy(pool, peers):
    """Once as many peers hold a worker each as there are workers, one more request stays unanswered; it is
    returned."""
    assert len(peers) == pool.workers
    while True:
        probe = queued_request(pool.address)
        probe.settimeout(1)
        try:
            probe.recv(1)
        except socket.timeout:
            probe.settimeout(20)
            return probe
        probe.close()


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
    # One more than that is there while the last one of the generation before the last is replaced.
    wait_until(lambda: len(pool.pids()) == pool.workers, 15, "as many workers as asked for")


def test_killed_workers_are_replaced_and_each_loses_its_own_request_at_the_most(pool, nginx):
    kills = 12
    with Load(nginx.port) as load:
        for _ in range(kills):
            victim = random.choice(pool.pids())
            send(victim, signal.SIGKILL)
            wait_until(lambda: victim not in pool.pids() and len(pool.pids()) == pool.workers, 15, "it is replaced")
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
        for _ in range(8):
            send(random.choice(pool.pids()), signal.SIGTERM)
            load.more(30)
        wait_until(lambda: len(pool.pids()) == pool.workers, 15, "all are replaced")
    assert load.failed == []


def test_a_stop_under_load_answers_whatever_had_reached_the_queue(make_pool):
    pool = make_pool(workers=2).start()
    stuck = [half_sent_request(pool.address) for _ in range(2)]
    queued = [wait_until_all_busy(pool, stuck)] + [queued_request(pool.address) for _ in range(20)]
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    assert [finish_request(peer) for peer in stuck] == [405, 405]
    assert [status_of(peer) for peer in queued] == [200] * 21
    assert pool.process.wait() == 0


def test_a_tcp_queue_is_served_as_well(make_pool):
    pool = make_pool(listen=f"127.0.0.1:{free_port()}", workers=1).start()
    stuck = [half_sent_request(pool.address)]
    queued = [wait_until_all_busy(pool, stuck)] + [queued_request(pool.address) for _ in range(5)]
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    assert finish_request(stuck[0]) == 405
    assert [status_of(peer) for peer in queued] == [200] * 6
    assert pool.process.wait() == 0


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_request_in_flight_is_finished_before_the_pool_stops(make_pool, number):
    pool = make_pool(workers=1).start()
    peer = half_sent_request(pool.address)
    probe = wait_until_all_busy(pool, [peer])
    pool.process.signal(number)
    wait_for_log(pool, "stopping")
    assert finish_request(peer) == 405
    assert status_of(probe) == 200
    assert pool.process.wait() == 0
    assert not os.path.exists(pool.address[len("unix:") :])


def test_new_connections_are_refused_while_the_pool_stops(make_pool):
    pool = make_pool(workers=1).start()
    peer = half_sent_request(pool.address)
    probe = wait_until_all_busy(pool, [peer])
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    with pytest.raises(ConnectionRefusedError):
        fastcgi.connect(pool.address)
    assert finish_request(peer) == 405
    probe.close()


def test_a_second_term_ends_at_once(make_pool):
    pool = make_pool({"USER_API_IO_TIMEOUT_SECONDS": "60"}, workers=1).start()
    peer = half_sent_request(pool.address)
    probe = wait_until_all_busy(pool, [peer])
    pool.process.signal(signal.SIGTERM)
    wait_for_log(pool, "stopping")
    pool.process.signal(signal.SIGTERM)
    assert pool.process.wait(5) == 0
    peer.close()
    probe.close()


def test_requests_that_take_longer_than_the_drain_are_ended(make_pool):
    settings = {"USER_API_IO_TIMEOUT_SECONDS": "60", "USER_API_DRAIN_SECONDS": "1"}
    pool = make_pool(settings, workers=1).start()
    peer = half_sent_request(pool.address)
    probe = wait_until_all_busy(pool, [peer])
    assert pool.terminate(10) == 0
    assert events(pool, "requests not finished within drain_seconds, ending them")
    peer.close()
    probe.close()


def test_no_worker_outlives_a_killed_supervisor_and_the_request_in_flight_is_answered(make_pool):
    pool = make_pool(workers=3).start()
    peer = half_sent_request(pool.address)
    workers = pool.pids()
    pool.kill()
    wait_until(lambda: sum(map(is_alive, workers)) <= 1, 10, "idle workers are gone")
    assert finish_request(peer) == 405
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
    # The flag would win over the file.
    at = pool.process.argv.index("--listen")
    del pool.process.argv[at : at + 2]
    pool.start()
    pool.settings["USER_API_LISTEN"] = f"unix:{folder}/b.sock"
    pool.write_config()
    pool.reload_and_wait()
    assert events(pool, "other listen addresses need a restart")
    assert not os.path.exists(f"{folder}/b.sock")


def test_a_reload_whose_new_workers_are_killed_does_not_interrupt_the_service(pool):
    """Every new worker that is seen is killed at once, whether or not it has replaced an old one yet."""
    old = set(pool.pids())
    pool.reload()
    killed = set()
    while len(killed) < 3:
        for pid in set(pool.pids()) - old - killed:
            send(pid, signal.SIGKILL)
            killed.add(pid)
        assert pool.healthy()
    wait_until(lambda: not old & set(pool.pids()), 30, "the reload ends after all")
    assert pool.healthy()


# Workers that die, are stuck or are not started well


def test_a_stuck_worker_is_killed_by_the_watchdog_and_replaced(make_pool):
    settings = {"USER_API_WATCHDOG_SECONDS": "1", "USER_API_IO_TIMEOUT_SECONDS": "600"}
    pool = make_pool(settings, workers=1).start()
    stuck = pool.pids()
    peer = half_sent_request(pool.address)
    assert fastcgi.read_all(peer) == b""
    wait_until(lambda: pool.pids() and pool.pids() != stuck, 10, "it is replaced")
    assert pool.healthy()
    assert events(pool, "worker killed")[0]["worker"] == stuck[0]


def test_workers_that_die_young_are_replaced_ever_more_slowly_until_one_is_healthy(make_pool):
    pool = make_pool(workers=1)
    pool.process.start()
    event = "worker died young, the next one is delayed"
    while len(events(pool, event)) < 4:
        for pid in pool.pids():
            send(pid, signal.SIGKILL)
    assert [line["delay_ms"] for line in events(pool, event)][:4] == [100, 200, 400, 800]
    assert pool.process.running()
    wait_until(pool.healthy, 15, "it serves once nobody kills it")
    healthy = pool.pids()[0]
    send(healthy, signal.SIGKILL)
    wait_until(pool.healthy, 15, "it is replaced")
    assert all(line["delay_ms"] <= 3200 for line in events(pool, event))
    deaths = len(events(pool, event))
    wait_until(lambda: events(pool, "worker died")[-1]["worker"] == healthy, 5, "its death is noted")
    assert len(events(pool, event)) == deaths, "one that has served delays nobody"


def test_each_death_is_logged_with_its_signal(pool):
    victim = pool.pids()[0]
    send(victim, signal.SIGALRM)
    wait_until(lambda: any(line["worker"] == victim for line in events(pool, "worker died")), 10, "it is logged")
    assert next(line for line in events(pool, "worker died") if line["worker"] == victim)["signal"] == signal.SIGALRM


# Addresses


def test_several_addresses_are_served_by_the_same_workers(make_pool, folder):
    port = free_port()
    addresses = [f"unix:{folder}/a.sock", f"127.0.0.1:{port}", f"unix:{folder}/b.sock,mode=0600"]
    make_pool(listen=addresses, workers=2).start()
    for address in addresses:
        assert fastcgi.get(address, "/healthz")[0] == 200


def test_ipv6_is_served(make_pool):
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 loopback")
    assert make_pool(listen=f"[::1]:{free_port()}").start().healthy()


def test_the_socket_has_the_mode_and_group_that_the_address_names(make_pool, folder):
    group = random.choice(os.getgroups() or [os.getgid()])
    path = f"{folder}/mode.sock"
    make_pool(listen=f"unix:{path},mode=0620,group={grp.getgrgid(group).gr_name}").start()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o620
    assert os.stat(path).st_gid == group


def test_the_default_mode_shuts_others_out(make_pool, folder):
    path = f"{folder}/default.sock"
    make_pool(listen=f"unix:{path}").start()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660


def test_an_owner_may_be_named_by_root(make_pool, folder):
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    path = f"{folder}/owner.sock"
    make_pool(listen=f"unix:{path},owner=nobody").start()
    assert os.stat(path).st_uid == 65534


def test_a_stale_socket_is_replaced_and_a_live_one_is_not_stolen(make_pool, folder):
    first = make_pool().start()
    second = Pool(os.path.join(folder, "second"), SETTINGS, listen=first.listen)
    second.process.start()
    assert second.process.wait() == 1
    assert second.log_text().splitlines()[-1].startswith("user-api: cannot listen on")
    assert first.healthy()
    workers = first.pids()
    first.kill()
    wait_until(lambda: not any(map(is_alive, workers)), 10, "nobody listens any more")
    assert os.path.exists(first.address[len("unix:") :])
    assert second.start().healthy()


def test_an_address_in_use_ends_the_start_with_one_line(make_pool):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        pool = make_pool(listen=f"127.0.0.1:{taken.getsockname()[1]}")
        pool.process.start()
        assert pool.process.wait() == 1
    said = [line for line in pool.log_text().splitlines() if line.startswith("user-api: ")]
    assert len(said) == 1 and said[0].startswith("user-api: cannot listen on '127.0.0.1:")


# Inherited sockets and the single process


def inheriting(folder, settings=None, arguments=(), prefix=(), **popen):
    """user-api without an address of its own."""
    environment = {"PATH": os.environ["PATH"], **SETTINGS, **(settings or {})}
    argv = [*prefix, binary(), *arguments]
    return Process(argv, env=environment, log_path=os.path.join(folder, "inheriting.log"), **popen).start()


@pytest.fixture
def listener(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(f"{folder}/inherited.sock")
        bound.listen(64)
        yield bound


def address_of(listener):
    return f"unix:{listener.getsockname()}"


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as listing:
        return listing.read().split()


def test_a_listening_descriptor_0_is_served_by_the_single_process(folder, listener):
    process = inheriting(folder, stdin=listener)
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    assert children(process) == []
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert os.path.exists(listener.getsockname()), "the file belongs to whoever passed the socket"


def test_a_listening_descriptor_0_is_served_by_a_pool_when_workers_are_asked_for(folder, listener):
    process = inheriting(folder, stdin=listener, arguments=["--workers", "2"])
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    wait_until(lambda: len(children(process)) == 2, 10, "two workers run")


def told_to_stop(folder, listener):
    """A single process on a socket of somebody else's that has seen TERM."""
    process = inheriting(folder, stdin=listener)
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    process.signal(signal.SIGTERM)
    wait_until(lambda: "what still comes is served" in process.log_text(), 10, "it has seen TERM")
    return process


def test_a_single_process_on_an_inherited_socket_serves_its_queue_before_it_stops(folder, listener):
    process = inheriting(folder, stdin=listener)
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    peer = half_sent_request(address_of(listener))
    queued = [queued_request(address_of(listener)) for _ in range(5)]
    process.signal(signal.SIGTERM)
    assert finish_request(peer) == 405
    assert [status_of(each) for each in queued] == [200] * 5
    assert process.wait() == 0


def test_on_an_inherited_socket_requests_that_come_late_are_served_and_a_repeated_term_loses_none(folder, listener):
    process = told_to_stop(folder, listener)
    for _ in range(20):
        process.signal(signal.SIGTERM)
        assert fastcgi.get(address_of(listener), "/healthz", timeout=10)[0] == 200
    assert process.wait() == 0


def test_on_an_inherited_socket_it_stops_however_many_still_come_and_leaves_the_rest_to_the_next(folder, listener):
    process = told_to_stop(folder, listener)
    answers = []
    queued = queued_request(address_of(listener))
    deadline = time.monotonic() + 30
    while process.running() and time.monotonic() < deadline:
        queued.settimeout(0.2)
        try:
            queued.recv(1, socket.MSG_PEEK)
        except socket.timeout:
            continue
        answers.append(status_of(queued))
        queued = queued_request(address_of(listener))
    assert process.wait() == 0
    assert set(answers) == {200}
    inheriting(folder, stdin=listener)
    queued.settimeout(20)
    assert status_of(queued) == 200


def test_sockets_that_systemd_passes_are_served(folder, listener):
    """The shell sets LISTEN_PID to the pid that exec keeps."""
    script = 'exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
    process = inheriting(folder, stdin=listener, prefix=["/bin/sh", "-c", script, "sh"], arguments=["--workers", "2"])
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert os.path.exists(listener.getsockname())


def test_of_several_sockets_that_systemd_passes_each_is_served(folder, listener):
    """A unix socket, and beside it the TCP port that Apache's authorizer needs."""
    with socket.create_server(("127.0.0.1", 0)) as port:
        script = f'exec 3<&0 4<&{port.fileno()} </dev/null; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"'
        prefix = ["/bin/bash", "-c", script, "bash"]
        inheriting(folder, stdin=listener, prefix=prefix, arguments=["--workers", "2"], pass_fds=[port.fileno()])
        assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
        assert fastcgi.get(f"127.0.0.1:{port.getsockname()[1]}", "/healthz")[0] == 200


def test_sockets_passed_to_another_process_are_not_taken(folder, listener):
    script = 'exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=1 exec "$@"'
    process = inheriting(folder, stdin=listener, prefix=["/bin/sh", "-c", script, "sh"])
    assert process.wait() == 2
    assert process.log_text().splitlines()[-1].startswith("user-api: no address to listen on")


def test_zero_workers_serve_an_address_of_their_own_in_one_process(make_pool):
    pool = make_pool(workers=0).start()
    assert pool.pids() == []
    peer = half_sent_request(pool.address)
    queued = [queued_request(pool.address) for _ in range(5)]
    pool.process.signal(signal.SIGTERM)
    assert finish_request(peer) == 405
    assert [status_of(each) for each in queued] == [200] * 5
    assert pool.process.wait() == 0
    assert not os.path.exists(pool.address[len("unix:") :])


def test_the_single_process_ends_after_max_requests_without_losing_its_queue(make_pool):
    pool = make_pool({"USER_API_MAX_REQUESTS": "2"}, workers=0).start()
    peer = half_sent_request(pool.address)
    queued = [queued_request(pool.address) for _ in range(5)]
    assert finish_request(peer) == 405
    assert [status_of(each) for each in queued] == [200] * 5
    assert pool.process.wait() == 0


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_descriptors_do_no_harm(folder, closed):
    address = f"unix:{folder}/closed.sock"
    prefix = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh"]
    process = inheriting(folder, prefix=prefix, arguments=["--workers", "1", "--listen", address])
    wait_until(lambda: fastcgi.get(address, "/healthz")[0] == 200, 15, "it serves")
    for pid in [str(process.pid), *children(process)]:
        assert all(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("/") for fd in range(3))


# The command line


def run(folder, *arguments, **settings):
    process = inheriting(folder, settings, arguments)
    return process.wait(), process.log_text()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--print-example"], ["--check-config"]])
def test_questions_are_answered_with_exit_code_0(folder, arguments):
    code, said = run(folder, *arguments)
    assert code == 0 and said


@pytest.mark.parametrize(
    "arguments, settings, code, said",
    [
        ([], {"USER_API_JWT_SECRET": ""}, 2, "user-api: USER_API_JWT_SECRET is empty"),
        ([], {"USER_API_DATABASE_URL": ""}, 2, "user-api: USER_API_DATABASE_URL is not set"),
        (["--check-config"], {"USER_API_WORKERS": "x"}, 2, "user-api: USER_API_WORKERS: must be a whole number"),
        (["--check-config", "--listen", "nowhere"], {}, 2, "user-api: address 'nowhere': not unix:/path"),
        (["--jwt-secret", "hunter2"], {}, 2, "user-api: --jwt-secret: every user could see it"),
        (["--frobnicate"], {}, 2, "user-api: unknown flag --frobnicate"),
        (["--config", "/nonexistent"], {}, 1, "user-api: cannot read '/nonexistent'"),
        ([], {}, 2, "user-api: no address to listen on"),
    ],
)
def test_wrong_settings_end_the_start_with_one_line(folder, arguments, settings, code, said):
    settings = {"USER_API_BCRYPT_COST": "12", **settings}
    got, text = run(folder, *arguments, **settings)
    assert (got, text.count("\n")) == (code, 1), text
    assert text.startswith(said)
    assert "hunter2" not in text


def test_a_short_secret_is_warned_about(folder):
    code, said = run(folder, "--check-config", USER_API_JWT_SECRET="short-and-guessable")
    assert code == 0
    assert "shorter than 32 bytes" in said and "short-and-guessable" not in said


def test_secrets_in_a_file_that_others_may_read_are_warned_about(make_pool):
    pool = make_pool()
    os.chmod(pool.config_path, 0o644)
    code, said = run(pool.folder, "--check-config", "--config", pool.config_path)
    assert code == 0 and "can be read by others" in said and SECRET not in said


def test_no_secret_is_ever_logged_or_shown(make_pool):
    pool = make_pool({"USER_API_LOG_LEVEL": "debug"}).start()
    pool.reload_and_wait()
    pool.terminate()
    assert SECRET not in pool.log_text()
