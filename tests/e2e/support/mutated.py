"""Requests with errors, created from a seed and a number, and checks of the pool's answers to them."""

import itertools
import json
import random
import re
import socket
import struct

from . import fastcgi
from .pool_peers import HALF_OPEN

INTERESTING = (0, 1, 2, 7, 8, 9, 127, 128, 254, 255)
TYPES = (*range(1, 13), 77, 128, 255)
PIECES = 4
VALUES = {"FCGI_MAX_CONNS": "512", "FCGI_MAX_REQS": "512", "FCGI_MPXS_CONNS": "0"}


def corpus(marker):
    """Requests as lists of records. `marker` is in each part that a pool could confuse with that of another request."""
    named = {"HTTP_X_REQUEST_ID": marker, "HTTP_X_MARKER": marker, "HTTP_COOKIE": f"a={marker}"}
    body = b'{"email":"%s","password":"%s"}' % (marker.encode(), marker.encode())

    def request(method, uri, body=b"", role=fastcgi.RESPONDER, flags=0, number=1, **more):
        parameters = fastcgi.environ(method, uri, body, CONTENT_TYPE="application/json", **{**named, **more})
        return [
            fastcgi.begin(role, flags, number),
            fastcgi.record(fastcgi.PARAMS, fastcgi.pairs(parameters), number),
            fastcgi.record(fastcgi.PARAMS, b"", number),
            *(fastcgi.record(fastcgi.STDIN, body[at : at + 40000], number) for at in range(0, len(body) + 1, 40000)),
            *([fastcgi.record(fastcgi.STDIN, b"", number)] if body else []),
        ]

    return [
        request("GET", "/healthz"),
        request("GET", f"/api/users/token?x={marker}"),
        request("DELETE", f"/{marker}"),
        request("GET", "/api/users/token", HTTP_AUTHORIZATION=f"Bearer {marker}.{marker}.{marker}"),
        request("POST", "/api/users/token", body),
        request("POST", "/api/users/login", body),
        request("POST", "/api/users/login", b'{"%s":"%s"}' % (marker.encode(), marker.encode())),
        request("POST", "/api/users/login", b"x" * 3000),
        request("POST", "/api/users/login", b"x" * 65000, CONTENT_LENGTH=None),
        request("POST", "/api/users/login", b"x" * 70000, CONTENT_LENGTH=None),
        request("GET", f"/{marker}", role=fastcgi.AUTHORIZER, flags=fastcgi.KEEP_CONN, number=65535),
        request("HEAD", "/healthz", HTTP_X_LARGE=marker * 3000),
        request("GET", "/healthz", **{f"HTTP_X_{number}": marker for number in range(200)}),
    ]


def spare_records(choose):
    """Records that may be anywhere in a request."""
    names = fastcgi.pairs([(name, "") for name in VALUES] * choose.randint(0, 7))
    return choose.choice(
        [
            fastcgi.record(fastcgi.GET_VALUES, names, 0, padding=choose.choice(INTERESTING)),
            fastcgi.record(choose.choice(TYPES), b"x" * choose.randint(0, 40), choose.choice((0, 1, 2))),
            fastcgi.begin(choose.randint(0, 4), 1, choose.choice((0, 1, 2))),
            fastcgi.record(fastcgi.ABORT_REQUEST, b"", choose.choice((0, 1, 2))),
            choose.choice([*HALF_OPEN.values()]),
        ]
    )


# Errors in records: functions from lists to lists


def drop(choose, records):
    del records[choose.randrange(len(records))]


def repeat(choose, records):
    at = choose.randrange(len(records))
    records[at:at] = [records[at]] * choose.randint(1, 20)


def reorder(choose, records):
    one, other = choose.randrange(len(records)), choose.randrange(len(records))
    records[one], records[other] = records[other], records[one]


def add(choose, records):
    records.insert(choose.randint(0, len(records)), spare_records(choose))


def pad(choose, records):
    at = choose.randrange(len(records))
    padding = choose.randint(1, 255)
    records[at] = records[at][:6] + bytes([padding]) + records[at][7:] + choose.randbytes(padding)


def lie(choose, records):
    """Changes the version, type, id, length or padding in a header."""
    at, field = choose.randrange(len(records)), choose.randrange(8)
    records[at] = records[at][:field] + bytes([choose.choice(INTERESTING)]) + records[at][field + 1 :]


