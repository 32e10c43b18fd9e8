"""Web servers with the configurations of deploy/guard/, as shipped except addresses and folders."""

import contextlib
import http.client
import os
import re
import shutil

from . import nginx
from .backend import FastcgiBackend, HttpBackend, write_cgi
from .processes import REPOSITORY, Process, free_port, wait_until

PAGES = {"private": "for the connected", "admin": "for administrators", "open": "for everybody"}
SHIPPED = os.path.join(REPOSITORY, "deploy", "guard")
PAGES_SHIPPED = os.path.join(REPOSITORY, "deploy", "pages")


def readable_deploy(around):
    """A copy of deploy/ that every user may read, even if the checkout is private."""
    copy = os.path.join(around.folder, "deploy")
    if not os.path.isdir(copy):
        shutil.copytree(os.path.join(REPOSITORY, "deploy"), copy)
    return copy


class Surroundings:
    """The guarded folders and applications. The servers of one test file share them."""

    def __init__(self, folder, site, tcp):
        self.folder = folder
        self.site = site
        self.tcp = tcp
        self.root = os.path.join(folder, "site")
        for name, text in PAGES.items():
            os.makedirs(os.path.join(self.root, name))
            with open(os.path.join(self.root, name, "index.html"), "w", encoding="ascii") as page:
                page.write(text)
        self.scripts = os.path.join(folder, "cgi")
        for name in ("cgi", "cgi-admin"):
            write_cgi(os.path.join(self.scripts, name))
        self.http = HttpBackend()
        self.fastcgi = FastcgiBackend(os.path.join(folder, "app.sock"))

    def stop(self):
        self.http.stop()
        self.fastcgi.stop()


class Guarded:
    """`kind` is the folder in deploy/guard/."""

    kind = None
    refusal = 403  # of a missing role
    tells_proxied = True  # whether an application behind mod_proxy learns who the caller is

    def __init__(self, folder, around):
        self.folder = folder
        self.around = around
        self.port = free_port()
        os.makedirs(folder, exist_ok=True)
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def shipped(self, name):
        """A shipped file with our addresses and folders."""
        with open(os.path.join(SHIPPED, self.kind, name), encoding="utf-8") as file:
            text = file.read()
        for pattern, ours in self.exchanges():
            text = re.sub(pattern, ours, text)
        return text

    def exchanges(self):
        around = self.around
        return [
            (r"127\.0\.0\.1:8080", f"127.0.0.1:{self.port}"),
            (r"127\.0\.0\.1:9100", f"127.0.0.1:{around.http.port}"),
            (r"127\.0\.0\.1:9001", around.tcp),
            (r"/run/user-api/user-api\.sock", around.site.pool.address[len("unix:") :]),
            (r"/run/app/app\.sock", around.fastcgi.path),
            (r"/usr/share/user-api/www/", os.path.join(readable_deploy(around), "www") + "/"),
            (r"/usr/share/user-api/pages/", os.path.join(self.folder, "pages-")),
            (r"/srv/site", around.root),
            (r"/srv/app/", around.scripts + "/"),
        ]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def write_shipped(self):
        for name in os.listdir(os.path.join(SHIPPED, self.kind)):
            self.write(name, self.shipped(name))
        for name in os.listdir(PAGES_SHIPPED):
            self.write(f"pages-{name}", self.shipped(os.path.join(PAGES_SHIPPED, name)))

    def start(self):
        self.process.start()
        wait_until(self.answers, 20, f"{self.kind} answers")
        return self

    def answers(self):
        assert self.process.running(), f"{self.kind} has ended:\n" + self.process.log_text()
        # Any answer is enough. Apache listens first, and then reads its configuration a second time.
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", "/open/index.html")
            return connection.getresponse().status > 0

    def stop(self):
        self.process.stop()


class Nginx(Guarded):
    kind = "nginx"

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
        path = self.write("nginx.conf", nginx.main_configuration(folder))
        self.process = Process(
            [nginx.program(), "-p", folder, "-c", path, "-e", "stderr"], log_path=os.path.join(folder, "nginx.log")
        )

    def exchanges(self):
        return super().exchanges() + [(r"/etc/nginx/user-api/", self.folder + "/")]
