"""The files of deploy/, checked without running them."""

import glob
import json
import os
import re
import subprocess

import pytest
from support import admin, fastcgi
from support.behind.front import DEPLOY
from support.client import canonical
from support.pool import binary, is_sanitized
from support.processes import REPOSITORY

STATUS_OF_NAME = re.compile(r"([0-9]{3})\.(json|html)$")


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read()


def shipped(pattern):
    found = sorted(glob.glob(os.path.join(DEPLOY, pattern), recursive=True))
    assert found, pattern
    return found


@pytest.mark.parametrize("path", shipped("errors/*.json") + shipped("errors/lighttpd/*.html"), ids=os.path.basename)
def test_an_error_page_is_a_body_as_the_application_writes_it(path):
    document = json.loads(read(path))
    assert set(document) == {"error_code", "message"}
    assert read(path).encode() == canonical(document)


@pytest.mark.parametrize("path", shipped("errors/lighttpd/*.html"), ids=os.path.basename)
def test_lighttpds_error_pages_say_what_apaches_say(path):
    assert read(path) in [read(other) for other in shipped("errors/*.json")]


def test_errors_are_said_in_the_applications_own_words(site):
    """Checks the errors that a request can provoke here."""
    for uri, status in (("/nowhere", 404), ("/api//users/", 400)):
        _, _, body = fastcgi.get(site.pool.address, uri)
        assert body.decode() == read(DEPLOY, "errors", f"{status}.json")
    _, _, body = site.pool.request("DELETE", "/api/users/")
    assert body.decode() == read(DEPLOY, "errors", "405.json")
    big = {"CONTENT_TYPE": "application/json"}
    _, _, body = site.pool.request("POST", "/api/users/login", b" " * 65537, **big)
    assert body.decode() == read(DEPLOY, "errors", "413.json")


def test_every_error_page_that_apache_names_is_there():
    named = re.findall(r"(?m)^ErrorDocument [0-9]+ /user-api-errors/(\S+)$", read(DEPLOY, "errors", "apache.conf"))
    assert named
    assert [name for name in named if not os.path.exists(os.path.join(DEPLOY, "errors", name))] == []


def test_every_setting_that_is_named_is_one():
    example = subprocess.run([binary(), "--print-example"], stdout=subprocess.PIPE, text=True, check=True).stdout
    known = set(re.findall(r"(?m)^#?(USER_API_\w+)=", example)) | {"USER_API_CONFIG"}
    known |= {f"{name}_FILE" for name in known}
    known |= {"USER_API_ADMIN_PASSWORD_FILE", "USER_API_SERVICE_PASSWORD_FILE"}
    for kind in ("apache-fcgid", "apache-proxy-fcgi", "lighttpd", "spawn-fcgi", "systemd", "container"):
        for path in shipped(f"{kind}/*"):
            if os.path.isfile(path):
                named = set(re.findall(r"\bUSER_API_[A-Z_]*[A-Z]\b", read(path)))
                assert named <= known, path


def test_the_body_limits_are_twice_the_applications():
    example = subprocess.run([binary(), "--print-example"], stdout=subprocess.PIPE, text=True, check=True).stdout
    limit = int(re.search(r"USER_API_BODY_LIMIT=([0-9]+)", example)[1])
    assert f"client_max_body_size {2 * limit // 1024}k;" in read(DEPLOY, "nginx", "user-api.conf")
    assert f"-gt {2 * limit} " in read(DEPLOY, "apache-fcgid", "user-api.conf")
    assert f"LimitRequestBody {2 * limit}\n" in read(DEPLOY, "apache-proxy-fcgi", "user-api.conf")
    assert f"server.max-request-size = {2 * limit // 1024}\n" in read(DEPLOY, "lighttpd", "common.conf")


@pytest.mark.parametrize("path", shipped("spawn-fcgi/*") + shipped("container/health"), ids=os.path.basename)
def test_a_script_is_executable_and_well_formed(path):
    assert os.access(path, os.X_OK)
    subprocess.run(["sh", "-n", path], check=True, timeout=10)


def test_no_image_is_built_from_what_holds_secrets():
    ignored = read(REPOSITORY, ".containerignore").split()
    assert {".git", "deploy/container/secrets"} <= set(ignored)


@pytest.mark.skipif(is_sanitized(), reason="sanitizers are libraries that no package's program needs")
def test_the_image_has_the_libraries_that_the_programs_are_linked_with_and_no_others():
    """Compares package names of this Debian release. The C library is left out, because every system has it."""
    listing = subprocess.check_output(["readelf", "--dynamic", binary(), admin.binary()], text=True)
    files = set(re.findall(r"\(NEEDED\).*\[(.*)\]", listing)) - {"libc.so.6"}
    owners = {
        subprocess.check_output(["dpkg-query", "--search", f"*/{file}"], text=True).partition(":")[0] for file in files
    }
    choices = [line.split(" | ") for line in read(DEPLOY, "container", "libraries").strip().split(", ")]
    assert sorted(owners) == sorted(name for choice in choices for name in choice if name in owners)
    assert [choice for choice in choices if not owners & set(choice)] == []
