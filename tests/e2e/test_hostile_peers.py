"""Peers that connect to the FastCGI socket and do not behave like a web server."""

import contextlib
import struct
import time

import pytest
from support import fastcgi
from support.pool import Pool
from support.pool_peers import HALF_OPEN, LOGIN, SECRET, events, post, wait_until_held, whole
from support.processes import free_port, wait_until

TIMEOUT = 1
SETTINGS = {
    "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "USER_API_JWT_SECRET": SECRET,
    "USER_API_BCRYPT_COST": "4",
    "USER_API_IO_TIMEOUT_SECONDS": str(TIMEOUT),
}
HEALTHZ = fastcgi.environ("GET", "/healthz")
WHOLE = whole()
BEGIN_BODY = struct.pack("!HB5x", fastcgi.RESPONDER, 0)
# Seconds that scheduling may add on a busy machine.
SLACK = 8.0
# Times are kept in whole milliseconds.
TICK = 0.002


@pytest.fixture(scope="module")
def pool(new_folder):
    """A pool with one worker: a peer that blocks it blocks all requests."""
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
    """Runs the function, and asserts that the worker has survived and serves."""
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
    "version 2": fastcgi.record(fastcgi.BEGIN_REQUEST, BEGIN_BODY, version=2) + WHOLE[16:],
    "request id 0": fastcgi.begin(request_id=0) + WHOLE[16:],
    "role 0": fastcgi.begin(role=0) + WHOLE[16:],
    "role 4": fastcgi.begin(role=4) + WHOLE[16:],
    "a filter": fastcgi.begin(role=fastcgi.FILTER) + WHOLE[16:],
    "a long BEGIN": fastcgi.record(fastcgi.BEGIN_REQUEST, b"\0\1" + b"\0" * 14) + WHOLE[16:],
    "a short BEGIN": fastcgi.record(fastcgi.BEGIN_REQUEST, b"\0\1") + WHOLE[16:],
    "PARAMS without BEGIN": WHOLE[16:],
    "STDIN without BEGIN": fastcgi.stdin(b"x"),
    "a TLS hello": bytes.fromhex("16030100a5010000a10303") + b"\0" * 160,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_request_is_closed_without_an_answer_and_the_worker_lives(pool, data):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data, half_close=True))
    assert fastcgi.parse_response(received) is None


@pytest.mark.parametrize("padding", [1, 7, 8, 255])
def test_padding_is_ignored_whatever_record_has_it(pool, padding):
    data = (
        fastcgi.record(fastcgi.BEGIN_REQUEST, BEGIN_BODY, padding=padding)
        + fastcgi.record(fastcgi.PARAMS, fastcgi.pairs(HEALTHZ), padding=padding)
        + fastcgi.record(fastcgi.PARAMS, padding=padding)
        + fastcgi.record(fastcgi.STDIN, padding=padding)
    )
    assert same_worker(pool, lambda: status(fastcgi.parse_response(fastcgi.send_bytes(pool.address, data)))) == 200


# Management records: libfcgi answers GET_VALUES into 64 bytes on the stack, even if a request repeats a name often


def ask(names, **header):
    return fastcgi.record(fastcgi.GET_VALUES, fastcgi.pairs([(name, "") for name in names]), request_id=0, **header)


MAX_CONNS = ("FCGI_MAX_CONNS", "512")
ASKED = {
    "a name": (ask(["FCGI_MAX_CONNS"]), [MAX_CONNS]),
    "a name twenty times": (ask(["FCGI_MAX_CONNS"] * 20), [MAX_CONNS]),
    "a name in 1024 bytes": (ask(["FCGI_MAX_CONNS"] * 64), [MAX_CONNS]),
    "all names": (
        ask(["FCGI_MPXS_CONNS", "FCGI_MAX_REQS", "FCGI_MAX_CONNS"]),
        [MAX_CONNS, ("FCGI_MAX_REQS", "512"), ("FCGI_MPXS_CONNS", "0")],
    ),
    "unknown names": (ask(["FCGI_MAX", "FCGI_MAX_CONNS_", "PATH", ""]), []),
    "nothing": (ask([]), []),
    "with padding": (ask(["FCGI_MAX_CONNS"] * 20, padding=255), [MAX_CONNS]),
}
WHERE = {
    "before the request": lambda data: data + WHOLE,
    "after BEGIN": lambda data: WHOLE[:16] + data + WHOLE[16:],
    "before the end of PARAMS": lambda data: WHOLE[:-16] + data + WHOLE[-16:],
    "before the end of STDIN": lambda data: WHOLE[:-8] + data + WHOLE[-8:],
}


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE.keys())
def test_a_name_whose_value_looks_like_a_record_ends_the_connection(pool, where):
    asked = fastcgi.record(fastcgi.GET_VALUES, fastcgi.pair("FCGI_MAX_CONNS", WHOLE[:200]), request_id=0)
    assert same_worker(pool, lambda: fastcgi.send_bytes(pool.address, where(asked))) == b""


