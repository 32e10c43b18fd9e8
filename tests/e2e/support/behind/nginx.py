"""nginx as in the rest of the suite, with reloads and TLS."""

import re
import signal

from ..nginx import Nginx
from .front import Front


class NginxFront(Nginx):
    starts_children = False

    def __init__(self, folder, pool, tls=False):
        super().__init__(folder, pool.address)
        self.serve_pages()
        self.pool = pool
        self.tls = tls
        if tls:
            Front.make_certificate(self)
            with open(self.path("site.conf"), encoding="utf-8") as file:
                self.write("site.conf", self.with_tls(file.read()))

    path = Front.path
    shipped = Front.shipped
    copy_pages = Front.copy_pages

    def serve_pages(self):
        theirs = "/usr/share/user-api/pages/nginx.[c]onf"
        with open(self.path("site.conf"), encoding="utf-8") as file:
            text = file.read()
        assert text.count(theirs) == 1
        self.write("site.conf", text.replace(theirs, self.copy_pages("nginx.conf")))

    def with_tls(self, text):
        text = re.sub(r"(?m)^\s*listen [^;]+;\n", "", text)
        for theirs, ours in (
            ("# listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("# ssl_certificate     /etc/ssl/certs/user-api.pem;", f"ssl_certificate {self.path('cert.pem')};"),
            ("# ssl_certificate_key /etc/ssl/private/user-api.key;", f"ssl_certificate_key {self.path('key.pem')};"),
        ):
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
        return text

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def log_text(self):
        return self.process.log_text()
