"""Logins for benchmarks: one of them, their rate beside crypt_r alone, and the memory that a pool needs for them."""

import concurrent.futures
import http.client
import json
import os
import re
import subprocess
import time

COST = 12
SECONDS = 4
PATIENCE = 60


def log_in(port, user, address):
    """(status, seconds) of one login through nginx on this machine, which takes the client's address from a header; no
    status where no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    body = json.dumps({"email": user.email, "password": user.password})
    headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
    begin = time.monotonic()
    try:
        connection.request("POST", "/api/users/login", body, headers)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        status = None
    finally:
        connection.close()
    return status, time.monotonic() - begin


def rate(port, users, seconds=SECONDS):
    """Logins a second of these users, each in a loop and from an address of its own. Whole logins only, as
    bcrypt_alone counts hashes."""

    def loop(number):
        count, passed, begin = 0, 0, time.monotonic()
        while passed < seconds:
            # Many addresses, as nginx lets only so many logins of one pass.
            status, _ = log_in(port, users[number], f"10.200.{number}.{count % 250}")
            assert status == 200, f"a login was answered {status}"
            count += 1
            passed = time.monotonic() - begin
        return count / passed

    with concurrent.futures.ThreadPoolExecutor(len(users)) as threads:
        return sum(threads.map(loop, range(len(users))))


def rates(programs, port, users):
    """Hashes a second of crypt_r alone on all CPUs, then logins a second of as many users at a time. More would be told
    to come back by versions without a queue."""
    cpus = os.cpu_count()
    alone = [os.path.join(programs, "bcrypt_alone"), str(cpus), str(SECONDS), str(COST)]
    return {
        "bcrypt": float(subprocess.run(alone, check=True, stdout=subprocess.PIPE, timeout=60).stdout),
        "login": rate(port, users[:cpus]),
    }


def private_kib(pid):
    """What a process shares with no other one. Only root can ask."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return sum(int(size) for size in re.findall(r"(?m)^Private_(?:Clean|Dirty): +(\d+) kB", rollup.read()))
