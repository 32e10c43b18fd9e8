"""The executed plans of lists, searches and counts, in a large customer among others: with fresh statistics, with those
of an almost empty table, and without any."""

import pytest
from support.plans import examined, executed, explained, nodes, reads
from support.seed import Seed
from support.statements import execute, prepare, trigrams_of

USERS, CUSTOMERS = 36000, 50
LARGE = USERS // 3
PAGE = 21
# How many users a search may examine before it chooses its way: the first ones, a check for many more, two samples.
SEARCH = 128 + 1401 + 2 * 128 + 50
STATEMENTS = [
    "user_list", "user_list_active", "user_list_deep", "user_list_role", "user_search", "user_scan", "user_count",
    "user_count_active", "user_count_role", "user_count_found",
]  # fmt: skip

# Every third user belongs to the large customer. Only twelve users, all of them this customer's, are called Quixote.
USERS_SQL = """
INSERT INTO _user (email, name, hash, salt, active, customer_id)
SELECT 'user' || n || '@example.org', CASE WHEN n %% 3000 = 0 THEN 'Quixote' ELSE 'Meier' END || n, 'h', 's', n %% 50 <> 0,
       CASE WHEN n %% 3 = 0 THEN %(large)s ELSE %(first)s + n %% 49 END
FROM generate_series(1, %(users)s) n
"""
# Half of all users hold the first role, those twelve hold the second, and all users of other customers hold the third.
ROLES = {"common": "mod(id, 2) = 0", "rare": "left(name, 7) = 'Quixote'", "elsewhere": "customer_id <> %s"}


class Loaded:
    def __init__(self, postgres):
        self.name = postgres.create_database()
        self.connection = postgres.connect(self.name)
        seed = Seed(self.connection)
        seed.sql("ANALYZE")
        self.large = seed.customer()
        first = [seed.customer() for _ in range(CUSTOMERS - 1)][0]
        seed.sql(USERS_SQL, {"large": self.large, "first": first, "users": USERS})
        for code, rule in ROLES.items():
            role = seed.sql("INSERT INTO role (code, name) VALUES (%s, %s) RETURNING id", (code, code))[0][0]
            insert = f"INSERT INTO user_has_role SELECT id, {role} FROM _user WHERE {rule}"
            seed.sql(insert, (self.large,) if "%s" in rule else None)
        self.ids = [row[0] for row in seed.sql("SELECT id FROM _user WHERE customer_id = %s ORDER BY id", (self.large,))]
        self.seed = seed

    def cursor(self):
        """A cursor of a session with the service's settings, in which the statements are planned again."""
        cursor = self.connection.cursor()
        cursor.execute("DEALLOCATE ALL")
        prepare(cursor, "session_settings")
        execute(cursor, "session_settings", ["60000", "60000", False])
        for name in STATEMENTS:
            prepare(cursor, name)
        return cursor


def forget_statistics(seed):
    seed.sql("DELETE FROM pg_statistic WHERE starelid >= 16384")
    seed.sql("UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0 WHERE oid >= 16384 AND relkind IN ('r', 'i')")


def pretend_a_million(seed):
    """The planner calculates from reltuples how many rows a page of the table has."""
    seed.sql("UPDATE pg_class SET reltuples = 30 * reltuples WHERE oid >= 16384 AND relkind IN ('r', 'i')")


# The states follow one another on one database. The load leaves the statistics of an almost empty table.
STATES = {
    "almost empty": lambda seed: None,
    "none": forget_statistics,
    "fresh": lambda seed: seed.sql("VACUUM ANALYZE"),
    "of many more": pretend_a_million,
}


@pytest.fixture(scope="module")
def loaded(postgres):
    made = Loaded(postgres)
    yield made
    made.connection.close()
    postgres.drop_database(made.name)


@pytest.fixture(scope="module", params=STATES)
def state(request, loaded):
    STATES[request.param](loaded.seed)
    return loaded


@pytest.fixture
def ask(state):
    """Runs a statement for the large customer; returns its plan."""
    with state.cursor() as cursor:
        yield lambda name, *arguments: explained(cursor, name, [state.large, *arguments])


def searched(email=None, name=None, page=(0, PAGE, 0), active=None, role=None):
    patterns = [None if each is None else f"%{each}%" for each in (email, name)]
    return ["user_search", active, role, *patterns, *trigrams_of(patterns), *page]


