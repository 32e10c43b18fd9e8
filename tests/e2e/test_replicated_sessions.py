"""Logical replication between two servers: changes that end sessions at the publisher also end them at the subscriber,
and both servers count users."""

import pytest
from support.counts import assert_exact
from support.postgres import Postgres
from support.processes import wait_until
from support.sql_changes import Changed

SETTINGS = {"wal_level": "logical"}
TABLES = "customer, _user, role, user_has_role, revoked_token, failed_login, deleted_user"


@pytest.fixture(scope="module")
def servers(new_folder):
    started = []
    try:
        for _ in range(2):
            started.append(Postgres(new_folder(), SETTINGS).start())
        yield started
    finally:
        for server in started:
            server.stop()


class Pair:
    def __init__(self, servers):
        self.publisher, self.subscriber = map(Changed, servers)
        for each in (self.publisher, self.subscriber):
            each.sql("ALTER TABLE _user ALTER id RESTART WITH 100")
        self.subscriber.sql("TRUNCATE customer, role CASCADE")

    def subscribe(self, tables=f"TABLE {TABLES}"):
        name = self.publisher.name
        self.publisher.sql(f"CREATE PUBLICATION users FOR {tables}")
        url = self.publisher.server.url(name, "postgres")
        self.subscriber.sql(f"CREATE SUBSCRIPTION users_{name} CONNECTION '{url}' PUBLICATION users")
        wait_until(self.synchronized, 30, "the tables are copied")
        self.follow()
        self.subscriber.heard()

    def synchronized(self):
        return self.subscriber.sql("SELECT count(*) FILTER (WHERE srsubstate <> 'r') FROM pg_subscription_rel") == [(0,)]

    def follow(self):
        """Waits until the subscriber has all changes of the publisher."""
        (end,) = self.publisher.sql("SELECT pg_current_wal_insert_lsn()")[0]
        sql = "SELECT replay_lsn >= %s FROM pg_stat_replication WHERE application_name LIKE 'users%%'"
        wait_until(lambda: (True,) in self.publisher.sql(sql, (end,)), 30, "the subscriber has followed")

    def same(self):
        """Checks that both sides have the same epochs and counters. Returns the epochs."""
        self.follow()
        assert self.subscriber.epochs() == self.publisher.epochs()
        assert self.subscriber.tombstones() == self.publisher.tombstones()
        assert assert_exact(self.subscriber) == assert_exact(self.publisher)
        return self.subscriber.epochs()

    def drop(self):
        name = f"users_{self.publisher.name}"
        if self.subscriber.sql("SELECT 1 FROM pg_subscription WHERE subname = %s", (name,)):
            self.subscriber.sql(f"DROP SUBSCRIPTION {name}")
        self.subscriber.drop()
        self.publisher.drop()


@pytest.fixture
def pair(servers):
    made = Pair(servers)
    yield made
    made.drop()


CHANGES = [
    ("UPDATE _user SET hash = 'x'", 1),
    ("UPDATE _user SET email = 'x', active = false", 1),
    ("UPDATE _user SET active = false; UPDATE _user SET active = true", 2),
    ("UPDATE _user SET customer_id = 2", 1),
    ("UPDATE _user SET epoch = epoch + 1000000", 1000000),
    ("INSERT INTO user_has_role SELECT id, 2 FROM _user", 1),
    ("UPDATE user_has_role SET role_id = 3", 1),
    ("DELETE FROM user_has_role", 1),
    ("TRUNCATE user_has_role", 1),
    ("UPDATE role SET code = code || 'x'", 1),
]


@pytest.mark.parametrize("change, by", CHANGES)
def test_an_epoch_that_rises_there_rises_here_as_much_and_is_said_here(pair, change, by):
    user = pair.publisher.user([1], epoch=4)
    pair.subscribe()
    pair.publisher.sql(change)
    assert pair.same() == {user: 4 + by}
    assert set(pair.subscriber.heard()) == {f"u {user}"}


