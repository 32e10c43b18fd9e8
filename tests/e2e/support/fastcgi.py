"""A FastCGI client that can also misbehave (FastCGI specification 1.0)."""

import socket
import struct

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
KEEP_CONN = 1
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = 0, 1, 2, 3


def record(kind, content=b"", request_id=1, version=1, padding=0):
    """One record; `content` up to 65535 bytes."""
    header = struct.pack("!BBHHBx", version, kind, request_id, len(content), padding)
    return header + content + b"\0" * padding


def begin(role=RESPONDER, flags=0, request_id=1):
    return record(BEGIN_REQUEST, struct.pack("!HB5x", role, flags), request_id)


def length(number):
    return bytes([number]) if number < 128 else struct.pack("!I", number | 0x80000000)


def pair(name, value):
    """One encoded name-value pair."""
    name = name if isinstance(name, bytes) else name.encode()
    value = value if isinstance(value, bytes) else str(value).encode()
    return length(len(name)) + length(len(value)) + name + value


def pairs(parameters):
    """Encoded pairs of a dict, or of a list of tuples if names repeat."""
    items = parameters.items() if isinstance(parameters, dict) else parameters
    return b"".join(pair(name, value) for name, value in items)


def stream(kind, content, request_id=1, end=True):
    """A stream as records of at most 32 KiB, with its empty end record."""
    parts = [content[at : at + 32768] for at in range(0, len(content), 32768)]
    return b"".join(record(kind, part, request_id) for part in parts) + (
        record(kind, b"", request_id) if end else b""
    )


def params(parameters, request_id=1, end=True):
    return stream(PARAMS, pairs(parameters), request_id, end)


def stdin(body=b"", request_id=1, end=True):
    return stream(STDIN, body, request_id, end)


def environ(method="GET", uri="/", body=b"", **more):
    """Parameters as nginx sends them with its stock fastcgi_params; None leaves one out."""
    path, _, query = uri.partition("?")
    values = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "QUERY_STRING": query,
        "SCRIPT_NAME": path,
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "CONTENT_TYPE": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_SCHEME": "http",
        **more,
    }
    return {name: value for name, value in values.items() if value is not None}


def connect(address, timeout=10.0):
    """A socket that is connected to "unix:/path" or "host:port"."""
    if address.startswith("unix:"):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        target = address[len("unix:") :].split(",")[0]
    else:
        host, _, port = address.rpartition(":")
        peer = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET, socket.SOCK_STREAM)
        target = (host.strip("[]"), int(port))
    try:
        peer.settimeout(timeout)
        peer.connect(target)
    except OSError:
        peer.close()
        raise
    return peer


def read_all(peer):
    """Reads until the other side closes or resets the connection."""
    chunks = []
    try:
        while chunk := peer.recv(65536):
            chunks.append(chunk)
    except ConnectionError:
        pass
    return b"".join(chunks)


def records(data):
    """(type, content) of each whole record in `data`."""
    found = []
    while len(data) >= 8:
        _, kind, _, size, padding = struct.unpack("!BBHHBx", data[:8])
        if len(data) < 8 + size:
            break
        found.append((kind, data[8 : 8 + size]))
        data = data[8 + size + padding :]
    return found


def send_bytes(address, data, half_close=False, timeout=10.0):
    """Sends arbitrary bytes. Returns the bytes that the other side sent until it closed."""
    with connect(address, timeout) as peer:
        try:
            peer.sendall(data)
            if half_close:
                peer.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        return read_all(peer)


def parse_response(data):
    """(status, headers, body) from the records of an answer, or None if it is not complete. Names of headers are in
    lower case. If a header repeats, its name has the first value. "*" and the name have the list of all values."""
    found = records(data)
    if END_REQUEST not in [kind for kind, _ in found]:
        return None
    output = b"".join(content for kind, content in found if kind == STDOUT)
    head, separator, body = output.partition(b"\r\n\r\n")
    if not separator:
        return None
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers.setdefault("*" + name.lower(), []).append(value.strip())
        headers.setdefault(name.lower(), value.strip())
    return int(headers.get("status", "200").split()[0]), headers, body


def request(address, parameters, body=b"", role=RESPONDER, timeout=20.0):
    """Sends one request with exactly these parameters. Returns (status, headers, body), or None without an answer."""
    data = begin(role) + params(parameters) + stdin(body)
    return parse_response(send_bytes(address, data, timeout=timeout))


def get(address, uri, timeout=20.0, **more):
    return request(address, environ("GET", uri, **more), timeout=timeout)
