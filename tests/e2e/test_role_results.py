"""A list by role finds the same users as the plain statement, in each way of reading them, and none of another
customer."""

import random

import pytest
from support.seed import Seed
from support.statements import execute, prepare

SEED = 20261128
# In the small customer, the statements read the remaining users one by one. In the large one, they look up the holders
# of the role.
LARGE, SMALL = 6000, 400
# One user in this number holds the role: more holders than the statements look up, more than 128, and fewer.
ONE_IN = {"many": 2, "some": 10, "rare": 100}
UNFINISHED = (None, None, None, None, None)
PLAIN_RULE = (
    "u.customer_id = $1 AND ($2 IS NULL OR u.active = $2)"
    " AND u.id IN (SELECT h.user_id FROM user_has_role h JOIN role r ON r.id = h.role_id WHERE r.code = $3)"
)
PLAIN_LIST = (
    "SELECT u.id, u.customer_id, u.email, u.name, u.active FROM _user u"
    f" WHERE {PLAIN_RULE} AND u.id >= $4 ORDER BY u.id LIMIT $5 OFFSET $6"
)
PLAIN_COUNT = f"SELECT count(*) FROM _user u WHERE {PLAIN_RULE}"
PAGES = [(0, 21, 0), (0, 1001, 0), (0, 100, 0), (0, 21, 30), (0, 1, 0), (3000, 21, 0), (0, 2, 300)]


@pytest.fixture(scope="module")
def crowd(postgres):
    """Users of two customers, whose ids are interleaved."""
    database = postgres.create_database()
    connection = postgres.connect(database)
    seed = Seed(connection)
    customers = {"large": seed.customer(), "small": seed.customer()}
    drawn = random.Random(SEED)
    owners = [customers["large"]] * LARGE + [customers["small"]] * SMALL
    drawn.shuffle(owners)
    seed.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT n || '@example.org', 'n', 'h', 's', mod(n, 7) > 0, c FROM unnest(%s::integer[]) WITH ORDINALITY AS t (c, n)",
        (owners,),
    )
    for code, step in ONE_IN.items():
        seed.sql("INSERT INTO user_has_role SELECT id, %s FROM _user WHERE mod(id, %s) = 0", (seed.role(code), step))
    seed.sql("ANALYZE")
    cursor = connection.cursor()
    prepare(cursor, "user_list_role")
    prepare(cursor, "user_count_role")
    prepare(cursor, "plain_list (integer, boolean, text, bigint, bigint, bigint)", PLAIN_LIST)
    prepare(cursor, "plain_count (integer, boolean, text)", PLAIN_COUNT)
    yield cursor, customers
    connection.close()
    postgres.drop_database(database)


@pytest.mark.parametrize("active", [None, True, False])
@pytest.mark.parametrize("code", ONE_IN)
@pytest.mark.parametrize("size", ["large", "small"])
def test_a_list_by_role_has_the_users_whom_the_plain_statement_finds(crowd, size, code, active):
    cursor, customers = crowd
    for page in PAGES:
        arguments = [customers[size], active, code, *page]
        found = execute(cursor, "user_list_role", arguments)
        assert found == [UNFINISHED] or found == execute(cursor, "plain_list", arguments), page


@pytest.mark.parametrize("active", [None, True, False])
@pytest.mark.parametrize("code", ONE_IN)
@pytest.mark.parametrize("size", ["large", "small"])
def test_a_count_by_role_is_that_of_the_plain_statement(crowd, size, code, active):
    cursor, customers = crowd
    arguments = [customers[size], active, code]
    assert execute(cursor, "user_count_role", arguments) == execute(cursor, "plain_count", arguments)


@pytest.mark.parametrize("size", ["large", "small"])
def test_the_first_page_of_whom_a_role_has_many_of_is_never_left_unfinished(crowd, size):
    cursor, customers = crowd
    for code in ("many", "some"):
        assert UNFINISHED not in execute(cursor, "user_list_role", [customers[size], None, code, 0, 21, 0])
