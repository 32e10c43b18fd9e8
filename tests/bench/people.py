"""Many users with realistic emails and names, for the benchmark of large customers.

The ids of all customers are mixed, as if customers grew at the same time. The id determines everything, so each run has
the same users."""

import json

PAGE = 20
# Emails and names that a benchmark searches for: in each measured customer, three users have the first and two the second.
FEW, FEW_UNUSUAL = "Zwingelstein", "Öströmsång"
FIRST_NAMES = """
Anna Maria Thomas Hannah Peter Joanna Michael Laura Stefan José Sophie Jürgen Daniel Zoë Emma Łukasz Paul Björn Julia
Andreas Clara François Martin Elena Oliver Jan Katarzyna Marc Inès Robert Lucía Søren Nina Victor Chloé Ahmed Ivana
Tomáš Sarah Γιώργος Елена Yuki
""".split()
LAST_NAMES = """
Smith Müller García Martin Johansson Novák Rossi Kowalski Schmidt Dubois Hansen Fernández Jones Weber Popescu Virtanen
Öztürk Meyer Silva Williams Nagy Becker Lefèvre Andersson Horváth Brown Costa Łuczak Fischer Moreau Taylor Ivanova
de-Vries Nielsen Papadopoulos Schulz Çelik Walker Ferrari Björnsson Lindqvist Haas Okafor Tanaka Иванова Nguyễn
""".split()
DOMAINS = """
example.org mail.example.com example.net post.example.org example.com students.example.edu office.example.net
sales.example.com müller.example team.example.org research.example.edu shop.example.com
""".split()
# Letters and their replacements in emails. One email in thirty keeps the letters of the name.
ACCENTED = "áàãäåçčéèêëíìïłñóòôöøšúüýžő'"
PLAIN = "aaaaacceeeeiiilnoooooosuuyzo"
HOLDERS = 5  # of the role auditor in each measured customer

# A number from 0 to 1 that depends only on the two arguments. Its square makes the first words common, the last ones rare.
FUNCTIONS = """
CREATE FUNCTION pg_temp.chance(n bigint, what bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
AS 'SELECT (hashint8extended(n, what) & 1048575) / 1048576.0::float8';
CREATE FUNCTION pg_temp.pick(words text[], n bigint, what bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS 'SELECT words[1 + floor(cardinality(words) * pg_temp.chance(n, what) ^ 2)::integer]'
"""

# If there are several customers, a tenth of the users belongs to the first one, and the others share the rest.
PLACED = """
CREATE TEMP TABLE placed AS
SELECT id, customer, row_number() OVER (PARTITION BY customer ORDER BY id) AS place,
       count(*) OVER (PARTITION BY customer) AS size
FROM (
    SELECT n + 10 AS id,
           CASE WHEN %(customers)s = 1 OR pg_temp.chance(n, 1) < 0.1 THEN 1
                ELSE 2 + floor(pg_temp.chance(n, 2) * (%(customers)s - 1))::integer END AS customer
    FROM generate_series(1, %(users)s::bigint) AS n
) AS given
"""

PERSONS = """
CREATE TEMP TABLE person AS
SELECT id, customer, holds, named,
       CASE named WHEN 3 THEN %(few)s WHEN 2 THEN %(unusual)s ELSE pg_temp.pick(%(last)s, id, 4) END AS last,
       pg_temp.pick(%(first)s, id, 3) AS first, place
FROM placed
CROSS JOIN LATERAL (
    SELECT customer = ANY (%(measured)s)
           AND place IN (SELECT size * part / 6 FROM generate_series(1, %(holders)s) AS part) AS holds,
           CASE WHEN customer = ANY (%(measured)s) THEN
               CASE WHEN place IN (size * 55 / 100, size * 75 / 100, size * 95 / 100) THEN 3
                    WHEN place IN (size * 35 / 100, size * 65 / 100) THEN 2 END
           WHEN pg_temp.chance(id, 5) < 0.001 THEN 3
           WHEN pg_temp.chance(id, 6) < 0.001 THEN 2 END AS named
) AS special
"""

