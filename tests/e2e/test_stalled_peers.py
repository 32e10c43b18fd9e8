"""Peers that stall, send single bytes, never read or never close cost a descriptor and the memory for their bytes, but
never a worker."""

import contextlib
import os
import resource
import signal
import time

import pytest
from support import fastcgi
from support.load import Load
from support.nginx import Nginx
from support.pool import can_look_inside, is_sanitized
from support.pool_peers import (
    events,
    finish_request,
    half_sent_request,
    inheriting,
    post,
    queued_request,
    send,
    status_of,
    wait_until_held,
    whole,
)
from support.processes import wait_until
from support.site import Site
from support.stalled import Dripping, anonymous, answers, close, is_open, peak, read_slowly, stalled

pytest_plugins = ["support.pool_fixtures"]

# No peer is dropped during a test.
PATIENT = {
    "USER_API_BEGIN_TIMEOUT_SECONDS": "600",
    "USER_API_IO_TIMEOUT_SECONDS": "600",
    "USER_API_TRANSFER_TIMEOUT_SECONDS": "600",
}
MOST_CONNECTIONS = 512
MIB = 1024 * 1024
# Seconds that may be lost to scheduling on a busy machine. A single stall would cost far more.
SOON = 8.0
# The service keeps times in whole milliseconds.
TICK = 0.002


@pytest.fixture
def waiting():
    """A list of peers that are closed at the end."""
    peers = []
    yield peers
    close(peers)


def open_by(pool):
    """The descriptors of each worker, or False: only root may see them."""
    return {pid: can_look_inside() and sorted(os.listdir(f"/proc/{pid}/fd")) for pid in pool.pids()}


def open_by_all_alike(pool):
    """The same, as soon as all workers have started and have the same descriptors."""

    def alike():
        found = open_by(pool)
        return len(set(map(str, found.values()))) == 1 and found

    return wait_until(alike, 20, "all workers have the same open")


# Stalled peers delay no other peer


@pytest.mark.parametrize("count", [32, 256])
def test_stalled_peers_of_all_kinds_hold_nobody_up(make_pool, waiting, count):
    pool = make_pool(PATIENT, workers=2).start()
    before = open_by_all_alike(pool)
    waiting += stalled(pool.address, count)
    wait_until_held(pool, count)
    statuses, longest = answers(pool.address, 200)
    assert statuses == [200] * 200
    assert longest < SOON
    assert all(map(is_open, waiting))
    close(waiting)
    wait_until_held(pool, 0)
    wait_until(lambda: open_by(pool) == before, 20, "what the workers had open is what they have")


@pytest.mark.parametrize("lots", [False, True], ids=["a byte now and then", "as much as is taken"])
@pytest.mark.parametrize("count", [32, 256])
def test_peers_that_send_without_end_hold_nobody_up_and_are_dropped(make_pool, count, lots):
    pool = make_pool({"USER_API_TRANSFER_TIMEOUT_SECONDS": "1"}, workers=2).start()
    before = open_by_all_alike(pool)
    with Dripping(pool.address, count, seconds=0 if lots else 0.05, lots=lots) as peers:
        statuses, longest = answers(pool.address, 100)
        wait_until(lambda: peers.dropped >= 2 * count, 60, "all have been dropped twice")
        more, longer = answers(pool.address, 100)
    assert statuses + more == [200] * 200
    assert max(longest, longer) < SOON
    wait_until_held(pool, 0)
    wait_until(lambda: open_by(pool) == before, 20, "what the workers had open is what they have")


RUBBISH = {"nothing": b"", "text": b"x" * 100, "records": b"\x01\x05\0\1\xff\xff\0\0" * 1000}


@pytest.mark.parametrize("rest", RUBBISH.values(), ids=RUBBISH.keys())
def test_peers_that_do_not_close_after_their_answer_are_closed(make_pool, waiting, rest):
    pool = make_pool(PATIENT, workers=2).start()
    for _ in range(64):
        waiting.append(queued_request(pool.address))
        with contextlib.suppress(ConnectionError):
            waiting[-1].sendall(rest)
    statuses, longest = answers(pool.address, 100)
    assert statuses == [200] * 100
    assert longest < SOON
    assert [status_of(peer) for peer in waiting] == [200] * 64
    wait_until_held(pool, 0)


