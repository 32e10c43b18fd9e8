"""A private MariaDB with its own unix socket and loopback port. It uses nothing of the system's MariaDB."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import urllib.parse

from .processes import Process, free_port, wait_until

USER = "original"
PASSWORD = "p@ss:w/o?r#d %41'\"\\ü"


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or name


def server_user():
    """Arguments for subprocess that switch from root to another user, because the server must not run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("mysql")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class MariaDB:
    """A server in `folder` (a short path that the mysql user can reach). root needs no password through the socket;
    USER may read everything, by PASSWORD."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.data = os.path.join(self.folder, "data")
        self.socket = os.path.join(self.folder, "s.sock")
        self.port = free_port()
        self.names = itertools.count(1)
        os.makedirs(self.folder, exist_ok=True)
        user = server_user()
        if user:
            os.chown(self.folder, user["user"], user["group"])
        subprocess.run(
            [program("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}", "--skip-test-db"]
            + ["--auth-root-authentication-method=normal", "--skip-name-resolve"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **user,
        )
        argv = [program("mariadbd"), "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}"]
        argv += [f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        argv += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin"]
        self.process = Process(argv, cwd="/", log_path=os.path.join(self.folder, "mariadb.log"), **user)

    def start(self):
        self.process.start()
        wait_until(self.accepts, 60, "MariaDB accepts connections")
        quoted = PASSWORD.replace("\\", "\\\\").replace("'", "''")
        for host in ("127.0.0.1", "localhost"):
            self.run(f"CREATE USER {USER}@'{host}' IDENTIFIED BY '{quoted}'; GRANT SELECT ON *.* TO {USER}@'{host}'")
        return self

    def accepts(self):
        assert self.process.running(), "MariaDB has ended:\n" + self.process.log_text()
        return self.client("-e", "SELECT 1").returncode == 0

    def stop(self):
        self.process.stop(60)

    def argv(self, *arguments):
        return [program("mariadb"), "--no-defaults", "-S", self.socket, "-u", "root", "-N", "-B", *arguments]

    def client(self, *arguments, script=""):
        return subprocess.run(
            self.argv("--default-character-set=utf8mb4", *arguments),
            input=script.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )

    def run(self, script, database=None):
        """Runs SQL; the rows as tuples of text, None for NULL."""
        done = self.client(*([database] if database else []), script=script)
        assert done.returncode == 0, done.stderr.decode()
        lines = done.stdout.decode().splitlines()
        return [tuple(None if cell == "NULL" else cell for cell in line.split("\t")) for line in lines]

    def url(self, database, password=PASSWORD, tcp=True, scheme="mysql"):
        login = f"{USER}:{urllib.parse.quote(password, safe='')}"
        if tcp:
            return f"{scheme}://{login}@127.0.0.1:{self.port}/{database}"
        return f"{scheme}://{login}@/{database}?unix_socket={urllib.parse.quote(self.socket, safe='')}"

    @contextlib.contextmanager
    def locked(self, database, table):
        """Locks the table, so that no other session can read it meanwhile."""
        with subprocess.Popen(self.argv(database), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as session:
            session.stdin.write(f"LOCK TABLES `{table}` WRITE;\n".encode())
            session.stdin.flush()
            in_use = f"SHOW OPEN TABLES FROM `{database}` WHERE In_use > 0"
            try:
                wait_until(lambda: self.run(in_use), 20, "the table is locked")
                yield
            finally:
                session.stdin.close()
                session.wait(20)

    def sessions(self):
        """The ids of the sessions of USER."""
        return [row[0] for row in self.run(f"SELECT id FROM information_schema.processlist WHERE user = '{USER}'")]
