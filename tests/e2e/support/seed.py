"""Inserts two customers and their users by SQL: the first data of each test database."""

import dataclasses
import hashlib
import itertools
import secrets
from typing import Tuple

import psycopg2

from .crypt import bcrypt_setting, crypt

CHEAP_COST = 4
PASSWORD = "correct horse battery"
ROLES = [(1, "admin", "Admin"), (2, "reader", "Reader"), (3, "writer", "Writer")]
# The role of users that Seed.operator creates, with an id that no sequence reaches, and the settings of a site with
# operators.
OPERATOR = (2000000000, "operator", "Operator")
WITH_OPERATORS = {"USER_API_OPERATOR_ROLE": "operator"}


@dataclasses.dataclass(frozen=True)
class User:
    """An inserted row and its password."""

    id: int
    email: str
    name: str
    password: str
    customer_id: int
    active: bool = True
    roles: Tuple[str, ...] = ()

    def plain(self, **changes):
        """The user without roles, as the API writes it."""
        return {
            "active": self.active,
            "customer": {"id": self.customer_id},
            "email": self.email,
            "id": self.id,
            "name": self.name,
            **changes,
        }

    def full(self, **changes):
        """The user with roles."""
        return self.plain(**{"roles": roles(*self.roles), **changes})


def role(code):
    return next({"code": row[1], "id": row[0], "name": row[2]} for row in [*ROLES, OPERATOR] if row[1] == code)


def roles(*codes):
    return sorted((role(code) for code in codes), key=lambda item: item["id"])


def bcrypt(password, cost=CHEAP_COST):
    """(hash, salt) as the service stores them: the salt is the setting string."""
    setting = bcrypt_setting(cost)
    return crypt(password, setting), setting


def pbkdf2(password):
    """(hash, salt) as the Python original stores them."""
    salt = secrets.token_hex(32)
    derived = hashlib.pbkdf2_hmac("sha1", password.encode("latin-1"), salt.encode(), 1000, 16)
    return derived.hex(), salt


class Seed:
    """Inserts through one connection. `reconnect` replaces it after a test has stopped the server.
    Customers are `a` and `b`; `alice` and `bella` are their admins."""

    def __init__(self, connection, cost=CHEAP_COST, reconnect=None):
        self.connection = connection
        self.reconnect = reconnect
        self.cost = cost
        self.numbers = itertools.count(1)
        for row in ROLES:
            self.sql("INSERT INTO role (id, code, name) VALUES (%s, %s, %s)", row)
        self.sql("SELECT setval(pg_get_serial_sequence('role', 'id'), 3)")
        self.a = self.customer()
        self.b = self.customer()
        self.alice = self.user("alice", self.a, roles=("admin",))
        self.bella = self.user("bella", self.b, roles=("admin",))
        self.albert = self.user("albert", self.a)
        self.bob = self.user("bob", self.b)

    def sql(self, statement, params=None):
        try:
            return self.execute(statement, params)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            if self.reconnect is None or not self.connection.closed:
                raise
            self.connection = self.reconnect()
            return self.execute(statement, params)

    def execute(self, statement, params):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def customer(self, quota=None):
        return self.sql("INSERT INTO customer (max_user_quota) VALUES (%s) RETURNING id", (quota,))[0][0]

    def user(
        self, name=None, customer=None, email=None, password=PASSWORD, active=True, roles=(), stored=None
    ):
        """Inserts a user, by default of customer A. `stored` is (hash, salt), if a test needs a certain one."""
        customer = self.a if customer is None else customer
        name = name or f"user{next(self.numbers)}"
        email = email or f"{name}@example.org"
        # One transaction, because granting roles later would end tokens.
        row = self.sql(
            "WITH made AS (INSERT INTO _user (email, name, hash, salt, active, customer_id)"
            " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id), given AS ("
            "INSERT INTO user_has_role SELECT made.id, role.id FROM made, role WHERE code = ANY (%s)"
            ") SELECT id FROM made",
            (email, name, *(stored or bcrypt(password, self.cost)), active, customer, list(roles)),
        )[0]
        return User(row[0], email, name, password, customer, active, tuple(roles))

    def laden_user(self, roles=18):
        """A user whose roles make a token of about 6000 bytes, the longest that every web server forwards."""
        codes = [f"r{next(self.numbers)}-{n}" for n in range(roles)]
        self.sql("INSERT INTO role (code, name) SELECT code, repeat('n', 200) FROM unnest(%s) AS code", (codes,))
        return dataclasses.replace(self.user(roles=codes), roles=())  # a test that creates a token names its own

    def role(self, code, name="A role", assignable=True):
        """Inserts a role. Returns its id."""
        return self.sql(
            "INSERT INTO role (code, name, assignable) VALUES (%s, %s, %s) RETURNING id", (code, name, assignable)
        )[0][0]

    def operator(self, name=None, customer=None, roles=()):
        """Inserts an operator, if the site has the settings WITH_OPERATORS. Creates the role if it is missing."""
        self.sql(
            "INSERT INTO role (id, code, name, assignable) VALUES (%s, %s, %s, false) ON CONFLICT (id) DO NOTHING",
            OPERATOR,
        )
        return self.user(name, customer, roles=("operator", *roles))

    def row(self, user):
        """The user's data in the database: (email, name, active, hash, salt, role codes)."""
        found = self.sql(
            "SELECT email, name, active, hash, salt, ARRAY(SELECT r.code FROM role r JOIN user_has_role h"
            " ON h.role_id = r.id WHERE h.user_id = u.id ORDER BY r.id)::text[] FROM _user u WHERE id = %s",
            (user if isinstance(user, int) else user.id,),
        )
        return found[0] if found else None
