"""lighttpd with a pool, and lighttpd that starts user-api."""

import signal

from ..lighttpd import compression
from ..processes import Process, children_of, name_of, wait_until
from .front import Front

TLS = (
    ('# server.modules += ("mod_openssl")', 'server.modules += ("mod_openssl")'),
    ("# ssl.engine", "ssl.engine"),
    ("# ssl.pemfile", "ssl.pemfile"),
    ("# ssl.privkey", "ssl.privkey"),
)


MAX_PROCS = 4  # max-procs of bin-path.conf


class Lighttpd(Front):
    name = None
    reload_signal = signal.SIGUSR1

    def __init__(self, folder, pool, tls=False):
        super().__init__(folder, pool, tls)
        errors = self.copy_errors()
        exchanges = [
            ("/usr/share/user-api/errors/", errors + "/"),
            ("/usr/share/user-api/pages/lighttpd.conf", self.copy_pages("lighttpd.conf")),
        ]
        if tls:
            exchanges += [
                *TLS,
                ("/etc/ssl/certs/user-api.pem", self.path("cert.pem")),
                ("/etc/ssl/private/user-api.key", self.path("key.pem")),
            ]
        self.write("common.conf", self.shipped("lighttpd", "common.conf", exchanges=exchanges))
        exchanges = [("server.port = 5001", f"server.port = {self.port}"), ("/usr/share/user-api/errors", errors)]
        site = self.shipped("lighttpd", self.name, exchanges=exchanges + self.exchanges())
        main = self.write("site.conf", site + compression())
        self.process = Process(["/usr/sbin/lighttpd", "-D", "-f", main], log_path=self.path("lighttpd.log"))


class LighttpdPool(Lighttpd):
    name = "pool.conf"

    def exchanges(self):
        return [("/run/user-api/user-api.sock", self.pool.address[len("unix:") :])]


class LighttpdBinPath(Lighttpd):
    name = "bin-path.conf"
    starts_children = True

    def processes(self):
        return [process for process in children_of(self.process.pid) if name_of(process) == "user-api"]

    def start(self):
        """lighttpd signals a process only once to end. A process that it has just forked can miss the signal."""
        super().start()
        wait_until(lambda: len(self.processes()) == MAX_PROCS, 20, "all processes are started")
        return self

    def exchanges(self):
        program, settings = self.copy_program()
        return [
            ("/usr/bin/user-api", program),
            ("/etc/user-api/user-api.conf", settings),
            ("/run/user-api/lighttpd.sock", self.path("child.sock")),
        ]