def sent_slowly(address, data):
    """Sends the first byte, then the second, then the rest; returns the answer."""
    with fastcgi.connect(address) as peer:
        for piece in (data[:1], data[1:2], data[2:]):
            peer.sendall(piece)
            time.sleep(0.2)
        return fastcgi.read_all(peer)


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE.keys())
@pytest.mark.parametrize("asked, told", ASKED.values(), ids=ASKED.keys())
def test_values_are_told_wherever_they_are_asked_for_and_the_request_goes_on(pool, asked, told, where):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, where(asked)))
    assert fastcgi.records(received)[0] == (fastcgi.GET_VALUES_RESULT, fastcgi.pairs(told))
    assert status(fastcgi.parse_response(received)) == 200


@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE.keys())
def test_a_first_byte_that_comes_alone_changes_nothing(pool, where):
    """Code that reads a connection's first bytes too early sees only one byte."""
    received = same_worker(pool, lambda: sent_slowly(pool.address, where(ask(["FCGI_MAX_CONNS"] * 20))))
    assert fastcgi.records(received)[0] == (fastcgi.GET_VALUES_RESULT, fastcgi.pairs([MAX_CONNS]))
    assert status(fastcgi.parse_response(received)) == 200


def test_values_asked_for_in_the_padding_of_a_record_are_not_told(pool):
    padding = ask(["FCGI_MAX_CONNS"] * 10)
    assert len(padding) < 256
    head = struct.pack("!BBHHBx", 1, fastcgi.BEGIN_REQUEST, 1, len(BEGIN_BODY), len(padding))
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, head + BEGIN_BODY + padding + WHOLE[16:]))
    assert [kind for kind, _ in fastcgi.records(received)][0] == fastcgi.STDOUT
    assert status(fastcgi.parse_response(received)) == 200


@pytest.mark.parametrize("kind", [fastcgi.GET_VALUES_RESULT, fastcgi.UNKNOWN_TYPE, 12, 77, 255])
def test_a_management_record_of_unknown_type_is_named_and_the_request_goes_on(pool, kind):
    data = WHOLE[:16] + fastcgi.record(kind, b"x" * 100, request_id=0) + WHOLE[16:]
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data))
    assert fastcgi.records(received)[0] == (fastcgi.UNKNOWN_TYPE, struct.pack("B7x", kind))
    assert status(fastcgi.parse_response(received)) == 200


def test_whoever_asks_without_end_is_answered_a_few_times_and_gets_no_more(pool):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, ask(["FCGI_MAX_CONNS"]) * 1000 + WHOLE))
    assert [kind for kind, _ in fastcgi.records(received)] == [fastcgi.GET_VALUES_RESULT] * 8


TOO_MUCH = {
    "a large record": fastcgi.record(fastcgi.GET_VALUES, b"\0" * 65535, request_id=0),
    "a name that does not end": fastcgi.record(fastcgi.GET_VALUES, b"\xff\xff\xff\xff\0x", request_id=0),
    "a large unknown one": fastcgi.record(77, b"\0" * 65535, request_id=0),
}


@pytest.mark.parametrize("data", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_management_record_beyond_measure_ends_the_connection(pool, data):
    assert same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data + WHOLE)) == b""


# Lengths of a name and of its value


