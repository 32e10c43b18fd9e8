"""Where user-api listens: on its own addresses and on inherited sockets, also as a single process."""

import grp
import os
import signal
import socket
import stat
import time

import pytest
from support import fastcgi
from support.pool import Pool, can_look_inside
from support.pool_peers import SETTINGS, inheriting, queued_request, status_of
from support.processes import free_port, is_alive, wait_until, workers_of

pytest_plugins = ["support.pool_fixtures"]

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
    others = [group.gr_gid for group in grp.getgrall()] if os.geteuid() == 0 else os.getgroups()
    group = next((each for each in others if each != os.getegid()), None)
    if group is None:
        pytest.skip("whoever is in one group can give a socket to no other")
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
    wait_until(lambda: len(workers_of(process.pid)) == 2, 10, "two workers run")


def told_to_stop(folder, listener):
    """A single process on an inherited socket, after it has received TERM."""
    process = inheriting(folder, stdin=listener)
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    process.signal(signal.SIGTERM)
    wait_until(lambda: "requests that still arrive are served" in process.log_text(), 10, "it has seen TERM")
    return process


def test_a_single_process_on_an_inherited_socket_serves_its_queue_before_it_stops(folder, listener, database):
    process = inheriting(folder, database.settings, stdin=listener)
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    busy = database.occupy(address_of(listener))
    queued = [queued_request(address_of(listener)) for _ in range(5)]
    process.signal(signal.SIGTERM)
    database.let_go()
    assert status_of(busy[0]) == 503
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
    """The shell sets LISTEN_PID to its own pid, which exec keeps."""
    script = 'exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
    process = inheriting(folder, stdin=listener, prefix=["/bin/sh", "-c", script, "sh"], arguments=["--workers", "2"])
    assert fastcgi.get(address_of(listener), "/healthz")[0] == 200
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert os.path.exists(listener.getsockname())


def test_of_several_sockets_that_systemd_passes_each_is_served(folder, listener):
    """A unix socket, and the TCP port that Apache's authorizer needs."""
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


def test_zero_workers_serve_an_address_of_their_own_in_one_process(make_pool, database):
    pool = make_pool(database.settings, workers=0).start()
    assert pool.pids() == []
    busy = database.occupy(pool.address)
    queued = [queued_request(pool.address) for _ in range(5)]
    pool.process.signal(signal.SIGTERM)
    database.let_go()
    assert status_of(busy[0]) == 503
    assert [status_of(each) for each in queued] == [200] * 5
    assert pool.process.wait() == 0
    assert not os.path.exists(pool.address[len("unix:") :])


def test_the_single_process_ends_after_max_requests_without_losing_its_queue(make_pool, database):
    """It has served one request at the start. The request that it is busy with is its last."""
    pool = make_pool({**database.settings, "USER_API_MAX_REQUESTS": "2"}, workers=0).start()
    busy = database.occupy(pool.address)
    queued = [queued_request(pool.address) for _ in range(5)]
    database.let_go()
    assert status_of(busy[0]) == 503
    assert [status_of(each) for each in queued] == [200] * 5
    assert pool.process.wait() == 0


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_descriptors_do_no_harm(folder, closed):
    address = f"unix:{folder}/closed.sock"
    prefix = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh"]
    process = inheriting(folder, prefix=prefix, arguments=["--workers", "1", "--listen", address])
    wait_until(lambda: fastcgi.get(address, "/healthz")[0] == 200, 15, "it serves")
    if not can_look_inside():
        pytest.skip("served; only root sees its descriptors")
    for pid in [str(process.pid), *children(process)]:
        assert all(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("/") for fd in range(3))
