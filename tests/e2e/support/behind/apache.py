"""Apache with mod_fcgid and with mod_proxy_fcgi."""

import os
import shutil
import signal

from .. import processes
from ..processes import children_of, name_of, wait_until
from .front import Front

MODULES = "/usr/lib/apache2/modules"
COMMON = "mpm_event authz_core authn_core mime dir alias env setenvif headers reqtimeout filter deflate brotli"

MAIN = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
Mutex file:{folder}
DefaultRuntimeDir {folder}
ErrorLog {folder}/apache.log
LogLevel warn
TypesConfig /etc/mime.types
{user}
StartServers 1
ServerLimit 4
ThreadsPerChild 25
{modules}
AddOutputFilterByType BROTLI_COMPRESS;DEFLATE application/json
Include {folder}/site.conf
"""

TLS = (
    ("# SSLEngine on", "SSLEngine on"),
    ("# SSLCertificateFile ", "SSLCertificateFile "),
    ("# SSLCertificateKeyFile ", "SSLCertificateKeyFile "),
)


class Apache(Front):
    kind = None
    modules = ""
    reload_signal = signal.SIGUSR1

    def __init__(self, folder, pool, tls=False):
        super().__init__(folder, pool, tls)
        as_root = os.geteuid() == 0
        errors = self.copy_errors()
        exchanges = [("/usr/share/user-api/errors/", errors + "/"), ("127.0.0.1:5001", f"127.0.0.1:{self.port}")]
        self.write("errors.conf", self.shipped("errors", "apache.conf", exchanges=exchanges[:1]))
        exchanges[0] = ("/usr/share/user-api/errors/apache.conf", self.path("errors.conf"))
        exchanges.append(("/usr/share/user-api/pages/apache.conf", self.copy_pages("apache.conf")))
        if tls:
            exchanges += [
                *TLS,
                ("/etc/ssl/certs/user-api.pem", self.path("cert.pem")),
                ("/etc/ssl/private/user-api.key", self.path("key.pem")),
            ]
        site = self.shipped(self.kind, "user-api.conf", exchanges=exchanges + self.exchanges())
        self.write("site.conf", site + self.further())
        names = [*COMMON.split(), *self.modules.split(), *(["socache_shmcb", "ssl"] if tls else [])]
        main = self.write(
            "apache.conf",
            MAIN.format(
                folder=self.folder,
                user="User www-data\nGroup www-data" if as_root else "",
                modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names),
            ),
        )
        if as_root:
            shutil.chown(self.folder, "www-data", "www-data")
        self.process = processes.Apache(
            ["/usr/sbin/apache2", "-f", main, "-DFOREGROUND"], log_path=self.path("apache.log")
        )

    def exchanges(self):
        return []

    def further(self):
        return ""


class ApacheFcgid(Apache):
    kind = "apache-fcgid"
    modules = "fcgid"
    starts_children = True

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.before_reload = set()

    def processes(self):
        """The processes of user-api. They are children of Apache's process manager."""
        found = [process for child in children_of(self.process.pid) for process in children_of(child)]
        return [process for process in found if name_of(process) == "user-api"]

    def reload(self):
        self.before_reload = set(self.processes())
        super().reload()

    def wait_until_reloaded(self):
        wait_until(lambda: not self.before_reload & set(self.processes()), 30, "its processes are other ones")

    def exchanges(self):
        program, settings = self.copy_program("www-data")
        return [
            ("/etc/user-api/user-api.conf", settings),
            ("ScriptAlias / /usr/bin/user-api/", f"ScriptAlias / {program}/"),
        ]

    def further(self):
        return f"\nFcgidIPCDir {self.folder}/fcgid\nFcgidProcessTableFile {self.folder}/fcgid.shm\n"


class ApacheProxyFcgi(Apache):
    kind = "apache-proxy-fcgi"
    modules = "proxy proxy_fcgi buffer"

    def exchanges(self):
        return [("/run/user-api/user-api.sock", self.pool.address[len("unix:") :])]
