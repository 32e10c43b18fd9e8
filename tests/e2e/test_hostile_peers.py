"""Peers that reach the FastCGI socket and do not speak as a web server does."""

import contextlib
import struct
import time

import pytest
from support import fastcgi
from support.pool import Pool
from support.pool_peers import SECRET, events, wait_until_all_busy
from support.processes import free_port, wait_until

TIMEOUT = 1
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
    "USER_API_IO_TIMEOUT_SECONDS": str(TIMEOUT),
}
HEALTHZ = fastcgi.environ("GET", "/healthz")
WHOLE = fastcgi.begin() + fastcgi.params(HEALTHZ) + fastcgi.stdin()
# What may be lost to scheduling on a busy machine.
SLACK = 8.0


@pytest.fixture(scope="module")
def pool(new_folder):
    """One worker, so that whoever holds it holds everybody up."""
    with_one = Pool(new_folder(), SETTINGS, workers=1).start()
    yield with_one
    with_one.stop()


@pytest.fixture
def make_pool(folder):
    def make(settings=None, **options):
        return Pool(folder, {**SETTINGS, **(settings or {})}, **options).start()

    return make


def status(answer):
    return answer and answer[0]


def same_worker(pool, function):
    """Runs it and asserts that the worker has survived and serves."""
    before = pool.pids()
    result = function()
    assert pool.healthy()
    assert pool.pids() == before, "the worker has died"
    return result


# Records that are wrong


GARBAGE = {
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "zeros": b"\0" * 64,
    "all bits set": b"\xff" * 64,
    "one byte": b"\x01",
    "half a header": b"\x01\x01\x00\x01",
    "version 2": fastcgi.record(fastcgi.BEGIN_REQUEST, struct.pack("!HB5x", 1, 0), version=2) + WHOLE[16:],
    "request id 0": fastcgi.begin(request_id=0) + WHOLE[16:],
    "role 0": fastcgi.begin(role=0) + WHOLE[16:],
    "role 4": fastcgi.begin(role=4) + WHOLE[16:],
    "a filter": fastcgi.begin(role=fastcgi.FILTER) + WHOLE[16:],
    "a long BEGIN": fastcgi.record(fastcgi.BEGIN_REQUEST, b"\0\1" + b"\0" * 14) + WHOLE[16:],
    "a short BEGIN": fastcgi.record(fastcgi.BEGIN_REQUEST, b"\0\1") + WHOLE[16:],
    "a padded BEGIN": fastcgi.record(fastcgi.BEGIN_REQUEST, struct.pack("!HB5x", 1, 0), padding=8) + WHOLE[16:],
    "PARAMS without BEGIN": WHOLE[16:],
    "STDIN without BEGIN": fastcgi.stdin(b"x"),
    "a TLS hello": bytes.fromhex("16030100a5010000a10303") + b"\0" * 160,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_request_is_closed_without_an_answer_and_the_worker_lives(pool, data):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data, half_close=True))
    assert fastcgi.parse_response(received) is None


def test_get_values_first_is_refused_before_it_can_smash_the_stack(pool):
    """libfcgi answers it into 64 bytes on the stack, however often a name is repeated."""
    names = fastcgi.pairs([("FCGI_MAX_CONNS", "")] * 20)
    data = fastcgi.record(fastcgi.GET_VALUES, names, request_id=0)
    assert same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data + WHOLE)) == b""


def test_get_values_in_the_middle_costs_one_worker_at_the_most(pool):
    names = fastcgi.pairs([("FCGI_MAX_CONNS", "")] * 20)
    data = fastcgi.begin() + fastcgi.record(fastcgi.GET_VALUES, names, request_id=0) + WHOLE[16:]
    deaths = pool.log_text().count('"worker died"')  # glibc's own line beside it is no JSON
    fastcgi.send_bytes(pool.address, data)
    wait_until(pool.healthy, 15, "the service is back")
    assert pool.log_text().count('"worker died"') <= deaths + 1


