"""What installing the packages leaves alone: no server that comes with them is started, now or at the next boot."""

import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE = r"(?:/usr)?/(?:lib/systemd/system|etc/init\.d)/([^/@]+?)(@?\.(?:service|socket))?"
LISTS = os.path.join(ROOT, "scripts", "packages")
# Where a server's package leaves its service to another, by name.
COMPANIONS = {"nginx": "nginx-common", "postgresql-15": "postgresql-common"}


def packages():
    names = set()
    for name in os.listdir(LISTS):
        with open(os.path.join(LISTS, name), encoding="ascii") as file:
            names.update(file.read().split())
    return sorted(names | {COMPANIONS[name] for name in names & set(COMPANIONS)})


def services():
    """(package, service, a unit or init script of it) of what the lists name and is installed; systemd's aside."""
    found = []
    for package in packages():
        files = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False).stdout.split()
        for file in files:
            match = re.fullmatch(PLACE, file)
            if match and not package.startswith("systemd"):
                found.append((package, match[1], match[1] + (match[2] or "")))
    return found


@pytest.fixture(scope="module")
def installer():
    with open(os.path.join(ROOT, "scripts", "lib", "install-as-root"), encoding="utf-8") as file:
        return file.read()


def test_every_service_that_the_packages_bring_is_held_back(installer, tmp_path):
    policy = tmp_path / "policy-rc.d"
    text = re.search(r"<<END\n(.*?)\nEND\n", installer, re.S)[1]
    policy.write_text(text.replace(r"\$", "$").replace("$policy_saved", "/nonexistent"))
    names = services()
    servers = {"nginx", "apache2", "haproxy", "caddy", "mariadb", "lighttpd", "postgresql"}
    assert servers <= {name for _, name, _ in names}
    # Those of timers start nothing by themselves.
    started = [
        unit
        for _, name, unit in names
        if not name.startswith("pg_") and subprocess.run(["sh", policy, unit, "start"], check=False).returncode != 101
    ]
    assert started == []
    assert subprocess.run(["sh", policy, "cron", "start"], check=False).returncode == 0


def test_every_server_is_kept_from_starting_at_boot(installer):
    kept = dict(pair.split(":") for pair in re.search(r"^servers='(.*)'$", installer, re.M)[1].split())
    # PostgreSQL gets no cluster, and then its service starts nothing.
    servers = ("nginx", "apache2", "lighttpd", "mariadb", "haproxy", "caddy")
    wanted = {package: name for package, name, _ in services() if name in servers}
    assert kept == wanted
