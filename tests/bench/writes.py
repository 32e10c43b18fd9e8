"""Rates of writing users by SQL. Registrations would not show the cost of indexes, because bcrypt takes most of their time."""

import os
import re
import subprocess

from people import DOMAINS, FIRST_NAMES, LAST_NAMES
from support import admin
from support.postgres import program

CONNECTIONS = 4
# The migration that made the indexes for searches and lists.
SEARCHES = "20261127000001"


def words(values):
    return "(ARRAY[" + ", ".join(f"'{value}'" for value in values) + "])"


PERSON = f"""\\set first random_exponential(1, {len(FIRST_NAMES)}, 2)
\\set last random_exponential(1, {len(LAST_NAMES)}, 2)
\\set domain random_exponential(1, {len(DOMAINS)}, 2)
"""
# These statements may use `number`.
FIRST, LAST = f"{words(FIRST_NAMES)}[:first]", f"{words(LAST_NAMES)}[:last]"
NAME = f"{FIRST} || ' ' || {LAST}"
EMAIL = f"lower({FIRST} || '.' || {LAST}) || number || '@' || {words(DOMAINS)}[:domain]"

SCRIPTS = {
    "insert a user with a role": PERSON
    + f"""\\set customer random(1, :customers)
WITH made AS (
    INSERT INTO _user (id, email, name, hash, salt, active, customer_id)
    SELECT number, {EMAIL}, {NAME}, repeat('h', 60), repeat('s', 29), true, :customer
    FROM nextval(pg_get_serial_sequence('_user', 'id')) AS number
    RETURNING id
)
INSERT INTO user_has_role (user_id, role_id) SELECT id, 2 FROM made;
""",
    "update a user's name and email": PERSON
    + f"""\\set number random(11, :users)
UPDATE _user SET name = {NAME}, email = {EMAIL}
FROM (SELECT CAST(:number AS integer)) AS chosen (number)
WHERE id = number;
""",
}


def copy_before(postgres, database):
    """A copy of the database as it was before that migration. No session may be connected to the original."""
    name = f"{database}_before"
    postgres.copy_database(database, name)
    latest = "SELECT max(version) FROM schema_migrations"
    while postgres.execute(latest, database=name)[0][0] >= SEARCHES:
        admin.run("migrate", "down", "--database-url", postgres.url(name, "postgres"))
    postgres.execute("VACUUM (ANALYZE)", database=name)
    return name


def rate(postgres, database, script, seconds, variables):
    """Transactions a second. None may fail."""
    argv = [program("pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-T", str(seconds), "-f", script]
    argv += [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    argv += ["-h", postgres.folder, "-p", str(postgres.port), "-U", "postgres", database]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "aborted" not in done.stdout, done.stdout
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def measure(postgres, folder, databases, options, variables):
    """[{title: (rate now, rate before)}] of these two databases, a dictionary for each round. In every other round,
    the other database is first."""
    now, before = databases
    paths = {}
    for number, (title, text) in enumerate(SCRIPTS.items()):
        if options.only is None or options.only in title:
            paths[title] = os.path.join(folder, f"write{number}.sql")
            with open(paths[title], "w", encoding="utf-8") as file:
                file.write(text)
    rounds = []
    for number in range(options.rounds):
        order = (now, before) if number % 2 == 0 else (before, now)
        rounds.append({})
        for title, path in paths.items():
            rates = {each: rate(postgres, each, path, 3 * options.seconds, variables) for each in order}
            rounds[-1][title] = (rates[now], rates[before])
    return rounds
