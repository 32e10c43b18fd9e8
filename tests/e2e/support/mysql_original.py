"""Databases as the Python original creates and fills them on MySQL, by create_all or by the older script."""

from . import original, seed

CREATE_ALL = """
CREATE TABLE customer (id INTEGER NOT NULL AUTO_INCREMENT, max_user_quota INTEGER, PRIMARY KEY (id));
CREATE TABLE role (id INTEGER NOT NULL AUTO_INCREMENT, code VARCHAR(255), name VARCHAR(255), PRIMARY KEY (id),
  UNIQUE (code));
CREATE TABLE schema_spec (id INTEGER NOT NULL AUTO_INCREMENT, version VARCHAR(255), PRIMARY KEY (id));
CREATE TABLE _user (id INTEGER NOT NULL AUTO_INCREMENT, email VARCHAR(255), name VARCHAR(255), hash VARCHAR(255),
  salt VARCHAR(255), active BOOL, customer_id INTEGER, PRIMARY KEY (id), UNIQUE (email), CHECK (active IN (0, 1)),
  FOREIGN KEY(customer_id) REFERENCES customer (id));
CREATE TABLE user_has_role (user_id INTEGER, role_id INTEGER, FOREIGN KEY(user_id) REFERENCES _user (id),
  FOREIGN KEY(role_id) REFERENCES role (id));
"""
USERS_ALONE = """
CREATE TABLE `user` (id INT NOT NULL AUTO_INCREMENT, email VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL,
  hash VARCHAR(255) NOT NULL, salt VARCHAR(255) NOT NULL, PRIMARY KEY (id), UNIQUE INDEX email_UNIQUE (email ASC))
  ENGINE = InnoDB;
"""
WORKBENCH = (
    USERS_ALONE
    + """
ALTER TABLE `user` ADD active TINYINT NOT NULL DEFAULT 1;
CREATE TABLE `group` (id INT NOT NULL AUTO_INCREMENT, code VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL,
  PRIMARY KEY (id), UNIQUE INDEX code_UNIQUE (code ASC)) ENGINE = InnoDB;
CREATE TABLE user_in_group (id INT NOT NULL AUTO_INCREMENT, user_id INT NOT NULL, group_id INT NOT NULL,
  PRIMARY KEY (id), INDEX fk_user_idx (user_id ASC), FOREIGN KEY (user_id) REFERENCES `user` (id),
  FOREIGN KEY (group_id) REFERENCES `group` (id)) ENGINE = InnoDB;
"""
)
LAYOUTS = {"create_all": (CREATE_ALL, "utf8mb4"), "workbench": (WORKBENCH, "latin1"), "users": (USERS_ALONE, "latin1")}
NAMES = {
    "create_all": ("_user", "role", "user_has_role", "role_id"),
    "workbench": ("user", "group", "user_in_group", "group_id"),
    "users": ("user", None, None, None),
}


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int)):
        return str(int(value))
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def insert(table, rows):
    values = ",\n".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
    return f"INSERT INTO `{table}` VALUES {values};\n" if rows else ""


class MySQLOriginal:
    """One such database with this number of users, each from `original.person`, in a layout of LAYOUTS."""

    def __init__(self, server, layout="create_all", users=40):
        self.server = server
        self.layout = layout
        self.users = users
        self.name = f"original_{next(server.names)}"
        schema, charset = LAYOUTS[layout]
        server.run(f"CREATE DATABASE {self.name} CHARACTER SET {charset}")
        self.run(schema + self.rows())
        self.url = server.url(self.name)

    def person_name(self, person):
        return person.name if self.layout == "create_all" else f"Jürgen Größe € {person.id}"

    def rows(self):
        people = [original.person(number) for number in range(1, self.users + 1)]
        table, roles, members, _ = NAMES[self.layout]
        stored = [(p.id, p.email, self.person_name(p), *seed.pbkdf2(p.password)) for p in people]
        if self.layout == "users":
            return insert(table, stored)
        held = [(p.id, row[0]) for p in people for row in original.ROLES if row[1] in p.roles]
        if self.layout == "create_all":
            customers = [(n, None if n % 2 else 100000) for n in range(1, original.CUSTOMERS + 1)]
            more = [(p.active, p.customer_id) for p in people]
            script = insert("customer", customers)
        else:
            more = [(p.active,) for p in people]
            held = [(number + 1, *row) for number, row in enumerate(held + held[:3])]
            script = ""
        script += insert(roles, original.ROLES)
        script += insert(table, [row + extra for row, extra in zip(stored, more)])
        return script + insert(members, held)

    def run(self, script):
        return self.server.run(script, self.name)

    def people(self):
        """Id, email, name, hash and salt of all users."""
        return [
            (int(row[0]), *row[1:])
            for row in self.run(f"SELECT id, email, name, hash, salt FROM `{NAMES[self.layout][0]}` ORDER BY id")
        ]

    def checksums(self):
        tables = [row[0] for row in self.run("SHOW TABLES")]
        return tables, self.run("CHECKSUM TABLE " + ", ".join(f"`{table}`" for table in tables))

    def drop(self):
        self.run(f"DROP DATABASE {self.name}")