def brief(plan):
    """The plan's nodes that read users, for the message of a failure."""
    columns = ("Node Type", "Index Name", "Index Cond", "Filter", "Actual Rows", "Actual Loops")
    read = [node for node in executed(plan) if node.get("Relation Name") == "_user" and reads(node) > 2 * PAGE]
    return [[node.get(column) for column in columns] for node in read]


def assert_bounded(plan, most):
    """Asserts that no table of users is read sequentially, that only a few users are sorted for a page, and that at
    most `most` users are examined."""
    for node in executed(plan):
        read = node["Node Type"], node.get("Relation Name")
        assert read not in (("Seq Scan", "_user"), ("Seq Scan", "user_has_role")), brief(plan)
        if node["Node Type"] == "Sort":
            assert node["Plans"][0]["Actual Rows"] <= 2 * 128, brief(plan)
    assert examined(plan) <= most, brief(plan)[2:]


def test_a_page_reads_its_own_users(state, ask):
    assert_bounded(ask("user_list", 0, PAGE, 0), PAGE)
    assert_bounded(ask("user_list", state.ids[-PAGE], PAGE, 0), PAGE)


def test_a_deep_page_skips_within_a_block_of_ids(ask):
    assert_bounded(ask("user_list_deep", 0, PAGE, LARGE - PAGE), 4096 // 3 + 10 + 3 * PAGE)


@pytest.mark.parametrize("active", [True, False])
def test_a_page_of_active_or_inactive_users_reads_them_alone(ask, active):
    assert_bounded(ask("user_list_active", active, 0, PAGE, 0), 2 * PAGE)


@pytest.mark.parametrize(
    "role,most",
    [("common", 128 + PAGE), ("rare", 128 + 1401 + 24), ("elsewhere", 128 + 1401 + 2001), ("nobody", 128 + 1401)],
)
def test_a_page_of_a_role_reads_some_users_or_some_holders(ask, role, most):
    assert_bounded(ask("user_list_role", None, role, 0, PAGE, 0), most)


@pytest.mark.parametrize(
    "email,name,hits", [(None, "quixote", 12), ("user3000@", None, 1), ("user3000@", "quixote", 12), (None, "cervantes", 0)]
)
def test_a_search_that_finds_few_reads_them_and_samples(ask, email, name, hits):
    plan = ask(*searched(email, name))
    assert plan["Actual Rows"] == hits
    assert any(node.get("Index Name") == "_user_search_idx" for node in executed(plan)), plan
    assert_bounded(plan, SEARCH + 2 * hits)


@pytest.mark.parametrize("email,name", [(None, "meier"), ("example", None), ("e", "e"), ("nothing", "")])
def test_a_search_that_finds_many_reads_the_first_users(ask, email, name):
    plan = ask(*searched(email, name))
    assert plan["Actual Rows"] == PAGE
    assert_bounded(plan, 128 + PAGE)


@pytest.mark.parametrize("offset,most", [(0, 100), (200, 2300)])
def test_a_search_for_what_one_in_ten_has_reads_users_in_their_order(ask, offset, most):
    plan = ask(*searched("7@", page=(0, PAGE, offset)))
    assert plan["Actual Rows"] == PAGE
    assert_bounded(plan, SEARCH + most)


def test_a_search_for_users_who_are_all_far_away_says_so_after_some(ask):
    plan = ask(*searched("user3____@"))
    assert plan["Actual Rows"] == 1
    assert_bounded(plan, SEARCH + 3000)


@pytest.mark.parametrize("email,name", [(None, "qu"), ("us_r3000%@e", "zq"), ("example.org user", None), ("zzz", "zz")])
def test_a_search_that_no_index_helps_says_so_before_it_reads_them_all(ask, email, name):
    plan = ask(*searched(email, name))
    assert plan["Actual Rows"] == 1 and not any(node.get("Index Name") == "_user_search_idx" for node in executed(plan)), plan
    assert_bounded(plan, SEARCH)


def test_a_scan_reads_the_customers_own_users_alone(ask):
    plan = ask("user_scan", None, None, None, "%qu%", 0, PAGE, 0)
    assert LARGE <= examined(plan) <= LARGE + PAGE
    assert not [node for node in executed(plan) if node["Node Type"] in ("Sort", "Seq Scan")], plan


@pytest.mark.parametrize(
    "name,arguments", [("user_count", []), ("user_count_active", [True]), ("user_count_active", [False])]
)
def test_counts_of_all_active_or_inactive_users_read_a_few_numbers(ask, name, arguments):
    plan = ask(name, *arguments)
    assert examined(plan) == 0, brief(plan)
    # One row for each block, and rows for the changes after the load.
    kept = [node for node in executed(plan) if node.get("Relation Name") == "user_count"]
    assert 0 < sum(map(reads, kept)) <= 2 * (USERS // 4096 + 1), kept


@pytest.fixture
def uncounted(state, ask):
    state.seed.sql("ALTER TABLE _user ENABLE TRIGGER user_api_count_left")
    yield ask
    state.seed.sql("ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_count_left")


def test_where_numbers_are_not_kept_a_count_reads_those_whom_it_counts(uncounted):
    for name, arguments, most in (("user_count", [], LARGE), ("user_count_active", [False], LARGE // 50)):
        plan = uncounted(name, *arguments)
        assert examined(plan) == most, brief(plan)
        assert "Seq Scan" not in [node["Node Type"] for node in executed(plan) if node.get("Relation Name") == "_user"]


def test_other_counts_read_those_whom_they_count(ask):
    assert examined(ask("user_count_role", None, "rare")) == 12
    assert examined(ask("user_count_role", None, "nobody")) == 0
    assert examined(ask("user_count_found", None, None, None, "%quixote%", None, *trigrams_of(["%quixote%"]))) <= SEARCH + 12


def test_no_plan_could_sort_or_read_all_users_for_a_page(state):
    """Checks all parts of the plan, also those that are not executed."""
    with state.cursor() as cursor:
        for name in ("user_list", "user_list_deep", "user_list_active"):
            plan = explained(cursor, name, [state.large, *{"user_list_active": [True]}.get(name, []), 0, PAGE, 0], run=False)
            assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "_user"]


@pytest.fixture
def fresh(postgres):
    """A cursor in a database of the test's own."""
    name = postgres.create_database()
    connection = postgres.connect(name)
    with connection.cursor() as cursor:
        prepare(cursor, "session_settings")
        yield cursor
    connection.close()
    postgres.drop_database(name)


def test_a_small_customer_is_found_where_statistics_know_of_a_large_one_alone(fresh):
    fresh.execute("INSERT INTO customer SELECT FROM generate_series(1, 2)")
    users = "INSERT INTO _user (email, name, hash, salt, customer_id) SELECT %s || n, 'n', 'h', 's', %s FROM generate_series(1, %s) n"
    fresh.execute(users, ("large", 1, 4000))
    fresh.execute("ANALYZE")
    fresh.execute(users, ("small", 2, 30))
    execute(fresh, "session_settings", ["60000", "60000", False])
    for name, arguments in (
        ("user_list", [2, 0, PAGE, 0]),
        ("user_list_active", [2, True, 0, PAGE, 0]),
        ("user_search", searched(name="nobody")[1:]),
    ):
        prepare(fresh, name)
        plan = explained(fresh, name, [2, *arguments] if name == "user_search" else arguments)
        assert examined(plan) <= 3 * PAGE, brief(plan)


def test_a_sample_of_few_places_is_not_believed(fresh):
    """A single id far from all others leaves most sampled places without users."""
    fresh.execute("INSERT INTO customer DEFAULT VALUES")
    fresh.execute(
        "INSERT INTO _user (id, email, name, hash, salt, customer_id)"
        " SELECT CASE n WHEN 4000 THEN 2000000000 ELSE n END, 'u' || n || CASE WHEN n < 300 OR n = 4000 THEN '@old.net' ELSE '@example.org' END,"
        " 'n', 'h', 's', 1 FROM generate_series(1, 4000) n"
    )
    fresh.execute("ANALYZE")
    execute(fresh, "session_settings", ["60000", "60000", False])
    prepare(fresh, "user_search")
    plan = explained(fresh, "user_search", [1, *searched(email="example.org_")[1:]])
    assert not any(node.get("Index Name") == "_user_search_idx" for node in executed(plan)), brief(plan)
    assert_bounded(plan, SEARCH)
