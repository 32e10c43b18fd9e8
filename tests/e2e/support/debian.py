"""A machine with Debian's own PostgreSQL, as its package sets it up. It consists of namespaces of this machine, with copies
of the files that change. It does not touch the host, and ends with its first process."""

import glob
import os
import shutil
import subprocess

import pytest

from . import admin, pool
from .processes import Process, children_of, wait_until

NEEDED = ("unshare", "nsenter", "runuser", "useradd", "pg_createcluster", "make-ssl-cert")
missing = [name for name in NEEDED if not shutil.which(name)]
may = os.geteuid() == 0 and not missing and subprocess.run(
    ["unshare", "--mount", "--net", "--pid", "--fork", "true"], stderr=subprocess.DEVNULL, check=False
).returncode == 0
needs_machine = pytest.mark.skipif(
    not may, reason=f"DEBIAN'S OWN POSTGRESQL IS NOT TRIED: that needs root with namespaces, and {', '.join(NEEDED)}"
)

# The folders that a manual's commands change. The machine has its own loopback, so port 5432 is free.
SET_UP = """
set -eu
cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc
rm -rf /etc/postgresql && install -d -o postgres -g postgres /etc/postgresql
for folder in /run /root /usr/local /var/lib/postgresql /var/log/postgresql /var/backups; do
  mount -t tmpfs -o mode=755 tmpfs $folder
done
chown postgres:postgres /var/lib/postgresql /var/log/postgresql
install -d -o postgres -g postgres -m 2775 /run/postgresql
# As the package ssl-cert leaves it; images are made without it.
test -e /etc/ssl/certs/ssl-cert-snakeoil.pem || make-ssl-cert generate-default-snakeoil
install -D -t /usr/local/bin "$2" "$3"
cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
# Nothing has booted: PostgreSQL is restarted by Debian's own program, the service by the test.
if [ "$*" = "restart postgresql" ]; then
  for cluster in /etc/postgresql/*; do pg_ctlcluster "${cluster##*/}" main restart; done
fi
END
chmod 755 /usr/local/bin/systemctl
python3 - <<'END'
import fcntl, socket, struct
with socket.socket() as any_socket:  # `ip link set lo up`: SIOCSIFFLAGS, IFF_UP
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
END
exec sleep infinity
"""


# `ip address add … dev lo`: SIOCSIFADDR.
SET_ADDRESS = """
import fcntl, socket, struct, sys
with socket.socket() as any_socket:
    address = socket.inet_aton(sys.argv[1])
    fcntl.ioctl(any_socket, 0x8916, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, address))
"""


def newest_postgresql():
    return max(int(path.split("/")[4]) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb"))


class Machine:
    def __init__(self, folder):
        self.version = str(newest_postgresql())
        self.process = Process(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
            + ["sh", "-c", SET_UP, "sh", str(folder), admin.binary(), pool.binary()],
            cwd="/",
            log_path=os.path.join(folder, "machine.log"),
        )

    def boot(self):
        self.process.start()
        wait_until(self.is_up, 60, "the machine is up")
        return self

    def is_up(self):
        assert self.process.running(), self.process.log_text()
        return any(os.path.basename(os.readlink(f"/proc/{child}/exe")) == "sleep" for child in children_of(self.process.pid))

    @property
    def first(self):
        return children_of(self.process.pid)[0]

    def path(self, path):
        """The path of the same file for processes of the host."""
        return f"/proc/{self.first}/root{path}"

    def run(self, script, check=True, typed="", **variables):
        """Runs a shell script as root's login shell; `typed` is the standard input. Returns the finished process."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        done = subprocess.run(
            ["nsenter", "--target", str(self.first), "--mount", "--net", "--pid", "sh", "-euc", script],
            env={**environment, **variables},
            cwd="/",
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # without a terminal, because programs would ask for a password on it
            text=True,
            timeout=120,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done

    def write(self, path, text):
        """Writes a file that only its owner may read."""
        with open(os.open(self.path(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)

    def name_itself(self, name, address):
        """Makes the machine reachable by this name, too, at an address of its loopback."""
        self.run(f"grep -q {name} /etc/hosts || echo {address} {name} >>/etc/hosts; python3 -c '{SET_ADDRESS}' {address}")

    def install_postgresql(self):
        """Does the same as `apt-get install postgresql`, without waiting for the disk."""
        self.run(f"pg_createcluster {self.version} main -- --no-sync >/dev/null")
        self.run(f"pg_ctlcluster {self.version} main start --options '-c fsync=off'")

    def remove_postgresql(self):
        self.run(f"pg_dropcluster --stop {self.version} main")

    def sql(self, statement, database="user_api"):
        """The rows, as psql prints them."""
        return self.run(f'runuser -u postgres -- psql -XAt -d {database} -c "$STATEMENT"', STATEMENT=statement).stdout.splitlines()

    def stop(self):
        self.process.stop()
