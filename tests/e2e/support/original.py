"""A database as the Python original creates and fills it on PostgreSQL: SQLAlchemy's create_all, its hashes."""

import dataclasses

import psycopg2.extras

from . import admin, seed

CUSTOMERS = 7
ROLES = [(1, "admin", "Admin"), (2, "reader", "Leser"), (3, "writer", "Schreiber")]
TABLES = ("customer", "_user", "role", "user_has_role")

SCHEMA = """
CREATE TABLE customer (id SERIAL NOT NULL, max_user_quota INTEGER, PRIMARY KEY (id));
CREATE TABLE role (id SERIAL NOT NULL, code VARCHAR(255), name VARCHAR(255), PRIMARY KEY (id), UNIQUE (code));
CREATE TABLE schema_spec (id SERIAL NOT NULL, version {version}, PRIMARY KEY (id));
CREATE TABLE _user (id SERIAL NOT NULL, email VARCHAR(255), name VARCHAR(255), hash VARCHAR(255),
  salt VARCHAR(255), active BOOLEAN, customer_id INTEGER, PRIMARY KEY (id), UNIQUE (email),
  FOREIGN KEY(customer_id) REFERENCES customer (id));
CREATE TABLE user_has_role (user_id INTEGER, role_id INTEGER{key},
  FOREIGN KEY(user_id) REFERENCES _user (id), FOREIGN KEY(role_id) REFERENCES role (id));
"""

INSERT_USER = (
    "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES (%s, %s, %s, %s, %s, %s)"
    " RETURNING _user.id"
)


@dataclasses.dataclass(frozen=True)
class Person:
    id: int
    email: str
    name: str
    password: str
    active: bool
    customer_id: int
    roles: tuple


def person(number):
    """Person `number`, who is the same in every database. Passwords are in Latin-1, and one person in ten is inactive."""
    return Person(
        id=number,
        email=f"Person{number}@Example.org",
        name=f"Jürgen Größe {number}" if number % 2 else f"山田 {number}",
        password=f"pässwörd {number}",
        active=number % 10 != 0,
        customer_id=number % CUSTOMERS + 1,
        roles=tuple(row[1] for row in ROLES if number % (row[0] + 1) == 0),
    )


def fill(cursor, users):
    for number in range(CUSTOMERS):
        cursor.execute("INSERT INTO customer (max_user_quota) VALUES (%s)", (None if number % 2 else 100000,))
    for _, code, name in ROLES:
        cursor.execute("INSERT INTO role (code, name) VALUES (%s, %s)", (code, name))
    rows, members = [], []
    for each in map(person, range(1, users + 1)):
        stored = seed.pbkdf2(each.password)
        rows.append((each.email, each.name, *stored, each.active, each.customer_id))
        members += [(each.id, row[0]) for row in ROLES if row[1] in each.roles]
    sql = "INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES %s"
    psycopg2.extras.execute_values(cursor, sql, rows, page_size=500)
    psycopg2.extras.execute_values(cursor, "INSERT INTO user_has_role (user_id, role_id) VALUES %s", members)


# For each of them, doctor and adopt try whether the password is empty, which takes almost a millisecond.
USERS = 50


class Original:
    """One such database with this number of users, a copy of a template. `layout` is "keyed" or "bare": user_has_role
    with or without a primary key."""

    def __init__(self, server, users=USERS, layout="bare"):
        self.server = server
        self.name = f"original_{next(server.names)}"
        server.migrated_template()  # makes the service account
        server.copy_database(self.template(server, users, layout), self.name)
        self.url = server.url(self.name, "postgres")

    @staticmethod
    def template(server, users, layout):
        name = f"original_template_{layout}_{users}"
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)):
            server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            key = ", PRIMARY KEY (user_id, role_id)" if layout == "keyed" else ""
            connection = server.connect(name)
            with connection.cursor() as cursor:
                cursor.execute(SCHEMA.format(key=key, version="INTEGER" if key else "VARCHAR(255)"))
                fill(cursor, users)
            connection.close()
        return name

    def sql(self, statement, params=None):
        return self.server.execute(statement, params, database=self.name)

    def run(self, command, *arguments, check=False, **variables):
        return admin.run(command, *arguments, "--database-url", self.url, check=check, **variables)

    def rows(self):
        """All rows in the columns of the original."""
        return {
            "customer": self.sql("SELECT id, max_user_quota FROM customer ORDER BY id"),
            "_user": self.sql("SELECT id, email, name, hash, salt, active, customer_id FROM _user ORDER BY id"),
            "role": self.sql("SELECT id, code, name FROM role ORDER BY id"),
            "user_has_role": self.sql("SELECT user_id, role_id FROM user_has_role ORDER BY 1, 2"),
        }

    def schema(self):
        """Columns, constraints, indexes, sequences and rights of the public schema, sorted."""
        questions = {
            "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
            " column_default, is_identity, identity_generation FROM information_schema.columns"
            " WHERE table_schema = 'public'",
            "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
            "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "sequences": "SELECT sequencename, data_type::text, increment_by FROM pg_sequences",
            "functions": "SELECT oid::regprocedure::text, md5(prosrc), proconfig, proacl::text FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace",
            "rights": "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'public' AND grantee <> 'postgres'",
        }
        return {name: sorted(map(repr, self.sql(sql))) for name, sql in questions.items()}

    def next_ids(self):
        """The next ids, except that of events: a sequence keeps ids that it gave to a change which was rolled back."""
        sql = "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename <> 'event_id_seq' ORDER BY 1"
        return dict(self.sql(sql))

    def insert(self, email, password, customer=1):
        """Inserts a user by the statement that SQLAlchemy sends."""
        return self.sql(INSERT_USER, (email, email, *seed.pbkdf2(password), True, customer))[0][0]

    def drop(self):
        self.server.drop_database(self.name)


def ours(server):
    """An empty database of this project, with the same methods."""
    made = object.__new__(Original)
    made.server = server
    made.name = server.create_database()
    made.url = server.url(made.name, "postgres")
    return made


