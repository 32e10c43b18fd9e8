"""A deleted user's tokens stay invalid if the id is used again: the new user starts above the last epoch."""

import psycopg2
import pytest

pytest_plugins = ["support.sql_changes_fixtures"]


def test_a_user_who_is_deleted_leaves_the_last_epoch(own):
    users = [own.user(epoch=epoch) for epoch in (0, 5)]
    own.sql("DELETE FROM _user WHERE id = ANY (%s)", (users,))
    assert own.tombstones() == dict(zip(users, (0, 5)))


@pytest.mark.parametrize("brought, epoch", [(0, 6), (4, 6), (5, 6), (6, 6), (9, 9)])
def test_who_comes_back_with_the_id_starts_above_it(own, brought, epoch):
    user, gone = own.user(epoch=5), own.user(epoch=7)
    own.sql("DELETE FROM _user")
    assert own.user(id=user, epoch=brought, roles=[1, 2]) == user
    assert own.epochs() == {user: epoch}
    assert own.tombstones() == {gone: 7}


def test_each_time_a_user_comes_back_the_epoch_is_higher(own):
    user = own.user()
    for epoch in range(4):
        assert own.epochs() == {user: epoch}
        own.sql("DELETE FROM _user")
        own.user(id=user)


def test_users_with_ids_of_their_own_start_with_0_beside_tombstones(own):
    own.sql("DELETE FROM _user WHERE id = ANY (%s)", (own.users(50),))
    assert own.epoch(own.user()) == 0
    assert len(own.tombstones()) == 50


def test_copy_brings_users_back_above_their_epochs(own):
    users = own.users(3)
    own.sql("UPDATE _user SET active = false")
    own.sql("DELETE FROM _user WHERE id <> %s", (users[1],))
    rows = "".join(rf"{user}\tc{user}\tC\th\ts\t1\n" for user in (users[0], users[2]))
    own.sql(f"COPY _user (id, email, name, hash, salt, customer_id) FROM PROGRAM $$printf '{rows}'$$")
    assert own.epochs() == {users[0]: 2, users[1]: 1, users[2]: 2}
    assert own.tombstones() == {}


def test_the_tombstone_counts_within_one_transaction_too(own):
    user = own.user(epoch=3)
    own.sql("BEGIN")
    own.sql("DELETE FROM _user")
    own.user(id=user)
    own.sql("COMMIT")
    assert (own.epochs(), own.tombstones()) == ({user: 4}, {})


def test_a_deletion_that_is_rolled_back_leaves_nothing(own):
    user = own.user(epoch=3)
    own.sql("BEGIN")
    own.sql("DELETE FROM _user")
    own.sql("ROLLBACK")
    assert (own.epochs(), own.tombstones()) == ({user: 3}, {})


@pytest.mark.parametrize("statement", ["TRUNCATE _user CASCADE", "TRUNCATE customer RESTART IDENTITY CASCADE"])
def test_truncate_leaves_the_epochs_of_all(own, statement):
    first, second = own.user([1], epoch=2), own.user()
    own.sql(statement)
    own.sql("INSERT INTO customer DEFAULT VALUES")
    assert set(own.tombstones()) == {first, second}
    assert own.tombstones()[first] >= 2
    (customer,) = own.sql("SELECT max(id) FROM customer")[0]
    own.sql("ALTER TABLE _user ALTER id RESTART WITH %s", (first,))
    assert own.user(customer_id=customer) == first
    assert own.epoch(first) >= 3


def test_an_id_that_changes_leaves_its_epoch_and_starts_above_that_of_the_new_one(own):
    gone = own.user(epoch=9)
    own.sql("DELETE FROM _user")
    user = own.user(epoch=2)
    own.sql("UPDATE _user SET id = %s", (gone,))
    assert (own.epochs(), own.tombstones()) == ({gone: 10}, {user: 2})
    own.sql("UPDATE _user SET id = %s", (user,))
    assert (own.epochs(), own.tombstones()) == ({user: 11}, {gone: 10})


def test_an_id_of_a_user_made_in_the_same_transaction_leaves_its_epoch_too(own):
    gone = own.user(epoch=9)
    own.sql("DELETE FROM _user")
    own.sql("BEGIN")
    user = own.user()
    own.sql("UPDATE _user SET id = %s", (gone,))
    own.sql("COMMIT")
    assert (own.epochs(), own.tombstones()) == ({gone: 10}, {user: 0})


@pytest.mark.parametrize("change", ["INSERT", "UPDATE", "DELETE"])
def test_a_tombstone_that_is_younger_than_the_snapshot_is_not_overlooked(own, change):
    user, other = own.user(epoch=4), own.user()
    old = own.connect()
    own.sql("BEGIN ISOLATION LEVEL REPEATABLE READ", connection=old)
    own.sql("SELECT 1 FROM customer", connection=old)
    own.sql("DELETE FROM _user WHERE id = %s", (user,))
    statement = {
        "INSERT": "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, 'e', 'n', 'h', 's', 1)",
        "UPDATE": f"UPDATE _user SET id = %s WHERE id = {other}",
        "DELETE": "DELETE FROM _user WHERE id = %s",
    }[change]
    with pytest.raises(psycopg2.errors.SerializationFailure):
        own.sql(statement, (user,), connection=old)
    assert own.tombstones() == {user: 4}


def test_users_are_inserted_at_every_isolation_level(own):
    user = own.user(epoch=4)
    own.sql("DELETE FROM _user")
    for level in ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        own.sql(f"BEGIN ISOLATION LEVEL {level}")
        fresh = own.user([1])
        assert own.epoch(fresh) == 0
        own.sql("COMMIT")
    own.sql("BEGIN ISOLATION LEVEL SERIALIZABLE")
    own.user(id=user)
    own.sql("COMMIT")
    assert own.epoch(user) == 5
    assert own.tombstones() == {}


def test_an_epoch_that_could_not_rise_any_more_brings_nobody_back(own):
    user = own.user(epoch=2147483647)
    own.sql("DELETE FROM _user")
    with pytest.raises(psycopg2.errors.NumericValueOutOfRange):
        own.user(id=user)
    assert own.tombstones() == {user: 2147483647}
