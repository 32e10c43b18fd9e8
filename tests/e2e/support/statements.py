"""The table of SQL (src/store/statements.c), as the service prepares it."""

import json
import os
import subprocess

from .pool import binary
from .processes import REPOSITORY

TOOLS = os.path.join(os.path.dirname(binary()), "tests", "tools")
PRINT = os.path.join(TOOLS, "print_statements")
STATEMENTS = (
    json.loads(subprocess.run([PRINT], check=True, stdout=subprocess.PIPE).stdout) if os.path.exists(PRINT) else []
)


def sql_of(name):
    return next(each["sql"] for each in STATEMENTS if each["name"] == name)


def rule_of(name):
    """The rule of src/store/<name>.sql that statements refer to."""
    command = [os.path.join(REPOSITORY, "scripts", "embed-sql"), "print", f"src/store/{name}.sql"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=REPOSITORY).stdout.decode()
    return printed.rstrip().rstrip(";")


def trigrams_of(patterns):
    """For each pattern (or None), the trigrams that a search sends to the database with it."""
    text = "".join(f"{pattern}\n" for pattern in patterns if pattern is not None).encode()
    command = [os.path.join(TOOLS, "print_trigrams")]
    printed = subprocess.run(command, input=text, check=True, stdout=subprocess.PIPE).stdout.decode()
    arrays = iter(printed.split("\n")[:-1])
    return [None if pattern is None else next(arrays) for pattern in patterns]


def prepare(cursor, name, sql=None):
    """Prepares the statement of that name, or `sql` under that name."""
    cursor.execute(f"PREPARE {name} AS {sql or sql_of(name)}")


def execute(cursor, name, arguments):
    """The rows that the prepared statement returns."""
    cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(arguments))})", arguments)
    return cursor.fetchall()
