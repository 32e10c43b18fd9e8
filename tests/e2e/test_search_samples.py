"""A search with misleading samples still reads only a bounded part of the customer. Here the users with consecutive ids
have what the other users lack, and the samples contain only the others."""

import pytest
from support.plans import examined, executed, explained
from support.seed import Seed
from support.statements import execute, prepare, trigrams_of

EARLY, TOGETHER, LATER, STEP = 200, 7000, 2000, 1000
PAGE = 21
# Users that are read before the index: the first ones, the check whether many follow, and two samples.
BEFORE, MOST = 128 + 1401 + 2 * 128 + 50, 5001

USERS_SQL = """
INSERT INTO _user (id, email, name, hash, salt, customer_id)
SELECT 100 + n, 'early' || n || '@example.org', 'Sancho Panza', 'h', 's', %(customer)s
FROM generate_series(1, %(early)s) n
UNION ALL
SELECT 1000 + n, 'together' || n || '@example.org', 'Dulcinea Bca Cab', 'h', 's', %(customer)s
FROM generate_series(1, %(together)s) n
UNION ALL
SELECT 100000 + n * %(step)s, 'later' || n || '@example.org', 'Sancho Panza', 'h', 's', %(customer)s
FROM generate_series(1, %(later)s) n
"""


@pytest.fixture(scope="module")
def seed(postgres):
    name = postgres.create_database()
    connection = postgres.connect(name)
    made = Seed(connection)
    made.customer_of_many = made.customer()
    values = {"customer": made.customer_of_many, "early": EARLY, "together": TOGETHER, "later": LATER, "step": STEP}
    made.sql(USERS_SQL, values)
    made.sql("VACUUM ANALYZE")
    yield made
    connection.close()
    postgres.drop_database(name)


@pytest.fixture
def cursor(seed):
    with seed.connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        prepare(cursor, "session_settings")
        execute(cursor, "session_settings", ["60000", "60000", False])
        prepare(cursor, "user_search")
        yield cursor


def arguments(seed, name, after=0):
    patterns = [None, f"%{name}%"]
    return [seed.customer_of_many, None, None, *patterns, *trigrams_of(patterns), after, PAGE, 0]


@pytest.mark.parametrize("name", ["dulcinea bca cab x", "bcab"])
def test_the_index_is_read_no_further_than_for_some_thousands(seed, cursor, name):
    """No user has these names. Many users have all of their trigrams, in this or another order."""
    search = arguments(seed, name)
    assert execute(cursor, "user_search", search) == [(None,) * 5]
    plan = explained(cursor, "user_search", search)
    assert any(node.get("Index Name") == "_user_search_idx" for node in executed(plan)), "the samples are believed"
    assert examined(plan) <= BEFORE + MOST