def test_a_peer_that_goes_on_sending_after_its_request_gets_its_answer(make_pool, waiting):
    """The worker must read the rest, because closing with unread bytes would reset the connection. It does not read
    without end."""
    pool = make_pool(PATIENT, workers=1).start()
    peer = fastcgi.connect(pool.address)
    waiting.append(peer)
    peer.sendall(whole() * 1000)
    assert status_of(peer) == 200
    wait_until_held(pool, 0)


def test_an_authorizer_whose_empty_body_comes_late_is_not_cut_off(make_pool, waiting):
    """A web server may treat it as a failure if it cannot write the rest."""
    pool = make_pool(PATIENT, workers=1).start()
    peer = fastcgi.connect(pool.address)
    waiting.append(peer)
    peer.sendall(fastcgi.begin(role=fastcgi.AUTHORIZER) + fastcgi.params(fastcgi.environ("GET", "/healthz")))
    received = b""
    while fastcgi.parse_response(received) is None:
        received += peer.recv(65536)
    peer.sendall(fastcgi.stdin())
    assert fastcgi.read_all(peer) == b""
    assert fastcgi.parse_response(received)[0] == 401


@pytest.fixture(scope="module")
def large(postgres, new_folder):
    """A site with an answer that is larger than the kernel's buffers, and the request for it."""
    settings = {"USER_API_TRANSFER_TIMEOUT_SECONDS": "2", "USER_API_IO_TIMEOUT_SECONDS": "1"}
    site = Site(postgres, new_folder(), settings, workers=2).start()
    site.sql("INSERT INTO role (code, name) SELECT 'r' || n, repeat('é', 255) FROM generate_series(1, 1000) n")
    yield site, whole("/api/roles/?limit=1000", HTTP_AUTHORIZATION=f"Bearer {site.token(site.seed.alice)}")
    site.stop()


def test_peers_that_never_read_their_answers_hold_nobody_up_and_are_dropped(large, waiting):
    site, request = large
    assert len(fastcgi.parse_response(fastcgi.send_bytes(site.pool.address, request))[2]) > 500_000
    workers = site.pool.pids()
    for _ in range(64):
        waiting.append(fastcgi.connect(site.pool.address))
        waiting[-1].sendall(request)
    statuses, longest = answers(site.pool.address, 100)
    assert statuses == [200] * 100
    assert longest < SOON
    wait_until_held(site.pool, 0)
    # On a busy machine, a request may wait for its turn for too long. It gets a small answer, which needs no reader.
    statuses = [status_of(peer) for peer in waiting]
    assert statuses[0] is None
    assert set(statuses) <= {None, 503}
    assert site.pool.pids() == workers


def test_a_peer_that_reads_its_answer_a_little_now_and_then_is_dropped_when_that_takes_too_long(large):
    site, request = large
    with fastcgi.connect(site.pool.address) as peer:
        peer.sendall(request)
        wait_until(lambda: is_open(peer), 20, "the answer comes")
        received = read_slowly(peer, 0.05)
        assert fastcgi.parse_response(received) is None
    assert answers(site.pool.address, 1)[0] == [200]


# Timeouts


TIMES = {
    "begin, without a byte": ("BEGIN", b""),
    "begin, with 15 bytes": ("BEGIN", whole()[:15]),
    "io, with 16 bytes": ("IO", whole()[:16]),
    "io, within PARAMS": ("IO", whole()[:60]),
    "io, within a body": ("IO", post(b"x" * 100, fastcgi.stdin(b"x" * 50, end=False))),
}


@pytest.mark.parametrize("timeout, sent", TIMES.values(), ids=TIMES.keys())
def test_a_peer_that_stalls_is_dropped_in_its_time(make_pool, timeout, sent):
    pool = make_pool({**PATIENT, f"USER_API_{timeout}_TIMEOUT_SECONDS": "1"}, workers=1).start()
    start = time.monotonic()
    with fastcgi.connect(pool.address) as peer:
        peer.sendall(sent)
        assert fastcgi.read_all(peer) == b""
        assert 1 - TICK <= time.monotonic() - start < 1 + SOON
    assert events(pool, "worker killed") == []


