"""scripts/screenshots: pictures of screens with sample data, for the documentation."""

import os
import struct
import subprocess

import pytest
from support import admin, pool
from support.processes import REPOSITORY
from support.viewing import SCHEMES, SCREENS

pytestmark = pytest.mark.unsanitized
SCRIPT = os.path.join(REPOSITORY, "scripts", "screenshots")


def run(*arguments):
    programs = {"USER_API_BINARY": pool.binary(), "USER_API_ADMIN_BINARY": admin.binary()}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.run([SCRIPT, *arguments], env={**os.environ, **programs}, check=False, **streams)


def size_of(picture):
    """Width and height in pixels of a WebP file (RFC 9649), in the simple or the extended format."""
    with open(picture, "rb") as file:
        head = file.read(30)
    assert (head[:4], head[8:15]) == (b"RIFF", b"WEBPVP8"), head
    if head[15:16] == b"X":
        return tuple(int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    return tuple(number & 0x3FFF for number in struct.unpack("<HH", head[26:30]))


def test_each_screen_is_taken_on_desktop_and_telephone_light_and_dark(folder):
    done = run("--folder", f"{folder}/pictures", "sign-in", "user")
    assert done.returncode == 0, done.stderr
    names = {
        f"{name}-{screen.name}-{scheme}.webp": (screen.width, screen.height)
        for name in ("sign-in", "user")
        for screen in SCREENS
        for scheme in SCHEMES
    }
    assert {name: size_of(f"{folder}/pictures/{name}") for name in os.listdir(f"{folder}/pictures")} == names
    assert sorted(done.stdout.split()) == sorted(f"{folder}/pictures/{name}" for name in names)
    assert len({open(path, "rb").read() for path in done.stdout.split()}) == len(names), "each shows something else"
    left = [name for name in os.listdir(os.environ["TMPDIR"]) if name.startswith("ua-pictures-")]
    assert left == [], "nothing is left behind"


def test_the_documentation_has_a_picture_of_each_screen_and_no_other(folder):
    known = run("--folder", f"{folder}/pictures", "no-such-screen").stderr.rpartition("there are ")[2].strip().split(", ")
    wanted = {f"{name}-{screen.name}-{scheme}.webp" for name in known for screen in SCREENS for scheme in SCHEMES}
    drawn = {"overview.svg"}  # by hand, for the README
    assert set(os.listdir(os.path.join(REPOSITORY, "docs", "images"))) == wanted | drawn


def test_a_screen_that_there_is_not_is_named_with_those_that_there_are(folder):
    done = run("--folder", f"{folder}/pictures", "usres")
    assert done.returncode == 2 and "no screen is called usres: there are login, sign-in, overview" in done.stderr
    assert not os.path.exists(f"{folder}/pictures")