LENGTHS = {
    "CVE-2025-23016": (0x7FFFFFFF, 0x7FFFFFFF),
    "a sum that wraps": (0x7FFFFFFE, 0x7FFFFFFE),
    "a sum of the largest": (0x7FFFFFFE, 1),
    "two gigabytes": (0x40000000, 0x3FFFFFFD),
    "more than was sent": (100, 100),
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS.keys())
def test_lying_lengths_leave_the_service_up(pool, lengths):
    content = b"".join(struct.pack("!I", number | 0x80000000) for number in lengths) + b"x" * 50
    data = fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, content) + fastcgi.record(fastcgi.PARAMS)
    # Two gigabytes are a while's work for a sanitizer, which marks each of their bytes.
    answer = fastcgi.parse_response(fastcgi.send_bytes(pool.address, data + fastcgi.stdin(), timeout=60))
    assert status(answer) in (None, 400)
    wait_until(pool.healthy, 60, "the service is up")


# Parameters that end too early


def cut(ending):
    """Whole pairs of a valid request, and then something else than the rest of PARAMS."""
    return fastcgi.begin() + fastcgi.params(HEALTHZ, end=False) + ending


TRUNCATED = {
    "the peer closes": b"",
    "a record of another version": fastcgi.record(fastcgi.PARAMS, b"", version=7),
    "a record of unknown type": fastcgi.record(77, b"x"),
    "ABORT_REQUEST": fastcgi.record(fastcgi.ABORT_REQUEST),
    "STDIN": fastcgi.stdin(),
    "half a header": b"\x01\x04\x00",
}


@pytest.mark.parametrize("ending", TRUNCATED.values(), ids=TRUNCATED.keys())
def test_truncated_parameters_never_become_a_request(pool, ending):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, cut(ending), half_close=True))
    assert status(fastcgi.parse_response(received)) in (None, 400)


def test_a_pair_cut_in_the_middle_is_no_request(pool):
    parameters = fastcgi.pairs(HEALTHZ)[:-3]
    data = fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, parameters) + fastcgi.record(fastcgi.PARAMS)
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data + fastcgi.stdin()))
    assert status(fastcgi.parse_response(received)) in (None, 400)


def test_empty_parameters_are_a_bad_request(pool):
    assert same_worker(pool, lambda: status(fastcgi.request(pool.address, {}))) == 400


@pytest.mark.parametrize("missing", ["REQUEST_METHOD", "REQUEST_URI"])
def test_a_request_without_method_or_uri_is_a_bad_one(pool, missing):
    assert status(fastcgi.get(pool.address, "/healthz", **{missing: None})) == 400


@pytest.mark.parametrize("name", ["HTTP_AUTHORIZATION", "CONTENT_LENGTH", "REQUEST_METHOD", "REQUEST_URI"])
def test_a_duplicated_parameter_is_refused_even_when_both_are_the_same(pool, name):
    """libfcgi reads the first one; others the last."""
    value = HEALTHZ.get(name) or "0"
    parameters = [(key, each) for key, each in HEALTHZ.items() if key != name]
    assert status(fastcgi.request(pool.address, parameters + [(name, value)])) in (200, 401)
    assert status(fastcgi.request(pool.address, parameters + [(name, value)] * 2)) == 400


def test_too_many_parameters_are_refused(pool):
    parameters = list(HEALTHZ.items()) + [(f"HTTP_X_{number}", "") for number in range(100000)]
    assert same_worker(pool, lambda: status(fastcgi.request(pool.address, parameters))) in (400, 431)


def test_too_large_parameters_are_refused(pool):
    answer = same_worker(pool, lambda: fastcgi.get(pool.address, "/healthz", HTTP_X_LARGE="x" * 200000))
    assert status(answer) in (400, 431)


# Bodies


def post(body, stdin=None, **more):
    """Bytes of a POST whose STDIN may differ from what is announced."""
    parameters = fastcgi.environ("POST", "/api/users/login", body, **{"CONTENT_TYPE": "application/json", **more})
    return fastcgi.begin() + fastcgi.params(parameters) + (fastcgi.stdin(body) if stdin is None else stdin)


