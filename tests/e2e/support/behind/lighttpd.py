"""lighttpd with a pool, and with children of its own."""

import signal

from ..processes import Process
from .front import Front

TLS = (
    ('# server.modules += ("mod_openssl")', 'server.modules += ("mod_openssl")'),
    ("# ssl.engine", "ssl.engine"),
    ("# ssl.pemfile", "ssl.pemfile"),
    ("# ssl.privkey", "ssl.privkey"),
)


class Lighttpd(Front):
    name = None
    reload_signal = signal.SIGUSR1

    def __init__(self, folder, pool, tls=False):
        super().__init__(folder, pool, tls)
        errors = self.copy_errors()
        exchanges = [("/usr/share/user-api/errors/", errors + "/")]
        if tls:
            exchanges += [
                *TLS,
                ("/etc/ssl/certs/user-api.pem", self.path("cert.pem")),
                ("/etc/ssl/private/user-api.key", self.path("key.pem")),
            ]
        self.write("common.conf", self.shipped("lighttpd", "common.conf", exchanges=exchanges))
        exchanges = [("server.port = 5001", f"server.port = {self.port}"), ("/usr/share/user-api/errors", errors)]
        main = self.write("site.conf", self.shipped("lighttpd", self.name, exchanges=exchanges + self.exchanges()))
        self.process = Process(["/usr/sbin/lighttpd", "-D", "-f", main], log_path=self.path("lighttpd.log"))


class LighttpdPool(Lighttpd):
    name = "pool.conf"

    def exchanges(self):
        return [("/run/user-api/user-api.sock", self.pool.address[len("unix:") :])]


class LighttpdBinPath(Lighttpd):
    name = "bin-path.conf"
    starts_children = True

    def exchanges(self):
        program, settings = self.copy_program()
        return [
            ("/usr/bin/user-api", program),
            ("/etc/user-api/user-api.conf", settings),
            ("/run/user-api/lighttpd.sock", self.path("child.sock")),
        ]
