"""Runs `user-api-admin import-mysql`, and reads the result."""

from . import admin, mariadb

PROGRAM_SECONDS = 300


def run(source, target, *arguments, code=0, **variables):
    variables = {"USER_API_MYSQL_URL": source.url, "USER_API_DATABASE_URL": target.url, **variables}
    result = admin.run("import-mysql", *arguments, check=False, timeout=PROGRAM_SECONDS, **variables)
    assert result.returncode == code, result.stdout + result.stderr
    assert mariadb.PASSWORD not in result.stdout + result.stderr
    return result


def state(target):
    """The whole state of the database: rows, tables, rights, sequences, schemas."""
    schemas = target.sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1")
    return target.rows(), target.schema(), target.next_ids(), schemas


def summary(said):
    """The numbers of each table: source, staged, imported, present, repeated."""
    rows = [line.split() for line in said.splitlines()]
    names = ("customer", "_user", "role", "user_has_role")
    return {row[0]: [None if cell == "-" else int(cell) for cell in row[1:]] for row in rows if row and row[0] in names}


def people(target):
    return [row[:5] for row in target.rows()["_user"]]