@pytest.mark.patient
def test_by_default_a_silent_peer_is_dropped_after_2_seconds_and_one_that_stalls_after_10(make_pool):
    pool = make_pool(workers=1).start()
    start = time.monotonic()
    with fastcgi.connect(pool.address, timeout=30) as silent, fastcgi.connect(pool.address, timeout=30) as slow:
        slow.sendall(fastcgi.begin())
        assert fastcgi.read_all(silent) == b""
        assert 2 - TICK <= time.monotonic() - start < 2 + SOON - 0.5
        assert fastcgi.read_all(slow) == b""
        assert 10 - TICK <= time.monotonic() - start < 10 + SOON


SHORT = {"USER_API_IO_TIMEOUT_SECONDS": "1", "USER_API_TRANSFER_TIMEOUT_SECONDS": "1"}


def test_time_that_a_worker_waited_in_a_request_is_not_taken_from_its_peers(make_pool, database, waiting):
    """The worker reads the data that has arrived meanwhile before it drops any peer."""
    pool = make_pool({**database.settings, **SHORT}, workers=1).start()
    waiting += [half_sent_request(pool.address) for _ in range(100)]
    wait_until_held(pool, 100)
    start = time.monotonic()
    busy = database.occupy(pool.address)
    for peer in waiting:
        peer.sendall(fastcgi.stdin(b"x" * 1000))
    wait_until(lambda: time.monotonic() - start > 1.5, 10, "the time is over")
    database.let_go()
    assert status_of(busy[0]) == 503
    assert [status_of(peer) for peer in waiting] == [405] * 100


def test_time_that_a_worker_was_stopped_is_not_taken_from_its_peers(make_pool, waiting):
    pool = make_pool(SHORT, workers=1).start()
    waiting += [half_sent_request(pool.address) for _ in range(100)]
    wait_until_held(pool, 100)
    send(pool.pids()[0], signal.SIGSTOP)
    start = time.monotonic()
    for peer in waiting:
        peer.sendall(fastcgi.stdin(b"x" * 1000))
    wait_until(lambda: time.monotonic() - start > 1.5, 10, "the time is over")
    send(pool.pids()[0], signal.SIGCONT)
    assert [status_of(peer) for peer in waiting] == [405] * 100


# Limits


def test_beyond_the_bound_the_oldest_half_read_request_goes_first_and_whole_ones_are_answered(make_pool, waiting):
    pool = make_pool(PATIENT, workers=1).start()
    waiting += [half_sent_request(pool.address) for _ in range(MOST_CONNECTIONS)]
    wait_until_held(pool, MOST_CONNECTIONS)
    assert all(map(is_open, waiting))
    waiting += [half_sent_request(pool.address) for _ in range(100)]
    wait_until(lambda: not is_open(waiting[99]), 20, "one for each that came")
    assert [is_open(peer) for peer in waiting] == [False] * 100 + [True] * MOST_CONNECTIONS
    assert answers(pool.address, 1)[0] == [200]
    assert [is_open(peer) for peer in waiting[100:103]] == [False, True, True]
    assert finish_request(waiting[-1]) == 405
    assert finish_request(waiting[101]) == 405


LARGE = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": None, "HTTP_X_LARGE": "x" * 90000}
BEGUN = fastcgi.begin() + fastcgi.params(fastcgi.environ("POST", "/api/users/login", **LARGE))
GREEDY = {
    "half a body": BEGUN + fastcgi.stdin(b"x" * 60000, end=False),
    "a body that is refused": BEGUN + fastcgi.stdin(b"x" * 65537, end=False),
    "parameters that do not end": fastcgi.begin()
    + fastcgi.params(fastcgi.environ("POST", "/", **LARGE), end=False),
}


