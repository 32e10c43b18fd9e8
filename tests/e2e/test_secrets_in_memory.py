"""The secrets of a request are no longer in the worker's memory after the answer."""

import fcntl
import json
import os
import re
import secrets
import struct
import termios

import pytest
from support import fastcgi
from support.pool import can_look_inside
from support.processes import wait_until

pytestmark = pytest.mark.skipif(not can_look_inside(), reason="only root can read the memory of a pool")

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT_OR_SWAPPED = 0b11 << 62
# AddressSanitizer's shadow memory is larger, and contains nothing of a request.
LARGEST_MAPPING = 1 << 30


def resident_pages(pid, start, end):
    """The pages in this range that exist. Reading the others would only create pages of zeros."""
    with open(f"/proc/{pid}/pagemap", "rb") as file:
        file.seek(start // PAGE * 8)
        entries = file.read((end - start) // PAGE * 8)
    return [
        start + index * PAGE
        for index, (entry,) in enumerate(struct.iter_unpack("Q", entries))
        if entry & PRESENT_OR_SWAPPED
    ]


def memory(pid):
    """The contents of all writable memory of a process, mapping by mapping."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        ranges = re.findall(r"(?m)^([0-9a-f]+)-([0-9a-f]+) rw", file.read())
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for start, end in ((int(start, 16), int(end, 16)) for start, end in ranges):
            if end - start > LARGEST_MAPPING:
                continue
            found = []
            for page in resident_pages(pid, start, end):
                file.seek(page)
                found.append(file.read(PAGE))
            yield b"".join(found)


def is_gone(pid, *values):
    return not any(value.encode() in part for part in memory(pid) for value in values)


def login(site, password, **more):
    body = json.dumps({"email": site.seed.alice.email, "password": password}).encode()
    return site.pool.request("POST", "/api/users/login", body, CONTENT_TYPE="application/json", **more)


@pytest.fixture(name="one_worker")
def make_one_worker(make_site):
    site = make_site(workers=1)
    (pid,) = site.pool.pids()
    return site, pid


@pytest.mark.parametrize("filling", [0, 20000], ids=["short", "longer_than_libfcgis_buffer"])
def test_password_token_and_cookie_of_a_request_are_gone_once_it_is_answered(one_worker, filling):
    site, pid = one_worker
    password, token, cookie = (secrets.token_hex(16) for _ in range(3))
    answer = login(
        site,
        password,
        HTTP_AUTHORIZATION=f"Bearer {token}",
        HTTP_COOKIE=f"user-api-credentials={cookie}",
        HTTP_X_FILLING="x" * filling,
    )
    assert answer[0] == 401
    wait_until(lambda: is_gone(pid, password, token, cookie), 10, "the worker has forgotten the secrets")


def test_the_cookie_of_an_answer_is_gone_once_it_is_sent(one_worker):
    site, pid = one_worker
    answer = login(site, site.seed.alice.password)
    assert answer[0] == 200
    cookie = answer[1]["set-cookie"].split(";")[0].partition("=")[2]
    assert len(cookie) > 200
    wait_until(lambda: is_gone(pid, cookie), 10, "the worker has forgotten the cookie")


# Functions of the sanitizer's library are bound at their first call. Then the dynamic linker saves the vector registers
# on the stack, and these may hold a part of the data that was copied last.
@pytest.mark.unsanitized
def test_a_password_is_gone_from_the_hasher_once_it_is_hashed(one_worker):
    site, _ = one_worker
    wrong, right = secrets.token_hex(16), site.seed.alice.password
    assert login(site, wrong)[0] == 401
    assert login(site, right)[0] == 200
    wait_until(lambda: is_gone(site.pool.hasher(), wrong, right), 10, "the hasher has forgotten the passwords")


def unread(peer):
    """The number of sent bytes that the other side has not read."""
    return struct.unpack("i", fcntl.ioctl(peer, termios.TIOCOUTQ, bytes(4)))[0]


def test_a_password_that_arrives_behind_the_answer_is_gone_as_well(one_worker):
    site, pid = one_worker
    password = secrets.token_hex(16)
    announced = {"CONTENT_LENGTH": str(10**9), "CONTENT_TYPE": "application/json"}
    parameters = fastcgi.environ("POST", "/api/users/login", **announced)
    with fastcgi.connect(site.pool.address) as peer:
        peer.sendall(fastcgi.begin() + fastcgi.params(parameters))
        assert fastcgi.parse_response(fastcgi.read_all(peer))[0] == 413
        peer.sendall(fastcgi.stdin(password.encode()))
        wait_until(lambda: unread(peer) == 0, 10, "the worker has read the password")
        wait_until(lambda: is_gone(pid, password), 10, "the worker has forgotten the password")


def test_a_secret_that_is_kept_is_found(one_worker):
    """Checks the search itself: the secret that signs tokens stays in memory on purpose."""
    site, pid = one_worker
    assert not is_gone(pid, site.secret)
