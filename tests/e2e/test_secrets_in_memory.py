"""What a request carried in secret is gone from the worker's memory once it is answered."""

import json
import os
import re
import secrets
import struct

import pytest
from support.pool import can_look_inside
from support.processes import wait_until

pytestmark = pytest.mark.skipif(not can_look_inside(), reason="only root can read the memory of a pool")

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT_OR_SWAPPED = 0b11 << 62
# AddressSanitizer's shadow is larger and holds nothing of a request.
LARGEST_MAPPING = 1 << 30


def resident_pages(pid, start, end):
    """Which of these pages exist; reading the others would only make zeros."""
    with open(f"/proc/{pid}/pagemap", "rb") as file:
        file.seek(start // PAGE * 8)
        entries = file.read((end - start) // PAGE * 8)
    return [
        start + index * PAGE
        for index, (entry,) in enumerate(struct.iter_unpack("Q", entries))
        if entry & PRESENT_OR_SWAPPED
    ]


def memory(pid):
    """All that a process can write to, mapping by mapping."""
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


def test_a_secret_that_is_kept_is_found(one_worker):
    """The search itself: the secret that signs tokens stays in memory on purpose."""
    site, pid = one_worker
    assert not is_gone(pid, site.secret)
