"""A complete site: a seeded database, the pool on it, and a web server in front."""

import os
import secrets
import time

import jwt

from . import behind
from .client import Client, token_of
from .openapi import moved_by
from .postgres import SERVICE_ACCOUNT
from .seed import CHEAP_COST, Seed

LIFETIME = 1296000


def sessions(site):
    """The pids of the database sessions of the pool's workers."""
    own = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = %s AND application_name = 'user-api'"
    return [row[0] for row in site.sql(own, (site.database, SERVICE_ACCOUNT))]


def end_sessions(site):
    """Ends these sessions. Returns their number."""
    pids = sessions(site)
    site.sql("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", (pids,))
    return len(pids)


class Site:
    """`settings` add to the pool's or replace them; `seed` has the customers and users. `nginx` is the web server, which is
    another one if USER_API_BEHIND or `kind` names it (support/behind)."""

    def __init__(self, postgres, folder, settings=None, workers=3, cost=CHEAP_COST, kind=None, tls=False):
        self.postgres = postgres
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.secret = secrets.token_urlsafe(48)
        self.database = postgres.create_database()
        connect = lambda: postgres.connect(self.database)  # noqa: E731
        self.seed = Seed(connect(), cost, connect)
        new_front, new_pool = behind.KINDS[kind or behind.chosen()]
        self.pool = new_pool(
            self.folder,
            {
                "USER_API_DATABASE_URL": postgres.url(self.database),
                "USER_API_JWT_SECRET": self.secret,
                "USER_API_BCRYPT_COST": cost,
                **(settings or {}),
            },
            workers=workers,
        )
        self.nginx = new_front(os.path.join(self.folder, "nginx"), self.pool, tls)
        self.client = Client(self.nginx.url, moved=moved_by(settings or {}))

    def start(self):
        self.pool.start()
        self.nginx.start()
        return self

    def stop(self):
        """Fails if the pool does not end correctly, or has written anything except its log, such as a sanitizer's
        report."""
        self.nginx.stop()
        try:
            if self.pool.process.running():
                code = self.pool.terminate()
                assert code == 0, f"user-api ended with {code}:\n{self.pool.log_text()[-5000:]}"
            self.pool.log_lines()
        finally:
            self.release()

    def release(self):
        self.pool.stop()
        self.seed.connection.close()
        self.postgres.drop_database(self.database)

    def sql(self, statement, params=None):
        return self.seed.sql(statement, params)

    def token(self, user):
        """A token by a real login."""
        answer = self.client.login(user.email, user.password)
        assert answer.status_code == 200, answer.text
        return token_of(answer)

    def login(self, user):
        """A client that sends such a token as a bearer token."""
        return self.client.bearer(self.token(user))

    def claims(self, user, **changes):
        """The claims that the Python original puts into a token; None removes one."""
        claims = {**user.full(), "exp": int(time.time()) + LIFETIME, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def mint(self, user, secret=None, algorithm="HS256", **changes):
        """A token as the Python original creates it."""
        return jwt.encode(self.claims(user, **changes), secret or self.secret, algorithm=algorithm)