BODY = b'{"email":"a","password":"b"}'


@pytest.mark.parametrize(
    "data, expected",
    [
        (post(BODY, fastcgi.stdin(BODY[:-5])), 400),
        (post(BODY, fastcgi.stdin(BODY + b" ")), 400),
        (post(BODY, fastcgi.stdin(BODY[:5], end=False) + fastcgi.record(fastcgi.ABORT_REQUEST)), None),
        (post(BODY, CONTENT_LENGTH="-5"), 400),
        (post(BODY, CONTENT_LENGTH="+28"), 400),
        (post(BODY, CONTENT_LENGTH="028"), 400),
        (post(BODY, CONTENT_LENGTH="99999999999999999999"), 400),
        (post(BODY, CONTENT_LENGTH="999999999"), 413),
        (post(b"x" * 70000), 413),
        (post(b"x" * 70000, CONTENT_LENGTH=""), 413),
        (post(b"x" * 70000, CONTENT_LENGTH=None), 413),
    ],
    ids=[
        "shorter than announced",
        "longer than announced",
        "aborted",
        "negative",
        "signed",
        "leading zero",
        "beyond 64 bits",
        "announced too large",
        "sent too large",
        "too large, unannounced",
        "too large, without a length",
    ],
)
def test_a_body_that_contradicts_its_length_is_refused(pool, data, expected):
    answer = same_worker(pool, lambda: fastcgi.parse_response(fastcgi.send_bytes(pool.address, data)))
    assert status(answer) == expected or (expected is None and status(answer) == 400)


@pytest.mark.parametrize("size", [70000, 1000000, 20000000])
@pytest.mark.parametrize("address", ["unix", "tcp"])
def test_a_refused_body_is_read_so_that_its_sender_gets_the_answer(make_pool, folder, address, size):
    """Closing with unread bytes would reset the connection: the answer would be lost on the way."""
    pool = make_pool(listen=f"127.0.0.1:{free_port()}" if address == "tcp" else None, workers=2)
    for _ in range(5):
        answer = fastcgi.parse_response(fastcgi.send_bytes(pool.address, post(b"x" * size)))
        assert status(answer) == 413


def test_the_rest_of_a_connection_is_not_taken_for_a_second_request(pool):
    """KEEP_CONN would bind the worker to one peer: the connection is closed all the same."""
    data = fastcgi.begin(flags=fastcgi.KEEP_CONN) + WHOLE[16:]
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data + data))
    kinds = [kind for kind, _ in fastcgi.records(received)]
    assert kinds.count(fastcgi.END_REQUEST) == 1


def test_a_multiplexed_second_request_is_refused_and_the_first_goes_on(pool):
    second = fastcgi.begin(request_id=2)
    data = fastcgi.begin() + second + fastcgi.params(HEALTHZ) + fastcgi.stdin()
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data))
    ends = [content for kind, content in fastcgi.records(received) if kind == fastcgi.END_REQUEST]
    assert len(ends) == 2
    assert ends[0][4] == 1, "FCGI_CANT_MPX_CONN"
    assert b"Status: 200" in received


def test_an_authorizer_without_stdin_is_answered_at_once(pool):
    data = fastcgi.begin(role=fastcgi.AUTHORIZER) + fastcgi.params(HEALTHZ)
    start = time.monotonic()
    with fastcgi.connect(pool.address) as peer:
        peer.sendall(data)
        received = b""
        while fastcgi.parse_response(received) is None:
            received += peer.recv(65536)
    assert time.monotonic() - start < TIMEOUT


# Peers that do not go on


