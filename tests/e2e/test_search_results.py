"""A search finds the same users as the plain statement, in each way of reading them. These tests run the statements
themselves, with 12 000 patterns."""

import bisect
import collections
import contextlib
import random

import pytest
from support import admin, searches
from support.plans import executed, explained
from support.seed import Seed
from support.statements import execute, prepare, rule_of, trigrams_of

SEED = 20261127
INDEX = "_user_search_idx"
UNFINISHED = (None, None, None, None, None)
# LARGE is more than the first users that a search reads, plus the others that it reads without the index.
LARGE, SMALL, OTHER = 1700, 150, 300
TYPES = "(integer, boolean, text, text, text, bigint, bigint, bigint)"
# The rule of the API without any optimization.
PLAIN_RULE = (
    "u.customer_id = $1 AND ($2 IS NULL OR u.active = $2)"
    " AND ($3 IS NULL OR EXISTS (SELECT 1 FROM user_has_role h JOIN role r ON r.id = h.role_id"
    " WHERE h.user_id = u.id AND r.code = $3))"
    ' AND (u.email COLLATE "und-x-icu" ILIKE $4 OR u.name COLLATE "und-x-icu" ILIKE $5)'
)
PLAIN = f"SELECT u.id FROM _user u WHERE {PLAIN_RULE} AND u.id >= $6 ORDER BY u.id LIMIT $7 OFFSET $8"
# The users whom the index finds for the condition of a search.
INDEXED = (
    f"WITH rest AS (SELECT 0::bigint AS low), sample AS MATERIALIZED ({rule_of('user_search_sample')}),"
    f" way AS MATERIALIZED ({rule_of('user_search_way')})"
    f" SELECT u.id FROM _user u WHERE ({rule_of('user_indexed')}) AND ({rule_of('user_patterns')})"
)
EVERYTHING = [0, 100000, 0]


class Crowd:
    """A database with users of three customers. They have the same names, and their ids are interleaved."""

    def __init__(self, postgres, database):
        self.random = random.Random(SEED)
        self.connection = postgres.connect(database)
        self.seed = Seed(self.connection)
        self.large, self.small, self.other = (self.seed.customer() for _ in range(3))
        self.texts = [searches.text(self.random) for _ in range(500)]
        self.insert()
        self.ids = [row[0] for row in self.seed.sql("SELECT id FROM _user ORDER BY id")]
        self.own = dict(self.seed.sql("SELECT customer_id, array_agg(id ORDER BY id) FROM _user GROUP BY customer_id"))
        self.texts += [row[0] for row in self.seed.sql("SELECT email FROM _user WHERE customer_id = %s", (self.small,))]
        self.cursor = self.connection.cursor()
        for name in ("user_search", "user_scan", "user_count_found"):
            prepare(self.cursor, name)
        prepare(self.cursor, f"plain {TYPES}", PLAIN)
        prepare(self.cursor, "indexed", INDEXED)

    def insert(self):
        customers = [self.large] * LARGE + [self.small] * SMALL + [self.other] * OTHER
        self.random.shuffle(customers)
        rows = []
        for number, customer in enumerate(customers):
            name, mailbox = self.random.choice(self.texts), self.random.choice(self.texts)
            rows.append((f"{mailbox}{number}@example.org", name, customer, self.random.random() < 0.8))
        self.seed.sql(
            "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
            " SELECT e, n, 'h', 's', a, c FROM unnest(%s::text[], %s::text[], %s::integer[], %s::boolean[]) AS t (e, n, c, a)",
            [list(column) for column in zip(*rows)],
        )
        self.seed.sql("INSERT INTO user_has_role SELECT id, 2 FROM _user WHERE id % 3 = 0")
        self.seed.sql("ANALYZE")

    def searches(self, number, customers):
        """Searches as ua_store_user_lists_find binds them: [(filters, trigrams, page)]."""
        patterns = [searches.pattern(self.random, self.texts) for _ in range(2 * number)]
        for at in range(0, 2 * number, 2):
            left_out = self.random.choice([None, None, 0, 1])
            if left_out is not None:
                patterns[at + left_out] = None
        trigrams = trigrams_of(patterns)
        return [
            ([self.random.choice(customers), *self.filters(), *patterns[at : at + 2]], trigrams[at : at + 2], self.page())
            for at in range(0, 2 * number, 2)
        ]

    def filters(self):
        active = self.random.choice([None, None, None, True, False])
        return [active, self.random.choice([None, None, None, "reader", "nobody"])]

    def page(self):
        first = self.random.choice([0, 0, 0, self.random.choice(self.ids)])
        return [first, self.random.choice([1, 2, 21, 21, 1001]), self.random.choice([0, 0, 0, 1, 30, 900])]

    def run(self, name, *arguments):
        return execute(self.cursor, name, [each for part in arguments for each in part])


def made_crowd(postgres, database):
    crowd = Crowd(postgres, database)
    yield crowd
    crowd.connection.close()
    postgres.drop_database(database)


@pytest.fixture(scope="module")
def crowd(postgres):
    yield from made_crowd(postgres, postgres.create_database())


@pytest.fixture(scope="module", params=["libc", "icu"])
def crowd_in_c(postgres, request):
    """In a database whose character type knows only the letters of ASCII, for both providers of its locale."""
    name = f"searches_in_c_{request.param}"
    provider = {"libc": "", "icu": " LOCALE_PROVIDER icu ICU_LOCALE 'und'"}[request.param]
    if provider and postgres.connect("postgres").server_version < 150000:
        pytest.skip("a database of ICU's locale takes PostgreSQL 15")
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'{provider}")
    admin.migrate_up(postgres.url(name, "postgres"))
    yield from made_crowd(postgres, name)


