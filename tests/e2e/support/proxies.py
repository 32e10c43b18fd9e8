"""Forward-auth proxies with the configurations of deploy/guard/."""

import os
import shutil

from .guarded import Guarded
from .processes import Process


class Proxy(Guarded):
    """A proxy that asks the guard over HTTP, through the site's own nginx."""

    def exchanges(self):
        return super().exchanges() + [(r"127\.0\.0\.1:5001", f"127.0.0.1:{self.around.site.nginx.port}")]


class Caddy(Proxy):
    kind = "caddy"

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
        home = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        argv = [shutil.which("caddy"), "run", "--config", os.path.join(folder, "Caddyfile"), "--adapter", "caddyfile"]
        self.process = Process(argv, env=home, log_path=os.path.join(folder, "caddy.log"))

    def exchanges(self):
        compression = (r"(?m)^\troute \{", "\tencode gzip {\n\tminimum_length 1\n\tmatch header Content-Type application/json*\n\t}\n\troute {")
        return super().exchanges() + [compression, (r"/usr/share/user-api/www", os.path.join(self.around.folder, "deploy", "www"))]


class HAProxy(Proxy):
    kind = "haproxy"

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
        argv = ["/usr/sbin/haproxy", "-db", "-f", os.path.join(folder, "haproxy.cfg")]
        self.process = Process(argv, log_path=os.path.join(folder, "haproxy.log"))

    def exchanges(self):
        compression = (r"    mode http\n", "    mode http\n    compression algo gzip\n    compression type application/json\n")
        return super().exchanges() + [compression, (r"/etc/haproxy/user-api/", self.folder + "/")]
