"""make install and make uninstall, in a folder of the test's own."""

import os
import re
import shlex
import subprocess

import pytest
from support import admin
from support.pool import binary, is_sanitized
from support.processes import REPOSITORY

BUILD = os.path.relpath(os.path.dirname(binary()), REPOSITORY)


def make_command(target, root, prefix="/usr"):
    sanitized = ["SANITIZE=1"] if is_sanitized() else []
    command = ["make", "-s", "-C", REPOSITORY, f"BUILD={BUILD}", f"DESTDIR={root}", f"PREFIX={prefix}", *sanitized]
    # The programs exist (-o), and these rules do not depend on how they were built.
    return [*command, "-o", f"{BUILD}/user-api", "-o", f"{BUILD}/user-api-admin", target]


def in_turn(command):
    """Runs the command under a lock, as scripts/ do: only one make at a time may run in a folder."""
    subprocess.run(
        ["flock", os.path.join(REPOSITORY, "Makefile"), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=True,
    )


def make(target, root, prefix="/usr"):
    in_turn(make_command(target, root, prefix))


def tree(root):
    """{path: mode} of all files."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = os.stat(path).st_mode & 0o777
    return found


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read()


@pytest.fixture(scope="module")
def installed(new_folder):
    root = os.path.join(new_folder(), "root")
    make("install", root)
    return root


@pytest.mark.parametrize(
    "path,mode",
    [
        ("usr/bin/user-api", 0o755),
        ("usr/bin/user-api-admin", 0o755),
        ("usr/share/man/man8/user-api.8", 0o644),
        ("usr/share/man/man8/user-api-admin.8", 0o644),
        ("usr/share/man/man5/user-api.conf.5", 0o644),
        ("usr/lib/systemd/system/user-api.service", 0o644),
        ("usr/lib/systemd/system/user-api.socket", 0o644),
        ("usr/lib/sysusers.d/user-api.conf", 0o644),
        ("usr/share/bash-completion/completions/user-api-admin", 0o644),
        ("usr/share/zsh/vendor-completions/_user-api-admin", 0o644),
        ("usr/share/user-api/errors/503.json", 0o644),
        ("usr/share/user-api/www/index.html", 0o644),
        ("usr/share/user-api/www/icon.svg", 0o644),
        ("usr/share/user-api/www/docs/index.html", 0o644),
        ("usr/share/user-api/www/docs/reference.css", 0o644),
        ("usr/share/user-api/www/docs/reference.js", 0o644),
        ("usr/share/user-api/pages/nginx.conf", 0o644),
        ("usr/share/user-api/pages/apache.conf", 0o644),
        ("usr/share/user-api/pages/lighttpd.conf", 0o644),
        ("usr/share/doc/user-api/examples/guard/nginx/guard.conf", 0o644),
        ("usr/share/doc/user-api/examples/guard/lighttpd/forbidden.lua", 0o644),
        ("usr/share/doc/user-api/examples/nginx/user-api.conf", 0o644),
        ("usr/share/doc/user-api/examples/spawn-fcgi/user-api-daemon", 0o755),
    ],
)
def test_a_file_is_where_a_debian_user_looks_for_it(installed, path, mode):
    assert tree(installed).get(path) == mode


def test_every_file_of_the_console_is_installed(installed):
    ours = os.listdir(os.path.join(REPOSITORY, "deploy", "www", "console"))
    place = os.path.join(installed, "usr/share/user-api/www/console")
    assert "index.html" in ours
    assert tree(place) == dict.fromkeys(ours, 0o644)


def test_every_migration_is_installed(installed):
    ours = [name for name in os.listdir(os.path.join(REPOSITORY, "migrations")) if name.endswith(".sql")]
    assert ours
    assert sorted(os.listdir(os.path.join(installed, "usr/share/user-api/migrations"))) == sorted(ours)


def test_the_installed_programs_run(installed):
    for name in ("user-api", "user-api-admin"):
        run = subprocess.run(
            [os.path.join(installed, "usr/bin", name), "--version"],
            env=admin.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=30,
            check=True,
        )
        assert run.stdout.startswith(name.encode())


def test_after_make_an_installation_writes_nothing_into_the_checkout(new_folder):
    """With sudo, such files would belong to root. The next make or make clean of an ordinary user would fail."""
    root = new_folder()
    build, install = (shlex.join(make_command(target, root)) for target in ("all", "install"))
    written = f"find {shlex.quote(os.path.join(REPOSITORY, BUILD))} -printf '%p %T@\\n' | sort"
    # All commands under one lock, because other tests also run make in this folder.
    script = f'{build}; before=$({written}); {install}; test "$before" = "$({written})"'
    in_turn(["bash", "-euc", script])


def test_uninstall_takes_exactly_that_away_again(new_folder):
    root = new_folder()
    theirs = ["usr/bin/other", "usr/share/man/man8/other.8", "usr/share/user-api/mine", "usr/lib/sysusers.d/other.conf"]
    for path in theirs:
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="ascii") as file:
            file.write(path)
    make("install", root)
    assert len(tree(root)) > len(theirs) + 10
    make("uninstall", root)
    assert sorted(tree(root)) == sorted(theirs)
    assert not os.path.exists(os.path.join(root, "usr/share/doc/user-api"))


def test_uninstall_without_an_installation_is_no_error(new_folder):
    make("uninstall", new_folder())


def test_under_another_prefix_the_files_name_what_is_there(new_folder):
    root = new_folder()
    make("install", root, prefix="/opt/user-api")
    service = read(root, "opt/user-api/lib/systemd/system/user-api.service")
    assert "ExecStart=/opt/user-api/bin/user-api " in service
    examples = os.path.join(root, "opt/user-api/share/doc/user-api/examples")
    assert "Include /opt/user-api/share/user-api/errors/apache.conf" in read(examples, "apache-fcgid/user-api.conf")
    for path in tree(root):
        if not path.startswith(("opt/user-api/bin/", "opt/user-api/lib/libuserapi")):
            assert "/usr/bin/user-api" not in read(root, path), path
            assert "/usr/share/user-api" not in read(root, path), path


def test_the_manuals_are_well_formed(installed):
    names = ("man3/libuserapi.3", "man5/user-api.conf.5", "man8/user-api-admin.8", "man8/user-api.8")
    manuals = [f"usr/share/man/{name}" for name in names]
    lint = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", *(os.path.join(installed, path) for path in manuals)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    assert (lint.returncode, lint.stdout) == (0, "")


def test_the_manual_knows_every_setting_and_every_default():
    example = subprocess.run([binary(), "--print-example"], stdout=subprocess.PIPE, text=True, check=True).stdout
    page = subprocess.run(
        [os.path.join(REPOSITORY, "scripts/man-page"), "docs/man/user-api.conf.5.in", os.path.dirname(binary())],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    settings = re.findall(r"(?m)^#(USER_API_\w+)=(.*)$", example)
    assert len(settings) > 20
    for key, default in settings:
        assert f"\n.It Ev {key}{' Bq ' + default if default else ''}\n" in page


def test_the_manual_of_the_tool_shows_every_command_with_its_example(installed):
    page = read(installed, "usr/share/man/man8/user-api-admin.8")
    shown = admin.run("--help").stdout
    commands = re.findall(r"(?m)^  ([a-z][a-z -]*?)  ", shown)
    assert {"init", "migrate", "help"} <= set(commands)
    items = {name: page.partition(f".It Cm {name}\n")[2].partition("\n.It ")[0] for name in commands}
    assert [name for name in commands if f"\nuser-api-admin {name}" not in items[name]] == []