@contextlib.contextmanager
def planned(crowd, mode):
    """In this context, plans have this mode, and read a whole table only if no index serves."""
    crowd.cursor.execute(f"SET enable_seqscan = off; SET plan_cache_mode = force_{mode}_plan")
    yield
    crowd.cursor.execute("RESET enable_seqscan; RESET plan_cache_mode")


def check_search(crowd, search):
    """Checks the result of a search. Returns the way in which it read the users."""
    filters, trigrams, page = search
    wanted = [row[0] for row in crowd.run("plain", filters, page)]
    found = crowd.run("user_search", filters, trigrams, page)
    is_finished = UNFINISHED not in found
    if not is_finished:
        found = crowd.run("user_scan", filters, page)
    assert [row[0] for row in found] == wanted, (SEED, search)
    assert {row[1] for row in found} <= {filters[0]}, (SEED, search)
    return way_of(crowd, search, len(wanted)) if is_finished else "unfinished"


def way_of(crowd, search, found):
    """If the page is full, the first users may have filled it. Otherwise, a search reads all other users if they are
    few, or uses the index."""
    filters, _, page = search
    if found == page[1]:
        return "full"
    own = crowd.own[filters[0]]
    others = len(own) - bisect.bisect_left(own, page[0]) - max(128, min(1001, page[1] + page[2]))
    return "all" if others <= 0 else "few" if others <= 1400 else "index"


def check_index(crowd, search):
    """Checks the result of the index alone. Returns the number of users."""
    filters = [search[0][0], None, None, *search[0][3:]]
    wanted = [row[0] for row in crowd.run("plain", filters, EVERYTHING)]
    found = [row[0] for row in crowd.run("indexed", filters, search[1])]
    assert sorted(found) == wanted, (SEED, search)
    return len(found)


def check_count(crowd, search):
    filters, trigrams, _ = search
    wanted = crowd.run("plain", filters, EVERYTHING)
    assert crowd.run("user_count_found", filters, trigrams) == [(len(wanted),)], (SEED, search)


def check_index_alone(crowd, searches_made):
    plan = explained(crowd.cursor, "indexed", [crowd.small, None, None, "%ann%", "%ann%", '{"%ann%"}', '{"%ann%"}'])
    assert any(node.get("Index Name") == INDEX for node in executed(plan)), plan
    assert not any(node["Node Type"] == "Seq Scan" for node in executed(plan)), plan
    found = [check_index(crowd, search) for search in searches_made]
    assert 0.2 < sum(number > 0 for number in found) / len(found) < 0.9, "both users and nobody are looked for"


def test_a_search_finds_on_every_way_what_the_plain_statement_finds(crowd):
    made = crowd.searches(1000, [crowd.large, crowd.large, crowd.small])
    ways = collections.Counter(check_search(crowd, search) for search in made)
    assert set(ways) == {"full", "all", "few", "index", "unfinished"} and min(ways.values()) >= 20, ways


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_a_search_finds_the_same_by_other_plans(crowd, mode):
    with planned(crowd, mode):
        for search in crowd.searches(100, [crowd.large, crowd.small]):
            check_search(crowd, search)


def test_the_index_alone_finds_what_the_plain_statement_finds(crowd):
    """Also finds the entries that are still in the index's pending list."""
    with planned(crowd, "custom"):
        check_index_alone(crowd, crowd.searches(1000, [crowd.small]))
    assert crowd.seed.sql("SELECT gin_clean_pending_list(%s::regclass)", (INDEX,))[0][0] > 0
    with planned(crowd, "generic"):
        check_index_alone(crowd, crowd.searches(4000, [crowd.small]))


def test_a_count_is_of_all_whom_the_plain_statement_finds(crowd):
    for search in crowd.searches(300, [crowd.large, crowd.small]):
        check_count(crowd, search)


def test_where_the_locale_knows_no_letters_but_of_ascii_the_same_is_found(crowd_in_c):
    crowd = crowd_in_c
    assert crowd.seed.sql("SELECT user_api_search.show_trgm('ü') = '{}'") == [(True,)]
    made = crowd.searches(400, [crowd.large, crowd.large, crowd.small])
    ways = collections.Counter(check_search(crowd, search) for search in made)
    assert ways["index"] >= 5 and ways["unfinished"] >= 5, ways
    patterns = [None, "%þðþ%"]  # the index has none of these letters
    assert check_search(crowd, ([crowd.large, None, None, *patterns], trigrams_of(patterns), [0, 21, 0])) == "unfinished"
    for search in made[:100]:
        check_count(crowd, search)
    with planned(crowd, "generic"):
        check_index_alone(crowd, crowd.searches(1000, [crowd.small]))


def test_without_the_extensions_the_same_is_found_without_the_index(crowd):
    crowd.cursor.execute("BEGIN")
    try:
        crowd.cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        crowd.cursor.execute("SELECT to_regclass(%s)", (INDEX,))
        assert crowd.cursor.fetchone() == (None,)
        made = crowd.searches(200, [crowd.large, crowd.large, crowd.small])
        ways = collections.Counter(check_search(crowd, search) for search in made)
        assert ways["index"] == 0 and ways["few"] > 0 and ways["unfinished"] > 0, ways
        for search in made[:50]:
            check_count(crowd, search)
    finally:
        crowd.cursor.execute("ROLLBACK")
