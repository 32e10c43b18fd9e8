"""A private PostgreSQL cluster with its own unix socket and loopback port. It uses nothing of the system's PostgreSQL."""

import glob
import itertools
import os
import pwd
import signal
import subprocess
import sys
import urllib.parse

import psycopg2

from . import admin
from .processes import Process, children_of, free_port, wait_until

SERVICE_ACCOUNT = "user_api_sa"
TEMPLATE = "user_api_template"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "128MB",
    "max_connections": "200",
    "autovacuum": "off",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "timezone": "UTC",
}


def program(name):
    """The path of a PostgreSQL server program, which is not in Debian's PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else name


def server_user():
    """Arguments for subprocess that switch from root to another user, because the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def make_cluster(data):
    """Creates a cluster in this folder with initdb."""
    user = server_user()
    os.mkdir(data, 0o700)
    if user:
        os.chown(data, user["user"], user["group"])
    subprocess.run(
        [program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        + ["--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **user,
    )


class Postgres:
    """A cluster in `folder`. The postgres user must be able to enter it, and its path must be short, because that of a
    unix socket has at most 107 bytes. The server trusts every client. USER_API_TEST_CLUSTER names a cluster to copy
    instead of creating one. `wrap` gets the cluster's folder, and returns a prefix of the server's command line. The
    prefix must then switch to the server's user."""

    def __init__(self, folder, settings=None, wrap=None):
        self.folder = str(folder)
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.settings = {**SETTINGS, **(settings or {})}
        self.names = itertools.count(1)
        self.template = None
        os.makedirs(self.folder, exist_ok=True)
        user = server_user()
        if user:
            os.chown(self.folder, user["user"], user["group"])
        self.make()
        self.process = Process(
            (wrap(self.data) if wrap else []) + self.argv(),
            cwd="/",
            log_path=os.path.join(self.folder, "postgres.log"),
            stop_signal=signal.SIGINT,
            **({} if wrap else user),
        )

    def make(self):
        made = os.environ.get("USER_API_TEST_CLUSTER")
        if made:
            subprocess.run(["cp", "-a", "--reflink=auto", made, self.data], check=True)
        else:
            make_cluster(self.data)

    def argv(self):
        settings = {
            **self.settings,
            "unix_socket_directories": self.folder,
            "listen_addresses": "127.0.0.1",
            "port": self.port,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [program("postgres"), "-D", self.data] + options

    def start(self):
        self.process.start()
        wait_until(self.accepts, 30, "PostgreSQL accepts connections")
        return self

    def accepts(self):
        assert self.process.running(), "PostgreSQL has ended:\n" + self.process.log_text()
        try:
            self.connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def stop(self):
        """Fast shutdown, which ends all sessions."""
        self.resume()
        self.process.stop()

    def restart(self):
        self.stop()
        self.start()

    def pids(self):
        return [self.process.pid] + children_of(self.process.pid)

    def signal_all(self, number):
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def pause(self):
        """Freezes the server: connections stay open, the kernel accepts new ones, and nothing answers."""
        self.process.signal(signal.SIGSTOP)
        self.signal_all(signal.SIGSTOP)

    def resume(self):
        if self.process.running():
            self.signal_all(signal.SIGCONT)

    def url(self, database, user=SERVICE_ACCOUNT, password=None, tcp=False):
        login = urllib.parse.quote(user, safe="")
        if password is not None:
            login += ":" + urllib.parse.quote(password, safe="")
        if tcp:
            return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"
        host = urllib.parse.quote(self.folder, safe="")
        return f"postgresql://{login}@/{database}?host={host}&port={self.port}"

    def connect(self, database, user="postgres"):
        """A connection in autocommit mode; the caller closes it."""
        connection = psycopg2.connect(
            host=self.folder, port=self.port, dbname=database, user=user, connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def execute(self, sql, params=None, database="postgres", user="postgres"):
        """Runs one statement; the rows as tuples, [] for a statement that returns none."""
        connection = self.connect(database, user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def create_database(self, migrated=True):
        """The name of a new database: a copy of a template that was migrated once, or an empty one."""
        name = f"test_{next(self.names)}"
        template = self.migrated_template() if migrated else "template0"
        self.copy_database(template, name)
        return name

    def copy_database(self, template, name):
        connection = self.connect("postgres")
        # FILE_COPY, as before version 15: faster than WAL_LOG here, because checkpoints cost nothing.
        way = "STRATEGY file_copy" if connection.server_version >= 150000 else ""
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {way}')
        connection.close()

    def drop_database(self, name):
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def migrated_template(self):
        if self.template is None:
            # The migrations grant the workers' rights to the service account, if it exists.
            if not self.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (SERVICE_ACCOUNT,)):
                self.execute(f"CREATE ROLE {SERVICE_ACCOUNT} LOGIN")
            self.drop_database(TEMPLATE)
            self.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            admin.migrate_up(self.url(TEMPLATE, "postgres"))
            self.template = TEMPLATE
        return self.template


if __name__ == "__main__":
    make_cluster(sys.argv[1])
