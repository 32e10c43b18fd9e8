"""The image, built and run by buildah without a container engine: scripts/test --container. USER_API_CONTAINER_BASE
names a folder with a Debian system to build on (debootstrap --variant=minbase makes one)."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess

import pytest
from support import fastcgi
from support.pool_peers import SECRET
from support.processes import REPOSITORY, Process, children_of, is_alive, wait_until

BASE = os.environ.get("USER_API_CONTAINER_BASE")

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not BASE, reason="THE IMAGE IS NOT TESTED: set USER_API_CONTAINER_BASE (see this file)"),
    pytest.mark.skipif(not shutil.which("buildah"), reason="THE IMAGE IS NOT TESTED: buildah is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="THE IMAGE IS NOT TESTED: isolation by chroot needs root"),
]


def limits():
    """The limits of this process. Since 1.39 buildah raises limits automatically, which not every root may do."""
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    return [f"--ulimit={name}={'%d:%d' % resource.getrlimit(kind)}" for name, kind in kinds.items()]


class Builder:
    def __init__(self, folder):
        self.options = ["--storage-driver", "vfs", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]

    def command(self, name, *arguments):
        return ["buildah", *self.options, name, *arguments]

    def __call__(self, name, *arguments):
        result = subprocess.run(
            self.command(name, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert result.returncode == 0, result.stdout[-3000:]
        return result.stdout.strip().split("\n")[-1]


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    return Builder(tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="module")
def image(builder):
    """Builds the image; returns a working container of it."""
    base = builder("from", "scratch")
    builder("add", "--quiet", base, BASE, "/")
    builder("commit", "--quiet", base, "localhost/user-api-base")
    file = os.path.join(REPOSITORY, "deploy", "container", "Containerfile")
    arguments = ["--isolation", "chroot", "--pull-never", "--build-arg", "BASE=localhost/user-api-base"]
    builder("build", "--quiet", *limits(), *arguments, "-f", file, "-t", "localhost/user-api-test", REPOSITORY)
    return builder("from", "--pull-never", *limits(), "localhost/user-api-test")


def run(builder, image, *command):
    return builder("run", "--isolation", "chroot", image, "--", *command)


def test_there_is_no_compiler_in_it(builder, image):
    found = run(builder, image, "sh", "-c", "for p in gcc cc make git; do command -v $p || true; done; echo end")
    assert found == "end"


def test_nobody_in_it_is_root_and_nothing_is_written_but_the_sockets_folder(builder, image):
    assert run(builder, image, "id", "-u") == "10001"
    probe = "for f in / /usr/bin /etc /usr/share/user-api; do touch $f/x 2>/dev/null && echo $f; done; echo end"
    assert run(builder, image, "sh", "-c", probe) == "end"


def test_no_secret_is_in_its_environment(builder, image):
    names = run(builder, image, "sh", "-c", "env | grep -c -E 'SECRET|PASSWORD|URL' || true")
    assert names == "0"


def test_its_programs_run(builder, image):
    assert run(builder, image, "/usr/bin/user-api", "--version").startswith("user-api ")
    assert run(builder, image, "/usr/bin/user-api-admin", "--version").startswith("user-api-admin ")


def test_the_pool_in_it_serves_is_found_healthy_and_drains_on_term(builder, image, folder):
    sockets = os.path.join(folder, "run")
    os.mkdir(sockets)
    os.chown(sockets, 10001, 10001)
    os.chmod(sockets, 0o755)
    variables = {
        "USER_API_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "USER_API_JWT_SECRET": SECRET,
        "USER_API_WORKERS": "2",
    }
    options = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    start = ["--isolation", "chroot", "-v", f"{sockets}:/run/user-api", *options, image, "--", "/usr/bin/user-api"]
    process = Process(builder.command("run", *start), log_path=os.path.join(folder, "container.log")).start()
    address = f"unix:{sockets}/user-api.sock"
    wait_until(lambda: fastcgi.get(address, "/healthz")[0] == 200, 30, "the pool in the container answers")
    assert stat.S_ISSOCK(os.stat(f"{sockets}/user-api.sock").st_mode)
    assert os.stat(f"{sockets}/user-api.sock").st_uid == 10001
    # With isolation by chroot, pids are the same inside and outside.
    pid = json.loads(process.log_text().splitlines()[0])["pid"]
    assert [os.stat(f"/proc/{each}").st_uid for each in [pid, *children_of(pid)]] == [10001] * 5
    mounted = ["--isolation", "chroot", "-v", f"{sockets}:/run/user-api", image, "--"]
    builder("run", *mounted, "/usr/lib/user-api/health")

    os.kill(pid, signal.SIGTERM)
    assert process.wait() == 0
    assert not is_alive(pid)
    broken = subprocess.run(
        builder.command("run", *mounted, "/usr/lib/user-api/health"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert broken.returncode != 0
