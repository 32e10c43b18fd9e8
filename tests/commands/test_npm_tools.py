"""scripts/npm-tools with a stub of npm: it installs once for each lock file, and prints why it fails."""

import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NPM = """#!/bin/sh
echo "$PWD $*" >>{folder}/calls
mkdir node_modules
{more}
"""
DAY = 86400


class Checkout:
    def __init__(self, folder):
        self.folder = folder
        os.chmod(folder, 0o755)
        shutil.copytree(f"{ROOT}/scripts", f"{folder}/scripts")
        shutil.copytree(f"{ROOT}/tests/npm", f"{folder}/tests/npm")
        os.mkdir(f"{folder}/bin")
        self.tools = f"{folder}/kept/tools"
        self.play()

    def play(self, more=""):
        with open(f"{self.folder}/bin/npm", "w", encoding="utf-8") as file:
            file.write(NPM.format(folder=self.folder, more=more))
        os.chmod(file.name, 0o755)

    def start(self, *arguments, **options):
        environment = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "USER_API_TOOLS": self.tools}
        argv = [f"{self.folder}/scripts/npm-tools", *arguments]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(argv, env=environment, **streams, **options)

    def run(self, *arguments, **options):
        """(exit code, standard output, standard error)"""
        started = self.start(*arguments, **options)
        output, errors = started.communicate(timeout=60)
        return started.returncode, output, errors

    def installed(self):
        code, output, errors = self.run()
        assert code == 0, errors
        return output.removesuffix("\n")

    def calls(self):
        with open(f"{self.folder}/calls", encoding="utf-8") as file:
            return file.read().splitlines()

    def kept(self):
        return sorted(os.listdir(self.tools))


@pytest.fixture
def checkout(tmp_path):
    return Checkout(str(tmp_path))


def test_it_prints_the_folder_and_installs_only_the_first_time(checkout):
    folder = checkout.installed()
    assert os.path.isdir(f"{folder}/node_modules") and checkout.installed() == folder
    assert len(checkout.calls()) == 1 and checkout.kept() == [os.path.basename(folder)]


def test_npm_follows_the_lock_file_and_runs_no_packages_scripts(checkout):
    checkout.installed()
    words = checkout.calls()[0].split()
    assert words[1] == "ci" and {"--ignore-scripts", "--no-audit", "--no-fund"} <= set(words)


def test_another_lock_file_has_another_folder(checkout):
    before = checkout.installed()
    with open(f"{checkout.folder}/tests/npm/package-lock.json", "a", encoding="utf-8") as file:
        file.write("\n")
    assert checkout.installed() != before and len(checkout.calls()) == 2


def test_two_at_once_install_once(checkout):
    checkout.play("sleep 0.2")
    both = [checkout.start(), checkout.start()]
    said = {each.communicate(timeout=60)[0] for each in both}
    assert [each.returncode for each in both] == [0, 0] and len(said) == 1
    assert len(checkout.calls()) == 1


def test_what_was_not_used_for_a_week_is_removed(checkout):
    used = checkout.installed()
    for name in ("npm-old", "npm-recent"):
        os.mkdir(f"{checkout.tools}/{name}")
    now = os.stat(used).st_mtime
    os.utime(f"{checkout.tools}/npm-old", (now, now - 9 * DAY))
    os.utime(f"{checkout.tools}/npm-recent", (now, now - 5 * DAY))
    # The next use updates this time.
    os.utime(used, (now, now - 5 * DAY))
    checkout.installed()
    assert checkout.kept() == sorted(["npm-recent", os.path.basename(used)])
    assert os.stat(used).st_mtime > now - DAY


def test_a_failure_says_npms_reason_and_leaves_nothing_that_counts_as_installed(checkout):
    checkout.play("echo 'npm error code ENOTFOUND'; echo 'npm error reaching registry.example.org'; exit 1")
    code, output, errors = checkout.run()
    assert (code, output) == (1, "")
    assert "reaching registry.example.org" in errors and "npm could not install" in errors
    [log] = re.findall(r"log: ([^)]+)\)", errors)
    assert os.path.exists(log) and not any(os.path.isdir(f"{checkout.tools}/{name}") for name in checkout.kept())
    checkout.play()
    assert os.path.isdir(f"{checkout.installed()}/node_modules")


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do():
    nobody = pwd.getpwnam("nobody")
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="ua-npm-tools-", dir="/tmp") as folder:
        checkout = Checkout(folder)
        os.makedirs(checkout.tools)
        os.chmod(checkout.tools, 0o555)
        code, _, errors = checkout.run(**identity)
    assert code == 1 and f"{checkout.tools} is not writable" in errors and "USER_API_TOOLS" in errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be two users")
def test_users_may_share_a_folder():
    nobody = pwd.getpwnam("nobody")
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="ua-npm-tools-", dir="/tmp") as folder:
        checkout = Checkout(folder)
        os.makedirs(f"{checkout.tools}/npm-old/of-root")
        os.chmod(checkout.tools, 0o777)
        installed = checkout.installed()
        os.utime(f"{checkout.tools}/npm-old", (1, 1))
        assert checkout.run(**identity)[:2] == (0, f"{installed}\n")


def test_no_file_of_the_folder_is_written_to(checkout):
    os.makedirs(checkout.tools)
    for name in ("lock", ".lock"):
        os.symlink(f"{checkout.folder}/mine", f"{checkout.tools}/{name}")
    with open(f"{checkout.folder}/mine", "w", encoding="ascii") as file:
        file.write("mine")
    checkout.installed()
    with open(f"{checkout.folder}/mine", encoding="ascii") as file:
        assert file.read() == "mine"


def test_it_takes_no_arguments(checkout):
    assert checkout.run("--force")[0] == 2


def test_the_lock_file_names_exact_versions_with_their_digests_and_no_registry():
    with open(f"{ROOT}/tests/npm/package.json", encoding="utf-8") as file:
        wanted = json.load(file)["devDependencies"]
    with open(f"{ROOT}/tests/npm/package-lock.json", encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    assert packages.pop("")["devDependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for name, each in packages.items():
        assert each["integrity"].startswith("sha512-") and "resolved" not in each, name
