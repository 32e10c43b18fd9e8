"""The README and the index of docs/: other tests run the printed commands, and no page is missing."""

import glob
import os
import re

from running import ROOT


def read(path):
    with open(f"{ROOT}/{path}", encoding="utf-8") as file:
        return file.read()


def section(title):
    return re.search(rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)", read("README.md")).group(1)


def commands(text):
    """A list of commands. Continuation lines are joined."""
    return [line.strip() for line in re.sub(r" *\\\n\s*", " ", text).splitlines() if line.strip()]


def test_its_steps_to_a_protected_page_are_those_of_the_package_which_are_run_there():
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```", section("Protect a site in five minutes"))
    packaged = iter(commands("\n".join(re.findall(r"(?m)^    (\S.*|  \S.*)$", read("deploy/debian/user-api.README.Debian")))))
    steps = commands("".join(blocks[1:]))
    assert len(steps) > 12
    for step in steps:
        assert step in packaged, f"README.Debian does not have this step, or not in this place: {step}"


def test_the_packages_that_it_installs_are_those_that_are_built():
    names = set(re.findall(r"\./build/deb/([a-z0-9-]+)_\*\.deb", read("README.md")))
    built = set(re.findall(r"(?m)^Package: (\S+)$", read("deploy/debian/control")))
    assert names == built


def test_the_index_lists_every_page():
    pages = {os.path.basename(path) for path in glob.glob(f"{ROOT}/docs/*.md")} - {"README.md"}
    assert pages <= set(re.findall(r"\]\(([\w-]+\.md)\)", read("docs/README.md")))


def test_its_endpoints_are_those_of_the_reference():
    listed = set(re.findall(r"(?m)^\| `(?:[A-Z]+` or `)?(?:[A-Z]+ )?([a-z/<>.-]+)`", section("The endpoints, in short")))
    known = set(re.findall(r"`(?:[A-Z]+ )?/api/([a-z/<>.-]+?)(?:\?[^`]*)?`", read("docs/api.md")))
    assert len(listed) > 10 and listed <= known
