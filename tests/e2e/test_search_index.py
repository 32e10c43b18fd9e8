"""The index for searches: if its extensions can be created, if they cannot, and if they exist already."""

import pytest

from support import admin
from support.original import ours

EXTENSIONS = "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY 1"
OWN_SCHEMA = "SELECT 1 FROM pg_namespace WHERE nspname = 'user_api_search'"
INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('public._user_search_idx')"
OWNER = "search_owner"


class Database:
    """An empty database, whose schema public belongs to an ordinary role."""

    def __init__(self, postgres):
        self.postgres = postgres
        self.name = postgres.create_database(migrated=False)
        if not postgres.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)):
            postgres.execute(f"CREATE ROLE {OWNER} LOGIN")
        self.sql(f"ALTER SCHEMA public OWNER TO {OWNER}")

    def sql(self, statement, params=None):
        return self.postgres.execute(statement, params, database=self.name)

    def migrate(self, *arguments, user=OWNER):
        url = self.postgres.url(self.name, user)
        result = admin.run("migrate", *arguments, "--database-url", url)
        assert result.returncode == 0, result.stderr

    def down_to_sessions(self, user=OWNER):
        """Reverts migrations, down to and including the one that creates the index."""
        while self.sql("SELECT 1 FROM schema_migrations WHERE version = '20261127000001'"):
            self.migrate("down", user=user)

    def allow_schemas(self):
        self.sql(f'GRANT CREATE ON DATABASE "{self.name}" TO {OWNER}')


@pytest.fixture
def database(postgres):
    made = Database(postgres)
    yield made
    postgres.drop_database(made.name)


def test_who_may_create_schemas_gets_extensions_and_index_in_a_schema_of_their_own(database):
    database.allow_schemas()
    database.migrate("up")
    assert database.sql(EXTENSIONS) == [("btree_gin", "user_api_search"), ("pg_trgm", "user_api_search")]
    assert database.sql(INDEX) == [(True,)]


def test_who_may_not_gets_the_schema_without_the_index_and_nothing_half_made(database):
    database.migrate("up")
    assert database.sql(EXTENSIONS) == database.sql(INDEX) == database.sql(OWN_SCHEMA) == []
    assert database.sql("SELECT max(version::integer) >= 6 FROM schema_spec") == [(True,)]
    database.down_to_sessions()
    database.migrate("up")


def test_extensions_that_are_there_already_are_used_where_they_are_and_stay(database):
    database.sql('CREATE SCHEMA "Their own"; CREATE EXTENSION pg_trgm SCHEMA "Their own"; CREATE EXTENSION btree_gin')
    database.sql(f'GRANT USAGE ON SCHEMA "Their own" TO {OWNER}')
    there = database.sql(EXTENSIONS)
    database.migrate("up")
    assert database.sql(INDEX) == [(True,)]
    database.down_to_sessions()
    assert (database.sql(EXTENSIONS), database.sql(OWN_SCHEMA), database.sql(INDEX)) == (there, [], [])


def test_going_back_takes_away_the_extensions_that_the_migration_made(database):
    database.allow_schemas()
    database.migrate("up")
    database.down_to_sessions()
    assert database.sql(EXTENSIONS) == database.sql(OWN_SCHEMA) == []


def test_going_back_leaves_extensions_that_others_use_by_now(database):
    database.allow_schemas()
    database.migrate("up")
    there = database.sql(EXTENSIONS)
    database.sql("CREATE TABLE theirs (name text); CREATE INDEX ON theirs USING gin (name user_api_search.gin_trgm_ops)")
    database.down_to_sessions()
    assert (database.sql(EXTENSIONS), database.sql(INDEX)) == (there, [])
    database.migrate("up")
    assert database.sql(INDEX) == [(True,)]


def test_without_the_index_searches_filters_and_counts_find_the_same(postgres, site):
    """Uses each way of reading a list, with a customer that is large enough for all of them."""
    customer = site.seed.customer()
    boss = site.seed.user("boss", customer, roles=("admin",))
    site.sql(
        "INSERT INTO _user (email, name, hash, salt, active, customer_id)"
        " SELECT 'many' || n || '@example.org', CASE WHEN n %% 500 = 0 THEN 'Rarely' ELSE 'Often' END || n, 'h', 's', n %% 7 > 0, %s"
        " FROM generate_series(1, 2000) n",
        (customer,),
    )
    site.sql("INSERT INTO user_has_role SELECT id, 2 FROM _user WHERE customer_id = %s AND name LIKE 'Rarely%%'", (customer,))
    client = site.login(boss)
    queries = ["name=rarely", "email=MANY1&limit=1000", "name=ly15&email=y199", "name=ar", "name=%25&offset=1990"]
    queries += ["role=reader", "role=reader&active=true", "role=writer", "active=false&offset=250", "offset=1995", "name=rare&role=reader"]

    def answers():
        return [client.get(f"/api/users/?count=true&{query}").json() for query in queries]

    with_index = answers()
    assert [answer["count"] for answer in with_index[:4]] == [4, 1111, 12, 4]
    site.sql("DROP INDEX _user_search_idx")
    try:
        assert answers() == with_index
    finally:
        mend = ours_index(postgres)
        site.sql(mend)


def ours_index(postgres):
    """The statement that creates the index, from a migrated database."""
    reference = ours(postgres)
    try:
        return reference.sql("SELECT pg_get_indexdef('_user_search_idx'::regclass)")[0][0]
    finally:
        reference.drop()
