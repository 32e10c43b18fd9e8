"""lighttpd as an ordinary process in the foreground, with the guard of deploy/guard/lighttpd/."""

import os

from .guarded import Guarded
from .processes import Process


class Lighttpd(Guarded):
    kind = "lighttpd"
    tells_proxied = False

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
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