USERS = """
INSERT INTO _user (id, email, name, hash, salt, active, customer_id)
SELECT id,
       CASE WHEN pg_temp.chance(id, 7) < 0.03 THEN written ELSE translate(written, %(accented)s, %(plain)s) END
           || id || '@' || pg_temp.pick(%(domains)s, id, 8),
       first || ' ' || last,
       CASE WHEN holds THEN %(hash)s ELSE '$2b$12$' || repeat('h', 53) END,
       CASE WHEN holds THEN %(salt)s ELSE '$2b$12$' || repeat('s', 22) END,
       holds OR place = 1 OR pg_temp.chance(id, 9) >= 0.02,
       customer
FROM person
CROSS JOIN LATERAL (
    SELECT lower(CASE WHEN pg_temp.chance(id, 10) < 0.5 THEN first || '.' || last
                      WHEN pg_temp.chance(id, 10) < 0.8 THEN left(first, 1) || '.' || last
                      ELSE last END) AS written
) AS email
ORDER BY id
"""

MEMBERSHIPS = """
INSERT INTO user_has_role (user_id, role_id)
SELECT person.id, role.id
FROM person JOIN role ON CASE role.code
    WHEN 'admin' THEN holds OR (place = 1 AND customer <> ALL (%(measured)s))
    WHEN 'reader' THEN pg_temp.chance(person.id, 11) < 0.3
    WHEN 'writer' THEN pg_temp.chance(person.id, 12) < 0.01
    WHEN 'auditor' THEN holds
    ELSE false END
ORDER BY person.id, role.id
"""

# The indexes of constraints stay: filling them row by row is fast with rising ids.
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i
WHERE i.indrelid IN ('_user'::regclass, 'user_has_role'::regclass)
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def fill(connection, users, customers, measured, stored):
    """Adds users with ids from 11 to the customers 1 to `customers`; the first two customers already exist. The measured
    customers get the users that searches find. `stored` is (hash, salt) of their holders of the role auditor.

    Everything is in one transaction, because granting a role later ends sessions. Indexes are created after the rows:
    filling the index of trigrams row by row takes minutes. All commits wait for the log. VACUUM does not mark a page as
    visible to all while the commit of a neighbouring transaction is not yet written, even one of its own. Without this
    mark, an index alone is not enough to count rows."""
    values = {
        "users": users, "customers": customers, "measured": measured, "holders": HOLDERS, "few": FEW,
        "unusual": FEW_UNUSUAL, "first": FIRST_NAMES, "last": LAST_NAMES, "domains": DOMAINS, "accented": ACCENTED,
        "plain": PLAIN, "hash": stored[0], "salt": stored[1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    connection.autocommit = False
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("INSERT INTO customer SELECT FROM generate_series(3, %(customers)s)", values)
        cursor.execute("INSERT INTO role (code, name) VALUES ('auditor', 'Auditor'), ('nobody', 'Nobody')")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(FUNCTIONS)
        for statement in (PLACED, PERSONS, USERS, MEMBERSHIPS):
            cursor.execute(statement, values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('_user', 'id'), max(id)) FROM _user")
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("DROP TABLE placed, person")
    connection.commit()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT relallvisible >= relpages FROM pg_class WHERE oid = '_user'::regclass")
        assert cursor.fetchone()[0], "not every row is marked as visible to all"


class Customer:
    """The expected results for a measured customer, from plain statements that use no index for searches."""

    def __init__(self, site, number):
        self.site, self.number = site, number
        self.ids = [row[0] for row in site.sql("SELECT id FROM _user WHERE customer_id = %s ORDER BY id", (number,))]
        self.callers = site.sql(
            "SELECT u.id, u.email FROM _user u JOIN user_has_role h ON h.user_id = u.id JOIN role r ON r.id = h.role_id"
            " WHERE r.code = 'auditor' AND u.customer_id = %s",
            (number,),
        )
        asked = "SELECT email FROM _user WHERE id = %s"
        self.email = site.sql(asked, (self.ids[len(self.ids) * 6 // 10],))[0][0]

    def number_of(self, condition):
        """The number of its users that match."""
        statement = f"SELECT count(*) FROM _user u WHERE u.customer_id = %s AND {condition}"
        return self.site.sql(statement, (self.number,))[0][0]


def page_of(answer):
    """(ids, whether there are more, the count or None) of the answer to a list."""
    document = json.loads(answer)
    return [user["id"] for user in document["users"]], document["has_next"], document.get("count")
