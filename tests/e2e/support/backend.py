"""Applications that guards protect: over HTTP, FastCGI and CGI, each answers with what it received, as JSON."""

import http.server
import json
import os
import shutil
import socket
import stat
import struct
import sys
import threading

from . import fastcgi

CGI_SCRIPT = """#!/usr/bin/python3
import json, os, sys
length = int(os.environ.get("CONTENT_LENGTH") or 0)
body = sys.stdin.buffer.read(length).decode("latin-1")
environment = {key: value.encode("utf-8", "surrogateescape").decode("latin-1") for key, value in os.environ.items()}
document = json.dumps({"environment": environment, "body": body})
sys.stdout.write("Content-Type: application/json\\r\\n\\r\\n" + document)
"""


FASTCGI_PROGRAM = """#!/usr/bin/python3
import socket, sys
sys.dont_write_bytecode = True
sys.path.insert(0, {modules!r})
from support.backend import FastcgiBackend
FastcgiBackend.serve(socket.socket(fileno=0))
"""


def environment_of(headers):
    """Headers with the names of CGI, WSGI and PHP: names that differ only in case, "-" and "_" are the same."""
    return [("HTTP_" + name.upper().replace("-", "_"), value) for name, value in headers]


class Handler(http.server.BaseHTTPRequestHandler):
    """Refuses paths that end in /refused; below /page/ it answers them with its own page."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.server.seen.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        document = json.dumps({"headers": self.headers.items(), "body": body}).encode()
        self.send_response(403 if self.path.endswith("/refused") else 200)
        page = self.path.endswith("/page/refused")
        self.send_header("Content-Type", "text/html; charset=iso-8859-1" if page else "application/json")
        self.send_header("X-Request-Id", "its own")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(document)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class HttpServer(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A proxy may reset a connection that it no longer needs: that is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class HttpBackend:
    def __init__(self):
        self.server = HttpServer(("127.0.0.1", 0), Handler)
        self.server.seen = []
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def seen(self):
        """The requested paths."""
        return self.server.seen

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def read_exactly(peer, size):
    data = b""
    while len(data) < size:
        chunk = peer.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data


def read_number(data, at):
    if data[at] < 128:
        return data[at], at + 1
    return struct.unpack_from("!I", data, at)[0] & 0x7FFFFFFF, at + 4


def decode_pairs(data):
    found, at = [], 0
    while at < len(data):
        name, at = read_number(data, at)
        value, at = read_number(data, at)
        found.append((data[at : at + name].decode("latin-1"), data[at + name : at + name + value].decode("latin-1")))
        at += name + value
    return found


class FastcgiBackend:
    """Serves one request for each connection, as nginx expects, on a unix socket or on its own port."""

    def __init__(self, path=None):
        self.path = path
        if path is None:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        else:
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(path)
            self.address = f"unix:{path}"
            os.chmod(path, 0o666)
            self.listener.listen(64)
        self.thread = threading.Thread(target=self.serve, args=(self.listener,), daemon=True)
        self.thread.start()

    @staticmethod
    def serve(listener):
        """Serves until the listener is closed."""
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                try:
                    FastcgiBackend.answer(peer)
                except (OSError, EOFError):
                    pass

    @staticmethod
    def answer(peer):
        streams = {fastcgi.PARAMS: b"", fastcgi.STDIN: b""}
        kind, size = None, None
        while (kind, size) != (fastcgi.STDIN, 0):
            _, kind, _, size, padding = struct.unpack("!BBHHBx", read_exactly(peer, 8))
            content = read_exactly(peer, size + padding)[:size]
            if kind in streams:
                streams[kind] += content
        parameters = decode_pairs(streams[fastcgi.PARAMS])
        document = {"parameters": parameters, "body": streams[fastcgi.STDIN].decode("latin-1")}
        output = b"Content-Type: application/json\r\n\r\n" + json.dumps(document).encode()
        peer.sendall(
            fastcgi.stream(fastcgi.STDOUT, output) + fastcgi.record(fastcgi.END_REQUEST, struct.pack("!IB3x", 0, 0))
        )

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def write_program(path):
    """Writes an executable that serves like FastcgiBackend, on the socket that it inherits. It imports copies that every
    user may read."""
    modules = path + ".modules"
    os.makedirs(os.path.join(modules, "support"))
    for name in ("__init__", "backend", "fastcgi"):
        source = os.path.join(os.path.dirname(__file__), name + ".py")
        shutil.copy(source, os.path.join(modules, "support"))
    with open(path, "w", encoding="utf-8") as script:
        script.write(FASTCGI_PROGRAM.format(modules=modules))
    os.chmod(path, 0o755)


def write_cgi(folder):
    """Writes an executable script that web servers may run."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "show")
    with open(path, "w", encoding="ascii") as script:
        script.write(CGI_SCRIPT)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def received(answer):
    """What an application saw of a request: ((CGI name, value), …, body)."""
    document = answer.json()
    if "headers" in document:
        return environment_of(document["headers"]), document["body"]
    if "parameters" in document:
        return document["parameters"], document["body"]
    return list(document["environment"].items()), document["body"]
