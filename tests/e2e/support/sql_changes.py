"""A migrated database that tests change by plain SQL, and a listener for the notifications of ended sessions."""

import itertools

CHANNEL = "user_api_session"


class Changed:
    """One customer, the roles 1 to 3, and the users that a test inserts. Each statement is a transaction, unless the test
    begins one on its own connection."""

    def __init__(self, server):
        self.server = server
        self.name = server.create_database()
        self.numbers = itertools.count(1)
        self.connections = []
        self.connection = self.connect()
        self.listener = self.connect()
        self.sql("INSERT INTO customer SELECT FROM generate_series(1, 2)")
        self.sql("INSERT INTO role (code, name) SELECT 'role' || n, 'Role' FROM generate_series(1, 3) n")
        with self.listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

    def connect(self, user="postgres"):
        self.connections.append(self.server.connect(self.name, user))
        return self.connections[-1]

    def sql(self, statement, params=None, connection=None):
        with (connection or self.connection).cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def user(self, roles=(), **columns):
        """Inserts a user with these roles in one transaction. Returns the id."""
        number = next(self.numbers)
        columns = {"email": f"u{number}@example.org", "name": "U", "hash": "h", "salt": "s", "customer_id": 1, **columns}
        return self.sql(
            f"WITH made AS (INSERT INTO _user ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
            " RETURNING id), given AS (INSERT INTO user_has_role SELECT id, unnest(%s::integer[]) FROM made)"
            " SELECT id FROM made",
            (*columns.values(), list(roles)),
        )[0][0]

    def users(self, count):
        """Inserts this number of users without roles at once. Returns their ids."""
        first = next(self.numbers) * 1000000
        rows = self.sql(
            "INSERT INTO _user (email, name, hash, salt, customer_id)"
            " SELECT 'many' || n, 'M', 'h', 's', 1 FROM generate_series(%s, %s) n RETURNING id",
            (first, first + count - 1),
        )
        return [row[0] for row in rows]

    def epoch(self, user):
        return self.sql("SELECT epoch FROM _user WHERE id = %s", (user,))[0][0]

    def epochs(self):
        return dict(self.sql("SELECT id, epoch FROM _user"))

    def tombstones(self):
        return dict(self.sql("SELECT id, epoch FROM deleted_user"))

    def heard(self):
        """All payloads since the last call, in order. This sends a message of its own that marks their end."""
        mark = f"mark {next(self.numbers)}"
        self.sql(f"NOTIFY {CHANNEL}, '{mark}'")
        heard = []
        while mark not in heard:
            self.sql("SELECT", connection=self.listener)
            heard += [notice.payload for notice in self.listener.notifies]
            self.listener.notifies.clear()
        assert heard[-1] == mark
        return heard[:-1]

    def drop(self):
        for connection in self.connections:
            connection.close()
        self.server.drop_database(self.name)
