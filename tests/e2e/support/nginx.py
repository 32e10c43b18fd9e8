"""nginx as an ordinary process in the foreground, with the configuration that the project ships. Like other web servers
of the tests, it compresses what it may, but must not change the API's answers."""

import os
import re
import shutil
import socket

from .processes import REPOSITORY, Process, free_port, wait_until

SHIPPED = os.path.join(REPOSITORY, "deploy", "nginx", "user-api.conf")

MAIN = """
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    gzip on;
    gzip_proxied any;
    gzip_min_length 1;
    gzip_types application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def program():
    return shutil.which("nginx") or "/usr/sbin/nginx"


def main_configuration(folder, workers=1, connections=1024):
    user = "user root;" if os.geteuid() == 0 else ""
    return MAIN.format(user=user, workers=workers, connections=connections, folder=folder)


def site_configuration(upstream, port):
    """The shipped configuration with `upstream` ("unix:/path" or "host:port") as the pool, and listening on `port`."""
    with open(SHIPPED, encoding="utf-8") as shipped:
        text = shipped.read()
    text, upstreams = re.subn(r"(?m)^(\s*server\s+)[\w./:-]+(?=[^;{]*;)", rf"\g<1>{upstream}", text)
    assert upstreams == 1, "exactly one line names the pool"
    text, listens = re.subn(r"(?m)^(\s*)listen\s+[^;]+;", rf"\g<1>listen 127.0.0.1:{port};", text)
    assert listens == 1, "exactly one line says where to listen"
    return text


class Nginx:
    def __init__(self, folder, upstream, workers=1, connections=1024):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.port = free_port()
        self.write("site.conf", site_configuration(upstream, self.port))
        self.write("nginx.conf", main_configuration(self.folder, workers, connections))
        self.process = Process(
            [program(), "-p", self.folder, "-c", f"{self.folder}/nginx.conf", "-e", "stderr"],
            log_path=os.path.join(self.folder, "nginx.log"),
        )

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process.start()
        wait_until(self.accepts, 15, "nginx accepts connections")
        return self

    def accepts(self):
        assert self.process.running(), "nginx has ended:\n" + self.process.log_text()
        socket.create_connection(("127.0.0.1", self.port), 5).close()
        return True

    def stop(self):
        return self.process.stop()