@pytest.mark.skipif(is_sanitized(), reason="a sanitizer keeps what is freed")
@pytest.mark.parametrize("sent", GREEDY.values(), ids=GREEDY.keys())
def test_memory_that_peers_make_a_worker_keep_is_bounded_and_given_back(make_pool, waiting, sent):
    """400 peers would need 60 MB if the worker kept everything that they sent."""
    pool = make_pool(PATIENT, workers=1).start()
    worker = pool.pids()[0]
    answers(pool.address, 10)
    fastcgi.send_bytes(pool.address, post(b"x" * 60000))
    before, highest = anonymous(worker), peak(worker)
    for _ in range(400):
        waiting.append(fastcgi.connect(pool.address))
        with contextlib.suppress(ConnectionError):
            waiting[-1].sendall(sent)
    assert answers(pool.address, 10)[0] == [200] * 10
    assert peak(worker) - highest < 20 * MIB
    close(waiting)
    wait_until_held(pool, 0)
    assert answers(pool.address, 10)[0] == [200] * 10
    wait_until(lambda: anonymous(worker) - before < MIB, 20, "the memory is given back")
    assert pool.pids() == [worker]


def allow_few_descriptors(pool):
    """Like `ulimit -n 40`."""
    resource.prlimit(pool.pid, resource.RLIMIT_NOFILE, (40, 40))
    pool.reload_and_wait()


def test_without_descriptors_the_oldest_peers_go_and_the_service_goes_on(make_pool, waiting):
    pool = make_pool(PATIENT, workers=2).start()
    allow_few_descriptors(pool)
    waiting += stalled(pool.address, 200)
    statuses, longest = answers(pool.address, 100)
    assert statuses == [200] * 100
    assert longest < SOON
    assert len(pool.pids()) == 2 and events(pool, "worker died") == []


def test_without_descriptors_there_is_one_for_the_database(make_site, waiting):
    """A worker connects to the database only when a request needs it."""
    site = make_site(PATIENT, workers=1)
    allow_few_descriptors(site.pool)
    waiting += stalled(site.pool.address, 100)
    assert answers(site.pool.address, 1)[0] == [200]
    assert site.client.login(site.seed.alice.email, site.seed.alice.password).status_code == 200


# Shutdown


def test_a_reload_finishes_what_has_come_in_part(make_pool):
    pool = make_pool(PATIENT, workers=2).start()
    peers = [half_sent_request(pool.address) for _ in range(20)]
    wait_until_held(pool, 20)
    before = pool.pids()
    pool.reload()
    wait_until(lambda: len(set(pool.pids()) - set(before)) == 2, 20, "new workers are there")
    assert answers(pool.address, 20)[0] == [200] * 20
    assert [finish_request(peer) for peer in peers] == [405] * 20
    wait_until(lambda: not set(before) & set(pool.pids()), 20, "the old ones are gone")
    assert events(pool, "worker killed") == []


def test_a_worker_that_is_replaced_after_its_requests_finishes_what_has_come_in_part(make_pool):
    pool = make_pool({**PATIENT, "USER_API_MAX_REQUESTS": "20"}, workers=1).start()
    peers = [half_sent_request(pool.address) for _ in range(10)]
    wait_until_held(pool, 10)
    statuses, longest = answers(pool.address, 100)
    assert statuses == [200] * 100
    assert longest < SOON, "the next one serves while it finishes"
    assert [finish_request(peer) for peer in peers] == [405] * 10
    assert events(pool, "worker killed") == []


@pytest.mark.parametrize("workers", [0, 2])
def test_peers_that_stall_do_not_hold_up_the_end_beyond_the_drain(make_pool, waiting, workers):
    pool = make_pool({**PATIENT, "USER_API_DRAIN_SECONDS": "3"}, workers=workers).start()
    with Dripping(pool.address, 20):
        waiting += stalled(pool.address, 50) + [half_sent_request(pool.address)]
        assert answers(pool.address, 20)[0] == [200] * 20
        start = time.monotonic()
        pool.process.signal(signal.SIGTERM)
        assert finish_request(waiting.pop()) == 405
        assert pool.process.wait(3 + SOON) == 0
        assert time.monotonic() - start < 3 + SOON / 2
    assert events(pool, "requests not finished within drain_seconds, ending them") == []


def test_term_to_all_processes_at_once_finishes_what_has_come_in_part(make_pool, waiting):
    """A service manager may signal the whole group, and the supervisor signals its workers again."""
    pool = make_pool(PATIENT, workers=2).start()
    peers = [half_sent_request(pool.address) for _ in range(20)]
    wait_until_held(pool, 20)
    for pid in pool.pids():
        send(pid, signal.SIGUSR1)
    pool.process.signal(signal.SIGTERM)
    for _ in range(10):
        for pid in pool.pids():
            send(pid, signal.SIGTERM)
    assert [finish_request(peer) for peer in peers] == [405] * 20
    assert pool.process.wait() == 0


