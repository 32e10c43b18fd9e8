"""Compares `user-api-admin import` with a bare COPY of the same rows into tables with the same indexes."""

import os
import random
import string
import subprocess
import time

from support import admin

CUSTOMERS = 10
ROLES = ("admin", "reader", "writer")
ALPHABET = "./" + string.ascii_letters + string.digits
USER_COLUMNS = "(id, email, name, hash, salt, active, customer_id, epoch)"


class Files:
    """The same users as JSON lines and in the format of COPY, with hashes in bcrypt's form and one role each."""

    def __init__(self, folder, count):
        self.count = count
        self.json = os.path.join(folder, "users.jsonl")
        self.users = os.path.join(folder, "users.copy")
        self.members = os.path.join(folder, "members.copy")
        chance = random.Random(1)
        with open(self.json, "w", encoding="utf-8") as json_file, open(
            self.users, "w", encoding="utf-8"
        ) as users, open(self.members, "w", encoding="utf-8") as members:
            for number in range(1, count + 1):
                hashed = "$2b$12$" + "".join(chance.choices(ALPHABET, k=53))
                email = f"{chance.choice(string.ascii_lowercase)}.person{number}@example{number % 50}.org"
                name, customer, role = f"Pérson Number {number}", number % CUSTOMERS + 1, number % len(ROLES)
                json_file.write(
                    f'{{"active":true,"customer":{customer},"email":"{email}","epoch":0,"hash":"{hashed}",'
                    f'"id":{number},"name":"{name}","roles":["{ROLES[role]}"],"salt":"{hashed[:29]}"}}\n'
                )
                users.write(f"{number}\t{email}\t{name}\t{hashed}\t{hashed[:29]}\tt\t{customer}\t0\n")
                members.write(f"{number}\t{role + 1}\n")

    def remove(self):
        for path in (self.json, self.users, self.members):
            os.remove(path)


def new_database(postgres):
    name = postgres.create_database()
    postgres.execute(f"INSERT INTO customer SELECT FROM generate_series(1, {CUSTOMERS})", database=name)
    postgres.execute(
        "INSERT INTO role (code, name) SELECT code, code FROM unnest(%s) AS code", (list(ROLES),), database=name
    )
    return name


def import_seconds(postgres, files, *options):
    """(seconds, peak of resident memory in KiB) of the program."""
    name = new_database(postgres)
    argv = [admin.binary(), "import", files.json, "--database-url", postgres.url(name, "postgres"), *options]
    started = time.monotonic()
    process = subprocess.Popen(argv, env=admin.environment(), stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0 and f"imported: {files.count} users" in said, said
    postgres.drop_database(name)
    return seconds, usage.ru_maxrss


def bare_seconds(postgres, files):
    """Seconds to fill tables with our indexes, but without foreign keys, by COPY in one transaction."""
    name = new_database(postgres)
    connection = postgres.connect(name)
    connection.autocommit = False
    with connection.cursor() as cursor:
        for table in ("_user", "user_has_role"):
            cursor.execute(f"CREATE TABLE bare{table} (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS)")
        connection.commit()
        started = time.monotonic()
        with open(files.users, encoding="utf-8") as rows:
            cursor.copy_expert(f"COPY bare_user {USER_COLUMNS} FROM STDIN", rows, size=65536)
        with open(files.members, encoding="utf-8") as rows:
            cursor.copy_expert("COPY bareuser_has_role FROM STDIN", rows, size=65536)
        connection.commit()
        seconds = time.monotonic() - started
    connection.close()
    postgres.drop_database(name)
    return seconds


def measure(postgres, folder, count, rounds):
    """[{"bare": seconds, "import": …, "exclusive": …, "kib": …}], a dictionary for each round."""
    files = Files(folder, count)
    measured = []
    for _ in range(rounds):
        plain, kib = import_seconds(postgres, files)
        bare = bare_seconds(postgres, files)
        exclusive, _ = import_seconds(postgres, files, "--exclusive")
        measured.append({"bare": bare, "import": plain, "exclusive": exclusive, "kib": kib})
    files.remove()
    return measured