HALF_OPEN = {
    "silent": b"",
    "BEGIN only": fastcgi.begin(),
    "half a PARAMS record": WHOLE[:60],
    "no end of PARAMS": fastcgi.begin() + fastcgi.params(HEALTHZ, end=False),
    "a body that does not come": post(BODY, b""),
    "half a body": post(BODY, fastcgi.stdin(BODY[:5], end=False)),
    "no end of the body": post(BODY, fastcgi.stdin(BODY, end=False)),
}


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_a_half_open_peer_holds_a_worker_for_the_timeout_and_no_longer(make_pool, transport):
    """As many of them as there are workers, all at once: whoever asks then is answered when the time is over."""
    listen = f"127.0.0.1:{free_port()}" if transport == "tcp" else None
    pool = make_pool(listen=listen, workers=len(HALF_OPEN))
    workers = pool.pids()
    with contextlib.ExitStack() as stack:
        start = time.monotonic()
        peers = {name: stack.enter_context(fastcgi.connect(pool.address)) for name in HALF_OPEN}
        for name, peer in peers.items():
            peer.sendall(HALF_OPEN[name])
        probe = stack.enter_context(wait_until_all_busy(pool, list(peers.values())))
        assert fastcgi.parse_response(fastcgi.read_all(probe))[0] == 200
        assert time.monotonic() - start >= TIMEOUT
        for name, peer in peers.items():
            assert status(fastcgi.parse_response(fastcgi.read_all(peer))) in (None, 400), name
            assert time.monotonic() - start < TIMEOUT + SLACK, name
    assert pool.healthy()
    assert pool.pids() == workers


def test_a_half_open_peer_does_not_hold_up_a_pool(make_pool):
    pool = make_pool({"USER_API_IO_TIMEOUT_SECONDS": "60"}, workers=3)
    with fastcgi.connect(pool.address) as first, fastcgi.connect(pool.address) as second:
        first.sendall(fastcgi.begin())
        second.sendall(WHOLE[:60])
        for _ in range(50):
            assert status(fastcgi.get(pool.address, "/healthz")) == 200


def test_a_peer_that_sends_a_byte_now_and_then_is_ended_by_the_watchdog(make_pool):
    pool = make_pool({"USER_API_IO_TIMEOUT_SECONDS": "5", "USER_API_WATCHDOG_SECONDS": "1"}, workers=1)
    before = pool.pids()
    with fastcgi.connect(pool.address, timeout=0.1) as peer:
        start = time.monotonic()
        for number in range(len(WHOLE)):
            try:
                peer.sendall(WHOLE[number : number + 1])
                peer.recv(1)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            break
        assert time.monotonic() - start < 10
    wait_until(lambda: pool.pids() and pool.pids() != before, 10, "the worker is replaced")
    assert pool.healthy()
    assert [line["worker"] for line in events(pool, "worker killed")] == before


def test_a_peer_that_does_not_read_its_answer_frees_the_worker(make_site):
    """An answer that is larger than what the kernel keeps for a peer."""
    site = make_site({"USER_API_IO_TIMEOUT_SECONDS": str(TIMEOUT)}, workers=1)
    site.sql("INSERT INTO role (code, name) SELECT 'r' || n, repeat('é', 255) FROM generate_series(1, 1000) n")
    token = site.token(site.seed.alice)
    question = fastcgi.environ("GET", "/api/roles/?limit=1000", HTTP_AUTHORIZATION=f"Bearer {token}")
    data = fastcgi.begin() + fastcgi.params(question) + fastcgi.stdin()
    with fastcgi.connect(site.pool.address) as peer:
        start = time.monotonic()
        peer.sendall(data)
        assert status(fastcgi.get(site.pool.address, "/healthz")) == 200
        assert TIMEOUT <= time.monotonic() - start < TIMEOUT + SLACK
        assert fastcgi.parse_response(fastcgi.read_all(peer)) is None, "half an answer is none"
    assert len(fastcgi.parse_response(fastcgi.send_bytes(site.pool.address, data))[2]) > 500_000


def test_peers_that_go_away_at_any_byte_leave_the_worker_well(pool):
    def leave_everywhere():
        for length in range(len(WHOLE)):
            with fastcgi.connect(pool.address) as peer:
                peer.sendall(WHOLE[:length])

    same_worker(pool, leave_everywhere)