def test_what_ends_no_session_there_ends_none_here(pair):
    user = pair.publisher.user([1], epoch=4)
    pair.subscribe()
    pair.publisher.sql(
        "UPDATE _user SET hash = 'up', salt = 'up' WHERE set_config('user_api.upgraded_hash', 'up', true) IS NOT NULL"
    )
    pair.publisher.sql("UPDATE _user SET name = 'Other'")
    fresh = pair.publisher.user([1, 2])
    assert pair.same() == {user: 4, fresh: 0}
    assert pair.subscriber.heard() == []


def test_a_logout_there_is_said_here(pair):
    user = pair.publisher.user()
    pair.subscribe()
    pair.publisher.sql("INSERT INTO revoked_token VALUES (%s, %s, now())", (bytes(32), user))
    pair.follow()
    assert pair.subscriber.heard() == ["t " + "00" * 32]


def test_deleted_users_stay_dead_on_both_sides(pair):
    users = [pair.publisher.user(epoch=epoch) for epoch in (3, 5)]
    pair.subscribe()
    pair.publisher.sql("DELETE FROM _user WHERE id = %s", (users[0],))
    assert pair.same() == {users[1]: 5}
    assert pair.subscriber.heard() == [f"u {users[0]}"]
    pair.publisher.user(id=users[0], roles=[1])
    assert pair.same() == {users[0]: 4, users[1]: 5}
    pair.publisher.sql("UPDATE _user SET id = 7 WHERE id = %s", (users[1],))
    assert pair.same() == {users[0]: 4, 7: 6}
    assert pair.subscriber.tombstones() == {users[1]: 5}
    pair.publisher.sql("TRUNCATE user_has_role, revoked_token, _user")
    assert pair.same() == {}
    assert "*" in pair.subscriber.heard()


def test_a_change_made_at_the_subscriber_counts_there_as_everywhere(pair):
    user = pair.publisher.user([1])
    pair.subscribe()
    pair.subscriber.sql("UPDATE _user SET hash = 'x'")
    pair.subscriber.sql("DELETE FROM user_has_role")
    assert pair.subscriber.epochs() == {user: 2}
    # A later change of the publisher does not lower the epoch.
    pair.publisher.sql("UPDATE _user SET active = false")
    pair.follow()
    assert pair.subscriber.epochs() == {user: 3}


@pytest.mark.parametrize("tables", [f"TABLE {TABLES}", f"TABLE {TABLES}, user_count", "ALL TABLES"], ids=["ours", "more", "all"])
def test_users_are_counted_once_on_both_sides_whatever_is_published(pair, tables):
    pair.publisher.users(5000)
    if tables == "ALL TABLES":  # the migrations fill these tables on both sides
        pair.subscriber.sql("TRUNCATE schema_migrations, schema_spec")
    pair.subscribe(tables)
    assert len(pair.same()) == 5000
    pair.publisher.users(5000)
    for _ in range(40):
        pair.publisher.user([1])
    pair.publisher.sql("DELETE FROM user_has_role")
    pair.publisher.sql("UPDATE _user SET customer_id = 2, id = id + 100000 WHERE id % 3 = 0")
    pair.publisher.sql("DELETE FROM _user WHERE id % 5 = 0")
    pair.publisher.sql("UPDATE _user SET active = false WHERE id % 4 = 0")
    pair.publisher.sql("UPDATE _user SET active = NOT active, customer_id = 3 - customer_id, id = id + 100000 WHERE id % 8 < 2")
    pair.publisher.sql("INSERT INTO _user (email, name, hash, salt, active, customer_id) VALUES ('off', 'O', 'h', 's', false, 1)")
    pair.publisher.sql("DELETE FROM _user WHERE id IN (SELECT id FROM _user WHERE NOT active ORDER BY id LIMIT 40)")
    assert len(pair.same()) > 7000
    pair.subscriber.user(id=1)
    pair.subscriber.sql("UPDATE _user SET customer_id = 2, active = NOT active WHERE id % 7 = 0")
    pair.publisher.sql("UPDATE _user SET customer_id = 1 WHERE id % 4 = 0")
    pair.follow()
    assert_exact(pair.subscriber)
    pair.publisher.sql("TRUNCATE user_has_role, revoked_token, _user")
    pair.follow()
    assert assert_exact(pair.subscriber) == []
