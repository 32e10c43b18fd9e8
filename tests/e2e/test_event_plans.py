"""A page of events is read in index order, however many events there are, also by plans made while there were few."""

import pytest
from support.plans import explained, nodes, reads
from support.seed import Seed
from support.statements import STATEMENTS, execute, prepare

PAGE, MANY, USERS = 21, 20000, 40
END = 2**62
PAGES = [each["name"] for each in STATEMENTS if each["name"].startswith("events_") and each["name"] != "events_final"]

# Odd ids belong to the first customer. Both have the same number of users, and one event in 100 is of a rare kind.
EVENTS_SQL = """
INSERT INTO event (id, at, kind, customer_id, user_id, data)
SELECT n, date_trunc('month', now()) + n %% 80 * interval '1 day', CASE WHEN n %% 200 < 2 THEN 'rare' ELSE 'common' END,
       (%(customers)s::integer[])[1 + n %% 2], n %% 2 * %(users)s + n / 2 %% %(users)s, '{}'
FROM generate_series(%(first)s, %(last)s) n
"""


def arguments_of(name, customer, after):
    arguments = [customer if "_in_customer_" in name else None, after, END, PAGE]
    if "_of_kind_" in name:
        arguments.append("rare")
    if "_of_user_" in name:
        arguments += [None, USERS + 7]
    return arguments


@pytest.fixture(params=[(0, "ANALYZE"), (1, "ANALYZE"), (4, "VACUUM ANALYZE"), (300, "SELECT"), (300, "ANALYZE")])
def grown(request, postgres):
    """A session that planned all pages while there were that many events; and a customer with half of the later
    ones."""
    few, known = request.param
    name = postgres.create_database()
    connection = postgres.connect(name)
    seed = Seed(connection)
    seed.sql("TRUNCATE event")
    events = {"customers": [seed.b, seed.a], "users": USERS}
    with connection.cursor() as cursor:
        prepare(cursor, "session_settings")
        seed.sql(EVENTS_SQL, {**events, "first": 1, "last": few})
        seed.sql(known)
        execute(cursor, "session_settings", ["60000", "60000", False])
        for page in PAGES:
            prepare(cursor, page)
            explained(cursor, page, arguments_of(page, seed.a, 0))
        seed.sql(EVENTS_SQL, {**events, "first": few + 1, "last": MANY})
        yield cursor, seed
    connection.close()
    postgres.drop_database(name)


def test_a_page_reads_the_events_that_it_shows_and_no_more_than_one_of_each_month(grown):
    cursor, seed = grown
    months = seed.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'event'::regclass")[0][0]
    read = {}
    for page in PAGES:
        for after in (0, MANY // 2):
            plan = explained(cursor, page, arguments_of(page, seed.a, after))
            assert plan["Actual Rows"] == PAGE, page
            read[page, after] = sum(reads(node) for node in nodes(plan) if "Relation Name" in node)
    assert len(PAGES) == 12
    assert not {page: rows for page, rows in read.items() if rows > PAGE + months}
