"""Plans that a worker made for few users also work for many, until the server has new statistics."""

import pytest
from support.plans import examined, executed, explained
from support.seed import Seed
from support.statements import execute, prepare, trigrams_of

PAGE, MANY = 21, 12000
# How many users a search may examine before it chooses its way: the first ones, a check for many more, two samples.
SEARCH = 128 + 1401 + 2 * 128 + 50

USERS_SQL = """
INSERT INTO _user (email, name, hash, salt, active, customer_id)
SELECT 'user' || n || '@' || c || '.example.org', CASE WHEN n %% 1000 = 0 THEN 'Quixote' ELSE 'Meier' END || n, 'h', 's', n %% 50 <> 0, c
FROM generate_series(%s + 1, %s) n, unnest(%s::integer[]) c
ORDER BY n, c
"""


def searched(name, page):
    patterns = [None, f"%{name}%"]
    return [None, None, *patterns, *trigrams_of(patterns), *page]


# Each statement, its arguments after the customer, and how many users it may examine.
ASKED = [
    ("user_list", [0, PAGE, 0], PAGE),
    ("user_list_deep", [0, PAGE, MANY - PAGE], 4096 // 2 + 3 * PAGE),
    ("user_list_active", [True, 0, PAGE, 0], 2 * PAGE),
    ("user_list_active", [True, 0, 1001, 0], 2 * 1001),
    ("user_list_role", [None, "writer", 0, PAGE, 0], 128 + 1401 + PAGE),
    ("user_list_role", [None, "reader", 0, 1001, 0], 3 * 1001),
    ("user_search", searched("meier", [0, PAGE, 0]), 128 + 2),
    ("user_search", searched("meier", [0, 1001, 0]), SEARCH + 1001),
    ("user_search", searched("quixote", [0, PAGE, 0]), SEARCH + 3 * MANY // 1000),
    ("user_search", searched("zq", [0, PAGE, 0]), SEARCH),
    ("user_count", [], 0),
    ("user_count_active", [True], 0),
    ("user_count_role", [None, "writer"], 20),
    ("user_count_role", [None, "reader"], MANY),
]


# Without a condition on its first column, the server reads the whole index.
FIRST_COLUMNS = {
    "_user_customer_id_id_email_name_active_idx": "customer_id = ",
    "_user_active_customer_id_id_idx": "active = ",
    "user_has_role_role_id_user_id_idx": "role_id = ",
    "user_has_role_pkey": "user_id = ",
}


@pytest.fixture(params=[(0, "ANALYZE"), (1, "VACUUM ANALYZE"), (4, "SELECT"), (4, "ANALYZE"), (20, "VACUUM ANALYZE"), (300, "ANALYZE")])
def grown(request, postgres):
    """A session that planned all statements while two customers had that many users each; and the first customer."""
    few, known = request.param
    name = postgres.create_database()
    connection = postgres.connect(name)
    seed = Seed(connection)
    customers = [seed.customer(), seed.customer()]
    with connection.cursor() as cursor:
        prepare(cursor, "session_settings")
        seed.sql(USERS_SQL, (0, few, customers))
        seed.sql("INSERT INTO user_has_role SELECT id, 2 FROM _user WHERE id % 2 = 0")
        seed.sql(known)
        execute(cursor, "session_settings", ["60000", "60000", False])
        for statement in {each[0] for each in ASKED}:
            prepare(cursor, statement)
        for statement, arguments, _ in ASKED:
            explained(cursor, statement, [customers[0], *arguments])
        seed.sql(USERS_SQL, (few, MANY, customers))
        seed.sql("INSERT INTO user_has_role SELECT id, 2 FROM _user WHERE id % 2 = 0 ON CONFLICT DO NOTHING")
        seed.sql("INSERT INTO user_has_role SELECT id, 3 FROM _user WHERE name LIKE 'Quixote%'")
        yield cursor, customers[0]
    connection.close()
    postgres.drop_database(name)


def test_plans_from_when_there_were_few_users_read_no_more_of_many(grown):
    cursor, customer = grown
    read = {}
    for statement, arguments, most in ASKED:
        plan = explained(cursor, statement, [customer, *arguments])
        read[statement, str(arguments)] = examined(plan), most
        for node in executed(plan):
            assert node["Actual Rows"] * node["Actual Loops"] <= 2 * MANY, (statement, arguments, node)
            first = FIRST_COLUMNS.get(node.get("Index Name"), "")
            assert first in node.get("Index Cond", ""), (statement, arguments, node)
    assert not {key: numbers for key, numbers in read.items() if numbers[0] > numbers[1]}


@pytest.mark.parametrize("left", [0, 1, 2])
def test_emails_are_looked_up_by_their_index_also_by_plans_from_when_there_was_hardly_a_user(postgres, left):
    name = postgres.create_database()
    connection = postgres.connect(name)
    try:
        seed = Seed(connection)
        seed.sql("DELETE FROM user_has_role")
        seed.sql("DELETE FROM _user WHERE id NOT IN (SELECT id FROM _user ORDER BY id LIMIT %s)", (left,))
        seed.sql("ANALYZE")
        emails = ["somebody@example.org ", "somebody@example.org"]
        asked = {"user_by_email": emails, "customer_of_email": emails, "user_in_customer_by_email": [seed.a, *emails]}
        with connection.cursor() as cursor:
            prepare(cursor, "session_settings")
            execute(cursor, "session_settings", ["60000", "60000", False])
            for statement, arguments in asked.items():
                prepare(cursor, statement)
                explained(cursor, statement, arguments)
            seed.sql(USERS_SQL, (left, MANY, [seed.a, seed.b]))
            for statement, arguments in asked.items():
                assert examined(explained(cursor, statement, arguments)) <= 2, statement
    finally:
        connection.close()
        postgres.drop_database(name)