@pytest.mark.parametrize("workers", [0, 2])
def test_a_second_term_ends_at_once_whatever_has_come_in_part(make_pool, waiting, workers):
    pool = make_pool({**PATIENT, "USER_API_DRAIN_SECONDS": "600"}, workers=workers).start()
    waiting += stalled(pool.address, 50)
    assert answers(pool.address, 20)[0] == [200] * 20
    pool.process.signal(signal.SIGTERM)
    wait_until(lambda: refuses(pool), 20, "it has seen TERM")
    pool.process.signal(signal.SIGTERM)
    assert pool.process.wait(15) == 0


def refuses(pool):
    try:
        fastcgi.connect(pool.address).close()
    except ConnectionRefusedError:
        return True
    except FileNotFoundError:
        return True
    return False


@pytest.mark.patient
def test_a_single_process_on_an_inherited_socket_ends_within_8_seconds_whatever_peers_do(folder, listener, waiting):
    """After 8 seconds, mod_fcgid kills the process, and the requests that it has accepted are lost."""
    process = inheriting(folder, PATIENT, stdin=listener)
    address = f"unix:{listener.getsockname()}"
    assert fastcgi.get(address, "/healthz")[0] == 200
    waiting += stalled(address, 100) + [half_sent_request(address)]
    with Dripping(address, 20):
        start = time.monotonic()
        process.signal(signal.SIGTERM)
        while process.running():
            assert time.monotonic() - start < 8
            close(waiting[200:])
            del waiting[200:]
            with contextlib.suppress(ConnectionError, TimeoutError, BlockingIOError):
                waiting.append(fastcgi.connect(address, timeout=0.05))
    assert process.wait() == 0


# Reloads and killed workers under load


@pytest.mark.parametrize("count", [32])
def test_reloading_under_load_among_stalled_peers_loses_nothing(make_pool, folder, waiting, count):
    pool = make_pool({**PATIENT, "USER_API_DRAIN_SECONDS": "2"}).start()
    nginx = Nginx(os.path.join(folder, "nginx"), pool.address).start()
    with Load(nginx.port) as load, Dripping(pool.address, count):
        for _ in range(4):
            waiting += stalled(pool.address, count)
            pool.reload_and_wait()
            load.more(50)
    assert load.failed == []
    killed = [event["reason"] for event in events(pool, "worker killed")]
    # Before a worker ends, a sanitizer checks for leaks. On a busy machine, that takes longer than drain_seconds.
    assert not killed or (is_sanitized() and set(killed) == {"not ended within drain_seconds"}), killed


def test_a_killed_worker_loses_what_it_has_of_requests_and_no_other_loses_any(make_pool, waiting):
    pool = make_pool(PATIENT, workers=2).start()
    victim, other = pool.pids()
    send(other, signal.SIGSTOP)
    lost = [half_sent_request(pool.address) for _ in range(30)]
    wait_until_held(pool, 30)
    send(victim, signal.SIGSTOP)
    send(other, signal.SIGCONT)
    waiting += [half_sent_request(pool.address) for _ in range(30)]
    wait_until_held(pool, 60)
    send(victim, signal.SIGKILL)
    assert [fastcgi.read_all(peer) for peer in lost] == [b""] * 30
    assert [finish_request(peer) for peer in waiting] == [405] * 30
    assert other in pool.pids()
    close(lost)


def test_killing_workers_under_load_among_stalled_peers_costs_each_its_own_request(make_pool, folder, waiting):
    pool = make_pool(PATIENT).start()
    nginx = Nginx(os.path.join(folder, "nginx"), pool.address).start()
    kills = 6
    with Load(nginx.port) as load:
        for number in range(kills):
            waiting += stalled(pool.address, 32)
            victim = pool.pids()[number % pool.workers]
            send(victim, signal.SIGKILL)
            wait_until(lambda: victim not in pool.pids() and len(pool.pids()) == pool.workers, 15, "it is replaced")
            load.more(20)
    assert len(load.failed) <= kills