def split(choose, records):
    """Splits a stream into other records, which is no error."""
    at = choose.randrange(len(records))
    _, kind, number, length, _ = struct.unpack("!BBHHBx", records[at][:8].ljust(8, b"\0"))
    content = records[at][8:]
    if kind in (fastcgi.PARAMS, fastcgi.STDIN) and length == len(content) > 1:
        middle = choose.randint(1, length - 1)
        records[at : at + 1] = [fastcgi.record(kind, part, number) for part in (content[:middle], content[middle:])]


def lengthen(choose, records):
    """Writes wrong lengths of names and values."""
    number = choose.choice((0x7FFFFFFF, 0x7FFFFFFE, 0x40000000, 98304, 65536, 1024, 0))
    content = struct.pack("!II", number | 1 << 31, choose.choice((number, 1, 0x7FFFFFFF)) | 1 << 31)
    content += b"x" * choose.randint(0, 90)
    records.insert(choose.randint(0, len(records)), fastcgi.record(fastcgi.PARAMS, content))


# Errors in bytes


def flip(choose, data):
    for _ in range(choose.randint(1, 8)):
        data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)


def overwrite(choose, data):
    at = choose.randrange(len(data))
    data[at : at + choose.randint(1, 4)] = bytes(choose.choices(INTERESTING, k=choose.randint(1, 4)))


def insert(choose, data):
    at = choose.randint(0, len(data))
    data[at:at] = choose.randbytes(choose.choice((1, 2, 8, 100)))


def remove(choose, data):
    at = choose.randrange(len(data))
    del data[at : at + choose.choice((1, 2, 8, 100))]


def duplicate(choose, data):
    at = choose.randrange(len(data))
    data[at:at] = data[at : at + choose.choice((1, 8, 16, 1000))]


def truncate(choose, data):
    del data[choose.randrange(len(data)) :]


OF_RECORDS = (drop, repeat, reorder, add, add, pad, lie, lie, split, lengthen)
OF_BYTES = (flip, flip, overwrite, insert, remove, duplicate, truncate)


