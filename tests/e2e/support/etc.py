"""A separate /etc for a test, which one program sees in a mount namespace."""

import os
import shutil
import subprocess

import pytest

from . import admin

USUAL = "user-api/user-api.conf"
# Files that the C library reads, if the host has them.
NEEDED = ("passwd", "group", "nsswitch.conf", "hosts", "ld.so.cache")
MOUNT = 'mount --bind "$0" /etc && exec "$@"'


class Etc:
    """Runs user-api-admin with the folder `path` as /etc."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "etc")
        self.settings = os.path.join(self.path, USUAL)
        self.namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        os.makedirs(os.path.dirname(self.settings))
        for name in NEEDED:
            if os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", self.path)
        tried = subprocess.run([*self.namespace, "sh", "-c", MOUNT, self.path, "true"], capture_output=True, check=False)
        if tried.returncode != 0:
            pytest.skip(f"no mount namespace may be made here: {tried.stderr.decode().strip()}")

    def write(self, text, mode=0o600):
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.settings, mode)

    def run(self, *arguments, privileged=True, **variables):
        """Without privileges, even root may read only files whose mode allows it."""
        leave = [] if privileged else ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        environment = admin.environment(**variables)
        if "USER_API_CONFIG" not in variables:
            del environment["USER_API_CONFIG"]
        return subprocess.run(
            [*self.namespace, "sh", "-c", MOUNT, self.path, *leave, admin.binary(), *map(str, arguments)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
