"""Requests during a transaction that has locked the rows that they need."""

import concurrent.futures
import contextlib

from .postgres import SERVICE_ACCOUNT
from .processes import wait_until


class Transaction:
    """A transaction that has begun and not ended. Requests wait for its locks."""

    def __init__(self, connection):
        self.connection = connection
        connection.autocommit = False

    def sql(self, statement, params=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def commit(self):
        self.connection.commit()


@contextlib.contextmanager
def transaction(site):
    """A transaction of the tables' owner; rolled back unless it is committed."""
    connection = site.postgres.connect(site.database)
    try:
        yield Transaction(connection)
    finally:
        connection.close()


def waiting(site):
    """The number of the pool's sessions that wait for a lock."""
    return site.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s AND wait_event_type = 'Lock'",
        (site.database, SERVICE_ACCOUNT),
    )[0][0]


@contextlib.contextmanager
def beside(site, *requests):
    """Sends requests (functions without arguments) that must wait, one after the other. Returns futures of their answers."""
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as pool:
        answers = []
        for number, request in enumerate(requests, 1):
            answers.append(pool.submit(request))
            wait_until(lambda: waiting(site) == number, 10, f"{number} request(s) wait for a lock")  # noqa: B023
        yield answers


def at_once(*requests):
    """Sends all of them together. Returns their answers."""
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as pool:
        return [future.result() for future in [pool.submit(request) for request in requests]]
