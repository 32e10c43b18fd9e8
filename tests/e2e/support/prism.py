"""A proxy that validates against the OpenAPI document: Prism, then Recorder, then the site's web server."""

import http.client
import http.server
import json
import os
import threading

from . import npm
from .processes import Process, free_port, wait_until

# Headers of one connection, which are not forwarded.
HOP = {"connection", "keep-alive", "transfer-encoding", "host"}
# Prism's own answers, and the header in which it reports violations that it lets pass.
PROBLEM, VIOLATIONS = "application/problem+json", "sl-violations"


class Recorder:
    """Forwards each request to a port, stores the answer in `answers`, and returns the result of `alter` for it. An answer
    is (status, headers, body)."""

    def __init__(self, port):
        self.answers = []
        self.alter = lambda *answer: answer
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet: a second one would wait for the acknowledgement of the first

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kept = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request(self.command, self.path, body or None, kept)
                answer = connection.getresponse()
                recorder.answers.append((answer.status, answer.headers, answer.read()))
                connection.close()
                status, headers, content = recorder.alter(*recorder.answers[-1])
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self):
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Prism:
    """Prism with --errors: it refuses a request or an answer that the site's own document does not describe."""

    def __init__(self, folder, site):
        self.site = site
        self.recorder = Recorder(site.nginx.port)
        self.port = free_port()
        document = os.path.join(folder, "openapi.json")
        with open(document, "wb") as file:
            file.write(site.client.get("/api/openapi.json").content)
        options = ["--errors", "--cors", "false", "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = Process(
            [*npm.program("prism"), "proxy", document, self.recorder.url, *options],
            env=npm.environment(folder),
            log_path=os.path.join(folder, "prism.log"),
        )

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.recorder.start()
        self.process.start()
        wait_until(self.listens, 60, "prism listens")
        return self

    def listens(self):
        assert self.process.running(), self.process.log_text()
        return f"Prism is listening on {self.url}" in self.process.log_text()

    def stop(self):
        self.process.stop()
        self.recorder.stop()


def problem_of(answer):
    """The error that Prism found, or None if it forwarded the site's answer."""
    if answer.headers.get("Content-Type", "").partition(";")[0] != PROBLEM:
        return None
    return json.loads(answer.content)
