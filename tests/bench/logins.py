"""Logins for benchmarks: one login, their rate compared with crypt_r alone, and the memory that a pool needs for them."""

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
    """(status, seconds) of one login through nginx on this machine, which reads the client's address from a header.
    There is no status without an answer."""
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
    """Logins a second of these users, each in a loop and from its own address. Only complete logins count, like the hashes
    of bcrypt_alone."""

    def loop(number):
        count, passed, begin = 0, 0, time.monotonic()
        while passed < seconds:
            # Many addresses, because nginx limits the logins of one address.
            status, _ = log_in(port, users[number], f"10.200.{number}.{count % 250}")
            assert status == 200, f"a login was answered {status}"
            count += 1
            passed = time.monotonic() - begin
        return count / passed

    with concurrent.futures.ThreadPoolExecutor(len(users)) as threads:
        return sum(threads.map(loop, range(len(users))))


def rates(programs, port, users):
    """Hashes a second of crypt_r alone on all CPUs, then logins a second of the same number of users at a
    time. Versions without a queue would refuse more of them."""
    cpus = os.cpu_count()
    alone = [os.path.join(programs, "bcrypt_alone"), str(cpus), str(SECONDS), str(COST)]
    return {
        "bcrypt": float(subprocess.run(alone, check=True, stdout=subprocess.PIPE, timeout=60).stdout),
        "login": rate(port, users[:cpus]),
    }


def private_kib(pid):
    """The private memory of a process. Only root can read it."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return sum(int(size) for size in re.findall(r"(?m)^Private_(?:Clean|Dirty): +(\d+) kB", rollup.read()))
