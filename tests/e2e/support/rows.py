"""Files of users for `user-api-admin import`, and a database to import them into."""

import csv
import io
import json
import os

from . import seed
from .original import ours

FIELDS = ("id", "email", "name", "active", "customer", "roles", "epoch", "hash", "salt")
CUSTOMERS = 3
STRANGE = [
    'quotes " and "" more',
    "commas, and; semicolons",
    "back\\slash \\n \\N \\.",
    "Größe 山田 🙂 e\u0301",
    "=1+1",
    "'); DROP TABLE _user; --",
    "x" * 255,
    "é" * 255,
    "\\N",
    "null",
]

# A name that is no longer allowed, but that older users may have.
OLD = ["two\nlines\r\nand three", " blanks around ", "\ttab\x01\x7f", ""]


class Target:
    """A database of this project with three customers and the roles of seed.ROLES, but without users."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        self.database = ours(server)
        self.url = self.database.url
        self.sql("INSERT INTO customer (max_user_quota) SELECT NULL FROM generate_series(1, %s)", (CUSTOMERS,))
        for row in seed.ROLES:
            self.sql("INSERT INTO role (id, code, name) VALUES (%s, %s, %s)", row)
        self.sql("SELECT setval('role_id_seq', max(id)) FROM role")

    def sql(self, statement, params=None):
        return self.database.sql(statement, params)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, content, name="import.jsonl"):
        """Writes a file with this content: bytes, a text, or users. Returns its path."""
        if isinstance(content, list):
            content = as_csv(content) if name.endswith(".csv") else as_jsonl(content)
        data = content if isinstance(content, bytes) else content.encode()
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def run(self, command, *arguments, code=0, **variables):
        result = self.database.run(command, *arguments, **variables)
        assert result.returncode == code, f"{result.returncode}\n{result.stdout}{result.stderr}"
        return result

    def load(self, content, *arguments, name="import.jsonl", code=0, **variables):
        """Imports a file with this content."""
        return self.run("import", self.write(content, name), *arguments, code=code, **variables)

    def summary(self, content, *arguments, **options):
        return json.loads(self.load(content, "--json", *arguments, **options).stdout)

    def complaints(self, content, *arguments, name="import.jsonl", code=1):
        """[(line, field, reason)] of an import with bad rows."""
        report = self.path("report.csv")
        self.load(content, "--report", report, *arguments, name=name, code=code)
        with open(report, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert header == ["line", "field", "reason"]
        return [(int(line), field, reason) for line, field, reason in rows]

    def users(self):
        """All stored data of the users by id, with the codes of their roles."""
        return self.sql(
            "SELECT id, email, name, active, customer_id, ARRAY(SELECT r.code FROM role r JOIN user_has_role h"
            " ON h.role_id = r.id WHERE h.user_id = u.id ORDER BY r.id)::text[], epoch, hash, salt"
            " FROM _user u ORDER BY id"
        )

    def emails(self):
        return [row[1] for row in self.users()]

    def state(self):
        """Users, the schema, and the next ids."""
        return self.users(), self.database.schema(), self.database.next_ids()

    def drop(self):
        self.database.drop()


def user(number, **changes):
    """A user as a document; None removes a field."""
    document = {
        "id": number,
        "email": f"user{number}@example.org",
        "name": f"User {number}",
        "active": number % 5 != 0,
        "customer": number % CUSTOMERS + 1,
        "roles": [row[1] for row in seed.ROLES if number % (row[0] + 1) == 0],
        "epoch": number % 4,
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def row_of(document):
    """The document in the form of Target.users. The salt of bcrypt is the beginning of its hash, because the given salt
    may have unused bits."""
    hashed = document.get("hash", "*")
    salt = hashed[:29] if hashed.startswith("$2") else document.get("salt", "*")
    return (*(document[name] for name in FIELDS[:7]), hashed, salt)


def as_jsonl(documents):
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)


def as_csv(documents, columns=None):
    columns = columns or [name for name in FIELDS if any(name in each for each in documents)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for each in documents:
        writer.writerow({**each, "roles": ";".join(each.get("roles", []))} if "roles" in columns else each)
    return text.getvalue()


def with_hashes(count):
    """Users with all kinds of hashes."""
    made = []
    for number in range(1, count + 1):
        hashed, salt = [seed.bcrypt, seed.pbkdf2, lambda _: ("*", "*")][number % 3](f"password {number}")
        made.append(user(number, hash=hashed, salt=salt))
    return made
