"""lighttpd as an ordinary process in the foreground, with the guard of deploy/guard/lighttpd/."""

import os

from .guarded import Guarded
from .processes import Process

# lighttpd compresses what it may, but must not change the API's answers. (Its own errors are below the minimum size.)
COMPRESSION = """
server.modules += ("mod_deflate")
deflate.mimetypes = ("application/json")
deflate.allowed-encodings = ("gzip")
deflate.min-compress-size = 80
"""


def compression():
    """The configuration of compression. It is empty if the module, a separate Debian package, is not installed."""
    return COMPRESSION if os.path.exists("/usr/lib/lighttpd/mod_deflate.so") else ""


class Lighttpd(Guarded):
    kind = "lighttpd"
    tells_proxied = False

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
        self.write("site.conf", self.shipped("site.conf") + compression())
        self.process = Process(
            ["/usr/sbin/lighttpd", "-D", "-f", os.path.join(folder, "site.conf")],
            log_path=os.path.join(folder, "lighttpd.log"),
        )

    def exchanges(self):
        return super().exchanges() + [
            (r"/etc/lighttpd/guard/", self.folder + "/"),
            (r"server\.port = 8080", f"server.port = {self.port}"),
            (r'"port" => 9100', f'"port" => {self.around.http.port}'),
        ]