LENGTHS = {
    "CVE-2025-23016": (0x7FFFFFFF, 0x7FFFFFFF),
    "a sum that wraps": (0x7FFFFFFE, 0x7FFFFFFE),
    "a sum of the largest": (0x7FFFFFFE, 1),
    "two gigabytes": (0x40000000, 0x3FFFFFFD),
    "a long value": (1, 0x7FFFFFFF),
    "a little too much": (96 * 1024, 0),
}


def with_lengths(lengths):
    content = b"".join(struct.pack("!I", number | 0x80000000) for number in lengths) + b"x" * 50
    return fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, content) + fastcgi.record(fastcgi.PARAMS) + fastcgi.stdin()


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS.keys())
def test_lengths_beyond_measure_are_refused_before_anything_of_that_length_comes(pool, lengths):
    received = same_worker(pool, lambda: fastcgi.send_bytes(pool.address, with_lengths(lengths)))
    assert status(fastcgi.parse_response(received)) == 431


def test_a_pair_that_is_longer_than_what_was_sent_is_no_request(pool):
    assert same_worker(pool, lambda: fastcgi.send_bytes(pool.address, with_lengths((100, 100)))) == b""


# Parameters that end too early


def cut(ending):
    """The complete pairs of a valid request, followed by `ending` instead of the end of PARAMS."""
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
    assert fastcgi.parse_response(received) is None


def test_a_pair_cut_in_the_middle_is_no_request(pool):
    parameters = fastcgi.pairs(HEALTHZ)[:-3]
    data = fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, parameters) + fastcgi.record(fastcgi.PARAMS)
    assert same_worker(pool, lambda: fastcgi.send_bytes(pool.address, data + fastcgi.stdin())) == b""


def test_empty_parameters_are_a_bad_request(pool):
    assert same_worker(pool, lambda: status(fastcgi.request(pool.address, {}))) == 400


@pytest.mark.parametrize("missing", ["REQUEST_METHOD", "REQUEST_URI"])
def test_a_request_without_method_or_uri_is_a_bad_one(pool, missing):
    assert status(fastcgi.get(pool.address, "/healthz", **{missing: None})) == 400


@pytest.mark.parametrize("name", ["HTTP_AUTHORIZATION", "CONTENT_LENGTH", "REQUEST_METHOD", "REQUEST_URI"])
def test_a_duplicated_parameter_is_refused_even_when_both_are_the_same(pool, name):
    """libfcgi uses the first one, other programs use the last."""
    value = HEALTHZ.get(name) or "0"
    parameters = [(key, each) for key, each in HEALTHZ.items() if key != name]
    assert status(fastcgi.request(pool.address, parameters + [(name, value)])) in (200, 401)
    assert status(fastcgi.request(pool.address, parameters + [(name, value)] * 2)) == 400


def test_too_many_parameters_are_refused(pool):
    parameters = list(HEALTHZ.items()) + [(f"HTTP_X_{number}", "") for number in range(100000)]
    assert same_worker(pool, lambda: status(fastcgi.request(pool.address, parameters))) == 431


def test_too_large_parameters_are_refused(pool):
    answer = same_worker(pool, lambda: fastcgi.get(pool.address, "/healthz", HTTP_X_LARGE="x" * 200000))
    assert status(answer) == 431


# Bodies


