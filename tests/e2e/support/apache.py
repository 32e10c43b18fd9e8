"""Apache as an ordinary process in the foreground, with a guard of deploy/guard/."""

import os
import shutil
import signal

from . import pool, processes
from .guarded import Guarded

MODULES = "/usr/lib/apache2/modules"

MAIN = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
Mutex file:{folder}
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel warn
TypesConfig /etc/mime.types
{user}
StartServers 1
ThreadsPerChild 25
ServerLimit 4
{modules}
AddOutputFilterByType BROTLI_COMPRESS;DEFLATE application/json
{before}
Include {folder}/site.conf
"""

COMMON = "mpm_event authz_core authn_core authz_user mime dir alias env setenvif headers proxy proxy_http cgid reqtimeout filter deflate brotli"


def load(name):
    return f"LoadModule {name}_module {MODULES}/mod_{name}.so"


class Apache(Guarded):
    modules = ""

    def __init__(self, folder, around):
        super().__init__(folder, around)
        self.write_shipped()
        names = [*COMMON.split(), *self.modules.split()]
        lines = "\n".join(load(name) for name in names)
        as_root = os.geteuid() == 0
        path = self.write(
            "apache.conf",
            MAIN.format(
                folder=folder,
                port=self.port,
                user="User www-data\nGroup www-data" if as_root else "",
                modules=lines,
                before=f"ScriptSock {folder}/cgid.sock",
            ),
        )
        if as_root:
            shutil.chown(folder, "www-data", "www-data")
        self.process = processes.Apache(
            ["/usr/sbin/apache2", "-f", path, "-DFOREGROUND"],
            log_path=os.path.join(folder, "error.log"),
            stop_signal=signal.SIGTERM,
        )

    def exchanges(self):
        return super().exchanges() + [(r"/etc/apache2/user-api/", self.folder + "/")]


class ApacheAuthnzFcgi(Apache):
    kind = "apache-authnz-fcgi"
    modules = "proxy_fcgi authnz_fcgi"


class ApacheFcgid(Apache):
    kind = "apache-fcgid"
    modules = "fcgid"
    refusal = 401

    def __init__(self, folder, around):
        os.makedirs(folder, exist_ok=True)
        # Apache starts the program as www-data, which may neither enter the checkout nor read root's settings.
        self.program = shutil.copy(pool.binary(), os.path.join(folder, "user-api"))
        self.settings = os.path.join(folder, "user-api.env")
        shutil.copy(around.site.pool.config_path, self.settings)
        if os.geteuid() == 0:
            shutil.chown(self.settings, "www-data", "www-data")
        super().__init__(folder, around)
        with open(os.path.join(folder, "site.conf"), "a", encoding="utf-8") as file:
            file.write(f"\nFcgidIPCDir {folder}/fcgid\nFcgidProcessTableFile {folder}/fcgid.shm\n")

    def exchanges(self):
        return super().exchanges() + [
            (r"/usr/bin/user-api", self.program),
            (r"/usr/bin>", self.folder + ">"),
            (r"/etc/user-api/user-api\.conf", self.settings),
        ]