class Case:
    """Case `number` of `seed`: the bytes to send, their pieces, and the end of the connection."""

    def __init__(self, seed, number):
        choose = random.Random(f"{seed} {number}")
        self.name = f"seed {seed}, case {number}"
        records = choose.choice(corpus(f"m{seed}x{number}m"))
        for _ in range(choose.choice((0, 1, 1, 2, 3))):
            if records:
                choose.choice(OF_RECORDS)(choose, records)
        data = bytearray(b"".join(records))
        for _ in range(choose.choice((0, 0, 0, 1, 2))):
            if data:
                choose.choice(OF_BYTES)(choose, data)
        cuts = sorted(choose.randint(0, len(data)) for _ in range(choose.randint(0, PIECES)))
        self.sent = bytes(data)
        self.pieces = [self.sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
        self.leaves = choose.random() < 0.1
        self.peer = None

    def begin(self, address):
        """Sends half of the pieces."""
        self.peer = fastcgi.connect(address, timeout=60)
        half = len(self.pieces) // 2
        self.send(self.pieces[:half])
        self.pieces = self.pieces[half:]

    def send(self, pieces):
        try:
            for piece in pieces:
                self.peer.sendall(piece)
        except ConnectionError:
            pass

    def finish(self):
        """Sends the rest. Returns the answer, or None if the case does not wait for one."""
        with self.peer:
            self.send(self.pieces)
            if self.leaves:
                return None
            try:
                self.peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it is closed already
            return fastcgi.read_all(self.peer)


# Allowed answers

RESULTS = {
    fastcgi.pairs(chosen) for count in range(4) for chosen in itertools.combinations(VALUES.items(), count)
}
ERROR = b'{"error_code":"%s","message":"%s"}\n'
BODIES = {
    b"": {200, 400, 401, 404, 405, 431},  # of HEAD
    b'{"status":"ok"}\n': {200},
    ERROR % (b"BAD_REQUEST", b"Bad request."): {400},
    ERROR % (b"UNAUTHORIZED", b"No credentials supplied."): {401},
    ERROR % (b"UNAUTHORIZED", b"Invalid token."): {401},
    ERROR % (b"NOT_FOUND", b"Not found."): {404},
    ERROR % (b"METHOD_NOT_ALLOWED", b"Method not allowed."): {405},
    ERROR % (b"PAYLOAD_TOO_LARGE", b"The payload is too large."): {413},
    ERROR % (b"WRONG_PAYLOAD_FORMAT", b"The payload format is unknown."): {422},
    ERROR % (b"WRONG_PAYLOAD", b"Wrong payload."): {422},
    ERROR % (b"HEADERS_TOO_LARGE", b"The request's headers are too large."): {431},
    ERROR % (b"SERVICE_UNAVAILABLE", b"The service is unavailable."): {503},
}
WRONG_DOCUMENT = {
    "error_code": "WRONG_DOCUMENT_FORMAT",
    "message": "The submitted document doesn't have the right format.",
}
WRONG_FIELD = {"required field", "unknown field", "null value not allowed", "must be of string type"}
HEADERS = {
    b"Content-Type": {b"application/json"},
    b"Cache-Control": {b"no-store"},
    b"X-Content-Type-Options": {b"nosniff"},
    b"WWW-Authenticate": {b"Bearer", b'Bearer error="invalid_token"'},
}
OWN_ID = re.compile(rb"[0-9a-f]{32}")


def strict_records(data):
    """(type, id, content) of each record. An incomplete record, or one in another form than ours, is an error."""
    while data:
        version, kind, number, length, padding, reserved = struct.unpack("!BBHHBB", data[:8])
        assert (version, padding, reserved) == (1, 0, 0)
        assert len(data) >= 8 + length, "cut off"
        yield kind, number, data[8 : 8 + length]
        data = data[8 + length :]


def is_wrong_document(fields, sent):
    """Whether the answer is an error that names only fields of the request."""
    payload = fields.pop("payload", {})
    named = all(name.encode() in sent or name in ("email", "password") for name in payload)
    return fields == WRONG_DOCUMENT and named and all(set(said) <= WRONG_FIELD for said in payload.values())


def is_redirect(fields, sent):
    """Whether it is the answer to a collection's path without its last slash."""
    path, _, query = fields.pop("location", "").partition("?")
    return not fields and path in ("/api/users/", "/api/roles/") and query.encode() in sent


def is_answer(status, body, sent):
    if body in BODIES:
        return status in BODIES[body]
    if status == 308:
        return is_redirect(json.loads(body), sent)
    return status == 422 and is_wrong_document(json.loads(body), sent)


def check_output(output, sent):
    """Checks that the CGI response is one of ours."""
    head, separator, body = output.partition(b"\r\n\r\n")
    assert separator
    status, *lines = head.split(b"\r\n")
    assert status.startswith(b"Status: ")
    assert is_answer(int(status.split()[1]), body, sent), output
    for line in lines:
        name, _, value = line.partition(b": ")
        if name == b"X-Request-Id":
            assert OWN_ID.fullmatch(value) or value in sent
        elif name == b"Content-Length":
            assert int(value) == len(body) or not body
        elif name == b"Retry-After":
            assert value.isdigit()
        elif name == b"Location":
            assert body == b'{"location":"%s"}\n' % value
        elif name == b"Allow":
            assert re.fullmatch(rb"[A-Z]+(, [A-Z]+)*", value)
        else:
            assert value in HEADERS[name], line


def check_record(kind, number, content):
    """Checks a record that is no part of an answer."""
    if kind == fastcgi.END_REQUEST:
        assert number and content[:4] + content[5:] == b"\0" * 7 and content[4] <= fastcgi.UNKNOWN_ROLE
    elif kind == fastcgi.GET_VALUES_RESULT:
        assert number == 0 and content in RESULTS
    else:
        assert (kind, number, content[1:]) == (fastcgi.UNKNOWN_TYPE, 0, b"\0" * 7)


def check(case, received):
    """Checks that every byte of the output comes from a known answer or from the request itself."""
    output, ended, over = b"", False, False
    for kind, number, content in strict_records(received):
        assert not over, "something after the end"
        if kind == fastcgi.STDOUT:
            assert number and not ended, "two answers"
            output += content
            ended = not content
        else:
            check_record(kind, number, content)
            over = ended
    if output:
        assert over, "an answer without an end"
        check_output(output, case.sent)