@pytest.mark.parametrize(
    "data, expected",
    [
        (post(LOGIN, fastcgi.stdin(LOGIN[:-5])), 400),
        (post(LOGIN, fastcgi.stdin(LOGIN + b" ")), 400),
        (post(LOGIN, fastcgi.stdin(LOGIN[:5], end=False) + fastcgi.record(fastcgi.ABORT_REQUEST)), None),
        (post(LOGIN, CONTENT_LENGTH="-5"), 400),
        (post(LOGIN, CONTENT_LENGTH="+28"), 400),
        (post(LOGIN, CONTENT_LENGTH="028"), 400),
        (post(LOGIN, CONTENT_LENGTH="99999999999999999999"), 400),
        (post(LOGIN, CONTENT_LENGTH="999999999"), 413),
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
    assert status(answer) == expected


@pytest.mark.parametrize("size", [70000, 1000000, 20000000])
@pytest.mark.parametrize("address", ["unix", "tcp"])
def test_a_refused_body_is_read_so_that_its_sender_gets_the_answer(make_pool, folder, address, size):
    """Closing with unread bytes would reset the connection: the answer would be lost on the way."""
    pool = make_pool(listen=f"127.0.0.1:{free_port()}" if address == "tcp" else None, workers=2)
    for _ in range(5):
        answer = fastcgi.parse_response(fastcgi.send_bytes(pool.address, post(b"x" * size)))
        assert status(answer) == 413


def test_the_rest_of_a_connection_is_not_taken_for_a_second_request(pool):
    """KEEP_CONN would bind the worker to one peer, so the connection is closed anyway."""
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


# Peers that stop sending or reading


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_half_open_peers_hold_nobody_up_and_are_dropped_after_the_timeout(make_pool, transport):
    listen = f"127.0.0.1:{free_port()}" if transport == "tcp" else None
    pool = make_pool({"USER_API_BEGIN_TIMEOUT_SECONDS": str(TIMEOUT)}, listen=listen, workers=1)
    with contextlib.ExitStack() as stack:
        start = time.monotonic()
        peers = {name: stack.enter_context(fastcgi.connect(pool.address)) for name in HALF_OPEN}
        for name, peer in peers.items():
            peer.sendall(HALF_OPEN[name])
        wait_until_held(pool, len(peers))
        assert status(fastcgi.get(pool.address, "/healthz")) == 200
        assert same_worker(pool, lambda: [fastcgi.read_all(peer) for peer in peers.values()]) == [b""] * len(peers)
        assert TIMEOUT - TICK <= time.monotonic() - start < TIMEOUT + SLACK
    wait_until_held(pool, 0)


def test_a_peer_that_sends_a_byte_now_and_then_is_dropped_when_the_transfer_has_taken_too_long(make_pool):
    pool = make_pool({"USER_API_TRANSFER_TIMEOUT_SECONDS": "2"}, workers=1)
    workers = pool.pids()
    start = time.monotonic()
    with fastcgi.connect(pool.address, timeout=0.1) as peer:
        peer.sendall(WHOLE[:20])
        at, received = 20, None
        while received is None:
            assert status(fastcgi.get(pool.address, "/healthz")) == 200
            try:
                peer.sendall(WHOLE[at : at + 1])
                at += 1
                received = peer.recv(1)
            except TimeoutError:
                continue
            except ConnectionError:
                received = b""
        assert received == b""
        assert 2 - TICK <= time.monotonic() - start < 2 + SLACK
    assert at < len(WHOLE)
    assert pool.pids() == workers


def test_a_peer_that_does_not_read_its_answer_holds_nobody_up_and_is_dropped(make_site):
    """The answer is larger than the kernel's buffer for a peer."""
    site = make_site({"USER_API_IO_TIMEOUT_SECONDS": str(TIMEOUT), "USER_API_LOG_LEVEL": "debug"}, workers=1)
    site.sql("INSERT INTO role (code, name) SELECT 'r' || n, repeat('é', 255) FROM generate_series(1, 1000) n")
    token = site.token(site.seed.alice)
    data = whole("/api/roles/?limit=1000", HTTP_AUTHORIZATION=f"Bearer {token}")
    with fastcgi.connect(site.pool.address) as peer:
        peer.sendall(data)
        start = time.monotonic()
        assert status(fastcgi.get(site.pool.address, "/healthz")) == 200
        dropped = lambda: [line.get("reason") for line in events(site.pool, "connection dropped")]  # noqa: E731
        wait_until(dropped, 20, "it is dropped")
        assert dropped() == ["the peer has taken too long"]
        assert TIMEOUT - TICK <= time.monotonic() - start < TIMEOUT + SLACK
        assert fastcgi.parse_response(fastcgi.read_all(peer)) is None, "half an answer is none"
    assert len(fastcgi.parse_response(fastcgi.send_bytes(site.pool.address, data))[2]) > 500_000


def test_peers_that_go_away_at_any_byte_leave_the_worker_well(pool):
    def leave_everywhere():
        for length in range(len(WHOLE)):
            with fastcgi.connect(pool.address) as peer:
                peer.sendall(WHOLE[:length])

    same_worker(pool, leave_everywhere)
