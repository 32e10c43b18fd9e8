"""All ways to end sessions: the API of one of several machines, SQL, the command line.

Each change ends one session of a user with no other role in the trial. If the answer does not show whether the change
happened, the outcome is UNCLEAR."""

import contextlib
import json
import subprocess

import psycopg2

from . import admin, fastcgi
from .checker import now
from .seed import CHEAP_COST

DONE, UNCLEAR = "done", "unclear"
NEW_PASSWORD = "another battery staple"


class Odd(Exception):
    """An answer that is neither a success nor an outage."""


def send(address, method, path, token, document=None):
    """The outcome of one request."""
    body = b"" if document is None else json.dumps(document).encode()
    more = {"CONTENT_TYPE": "application/json"} if body else {}
    parameters = fastcgi.environ(method, path, body, HTTP_AUTHORIZATION=f"Bearer {token}", **more)
    try:
        answer = fastcgi.request(address, parameters, body, timeout=20)
    except OSError:
        return UNCLEAR
    if answer is None or answer[0] == 503:
        return UNCLEAR
    if answer[0] not in (200, 204):
        raise Odd(f"{method} {path}: {answer[0]} {answer[2].decode()}")
    return DONE


def put(trial, address, victim, **changes):
    document = {"email": victim.email, "name": victim.name, "active": True, **changes}
    return send(address, "PUT", f"/api/users/{victim.id}", trial.admin, document)


# The arguments of each: the trial, the address of a machine, and the victim.
API = {
    "logout": lambda trial, address, victim: send(address, "POST", "/api/users/logout", victim.token),
    "PUT password": lambda trial, address, victim: put(trial, address, victim, password=NEW_PASSWORD),
    "PUT email": lambda trial, address, victim: put(trial, address, victim, email=f"new-{victim.email}"),
    "PUT active": lambda trial, address, victim: put(trial, address, victim, active=False),
    "PUT roles": lambda trial, address, victim: put(trial, address, victim, roles=[]),
    "DELETE": lambda trial, address, victim: send(address, "DELETE", f"/api/users/{victim.id}", trial.admin),
    "logout of all": lambda trial, address, victim: send(
        address, "POST", f"/api/users/{victim.id}/logout", trial.admin
    ),
    "reset-password": lambda trial, address, victim: send(
        address, "POST", "/api/users/reset-password", trial.admin, {"email": victim.email, "password": NEW_PASSWORD}
    ),
}

# Statements with the id of the victim, and the digest of the token.
SQL = {
    "SQL active": "UPDATE _user SET active = false WHERE id = %(id)s",
    "SQL password": "UPDATE _user SET hash = '*', salt = '*' WHERE id = %(id)s",
    "SQL email": "UPDATE _user SET email = 'new-' || email WHERE id = %(id)s",
    "SQL roles": "DELETE FROM user_has_role WHERE user_id = %(id)s",
    "SQL token": "INSERT INTO revoked_token VALUES (%(digest)s, %(id)s, now() + interval '15 days')",
    "SQL customer": "UPDATE _user SET customer_id = %(other)s WHERE id = %(id)s",
    "SQL delete": "DELETE FROM user_has_role WHERE user_id = %(id)s; DELETE FROM _user WHERE id = %(id)s",
}

# Arguments of user-api-admin, with {email} and {id} of the victim; `token revoke` gets the token.
COMMANDS = {
    "admin deactivate": ("user", "deactivate", "{email}"),
    "admin set-password": ("user", "set-password", "--password", NEW_PASSWORD, "{email}"),
    "admin update": ("user", "update", "--email", "new-{email}", "{email}"),
    "admin revoke": ("user", "revoke", "{email}", "reader"),
    "admin delete": ("user", "delete", "--yes", "{email}"),
    "admin token": ("token", "revoke"),
}


class Sql:
    """A connection that stays open; after it has ended, a new one is opened."""

    def __init__(self, trial):
        self.trial = trial
        self.connection = None

    def open(self):
        self.connection = self.connection or self.trial.connect()

    def change(self, kind, victim):
        try:
            self.open()
            with self.connection.cursor() as cursor:
                cursor.execute(SQL[kind], {
                    "id": victim.id, "digest": victim.digest, "other": self.trial.site.seed.b})
            return DONE
        except (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.ReadOnlySqlTransaction):
            self.close()
            return UNCLEAR

    def close(self):
        if self.connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self.connection.close()
        self.connection = None


def command(trial, kind, victim):
    """The outcome of a run of user-api-admin."""
    words = [word.format(email=victim.email, id=victim.id) for word in COMMANDS[kind]]
    result = subprocess.run(
        [admin.binary(), *words],
        env=admin.environment(
            USER_API_DATABASE_URL=trial.operator_url(),
            USER_API_JWT_SECRET=trial.site.secret,
            USER_API_BCRYPT_COST=str(CHEAP_COST),
        ),
        input=victim.token if kind == "admin token" else "",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return DONE if result.returncode == 0 else UNCLEAR


class Change:
    """The end of one session: how, at which machine (None: none), when it began, and when it was known to be committed."""

    def __init__(self, victim, kind, machine):
        self.victim, self.kind, self.machine = victim, kind, machine
        self.began = now()
        self.known = None
        self.outcome = UNCLEAR

    def end(self, outcome):
        self.known = now()
        self.outcome = outcome
