"""A change of a user ends the user's tokens, whoever makes it: plain SQL raises the epoch, just as the API does."""

import functools

import psycopg2
import psycopg2.extras
import pytest
from support.original import INSERT_USER
from support.postgres import SERVICE_ACCOUNT
from support.transactions import at_once, transaction

pytest_plugins = ["support.sql_changes_fixtures"]

MARK = "SELECT set_config('user_api.upgraded_hash', %s, true)"


def begun(changed, *statements):
    """A connection whose open transaction has run these statements, each SQL or (SQL, parameters)."""
    connection = changed.connect()
    connection.autocommit = False
    for each in statements:
        changed.sql(*((each,) if isinstance(each, str) else each), connection=connection)
    return connection


ENDING = [
    "email = 'other' || id",
    "hash = 'other'",
    "salt = 'other'",
    "active = false",
    "customer_id = 2",
    "hash = ''",
    "email = upper(email)",
    "email = 'all' || id, hash = 'all', salt = 'all', active = false, customer_id = 2",
    "hash = 'other', epoch = epoch + 1",
]


@pytest.mark.parametrize("change", ENDING)
def test_a_change_by_plain_sql_raises_the_epoch_once(changed, change):
    user, other = changed.user(), changed.user()
    changed.sql(f"UPDATE _user SET {change} WHERE id = %s", (user,))
    assert (changed.epoch(user), changed.epoch(other)) == (1, 0)


def test_an_activation_raises_the_epoch_too(changed):
    user = changed.user(active=False)
    changed.sql("UPDATE _user SET active = true WHERE id = %s", (user,))
    assert changed.epoch(user) == 1


@pytest.mark.parametrize(
    "change", ["name = 'Other'", "email = email, hash = hash, salt = salt, active = active", "created_at = NULL"]
)
def test_what_is_no_change_of_a_session_leaves_the_epoch(changed, change):
    user = changed.user()
    changed.sql(f"UPDATE _user SET {change} WHERE id = %s", (user,))
    assert changed.epoch(user) == 0


def test_an_epoch_never_falls(changed):
    user = changed.user(epoch=7)
    changed.sql("UPDATE _user SET epoch = 3 WHERE id = %s", (user,))
    assert changed.epoch(user) == 7
    changed.sql("UPDATE _user SET epoch = 3, hash = 'other' WHERE id = %s", (user,))
    assert changed.epoch(user) == 8
    changed.sql("UPDATE _user SET epoch = 20, active = false WHERE id = %s", (user,))
    assert changed.epoch(user) == 20


def test_users_of_before_the_migration_are_like_others(changed):
    user = changed.user([1], created_at=None)
    assert changed.epoch(user) == 1
    changed.sql("UPDATE _user SET hash = 'other' WHERE id = %s", (user,))
    changed.sql("DELETE FROM user_has_role WHERE user_id = %s", (user,))
    assert changed.epoch(user) == 3


def test_an_upsert_is_a_change(changed):
    user = changed.user()
    changed.sql(
        "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, 'x', 'x', 'new', 'new', 1)"
        " ON CONFLICT (id) DO UPDATE SET hash = EXCLUDED.hash",
        (user,),
    )
    assert changed.epoch(user) == 1


def test_an_upsert_does_not_make_a_user_new(changed):
    """Changes in the transaction that creates a user end no session, because there is none yet."""
    user = changed.user([1])
    before = changed.epoch(user)
    upsert = (
        "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, 'y', 'y', 'h', 's', 1)"
        " ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, created_at = EXCLUDED.created_at",
        (user,),
    )
    transaction = begun(changed, upsert, ("DELETE FROM user_has_role WHERE user_id = %s", (user,)))
    changed.sql("UPDATE _user SET active = false WHERE id = %s", (user,), connection=transaction)
    transaction.commit()
    assert changed.epoch(user) == before + 2


# The first user has role 1, the second role 2, the third none: (the statement, their epochs afterwards).
ROLES = [
    ("INSERT INTO user_has_role VALUES ({0}, 2)", (1, 0, 0)),
    ("INSERT INTO user_has_role VALUES ({0}, 2), ({0}, 3), ({2}, 1)", (1, 0, 1)),
    ("INSERT INTO user_has_role VALUES ({0}, 1), ({2}, 3) ON CONFLICT DO NOTHING", (0, 0, 1)),
    ("UPDATE user_has_role SET role_id = 3 WHERE user_id = {0}", (1, 0, 0)),
    ("UPDATE user_has_role SET user_id = {2} WHERE user_id = {0}", (1, 0, 1)),
    ("UPDATE user_has_role SET role_id = role_id", (0, 0, 0)),
    ("UPDATE user_has_role SET role_id = 3 - role_id WHERE user_id IN ({0}, {1})", (1, 1, 0)),
    ("DELETE FROM user_has_role WHERE user_id IN ({0}, {1})", (1, 1, 0)),
    ("DELETE FROM user_has_role WHERE false", (0, 0, 0)),
    ("TRUNCATE user_has_role", (1, 1, 0)),
    ("UPDATE role SET code = 'other' WHERE id = 1", (1, 0, 0)),
    ("UPDATE role SET code = code || 'x'", (1, 1, 0)),
    ("UPDATE role SET code = code, name = 'Other', assignable = false", (0, 0, 0)),
]


# In the role `replica`, which a restore or a replication tool sets, only triggers that are ENABLE ALWAYS fire.
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("statement, epochs", ROLES)
def test_a_change_of_roles_by_plain_sql_raises_the_epochs_of_those_concerned(own, statement, epochs, role):
    users = [own.user([1]), own.user([2]), own.user()]
    own.sql(f"SET session_replication_role = {role}")
    own.sql(statement.format(*users))
    assert tuple(map(own.epoch, users)) == epochs


def test_a_hash_upgrade_that_names_its_hash_leaves_the_epoch(changed):
    user = changed.user()
    connection = begun(changed, (MARK, ("new",)), ("UPDATE _user SET hash = 'new', salt = 'n' WHERE id = %s", (user,)))
    connection.commit()
    assert changed.epoch(user) == 0


@pytest.mark.parametrize(
    "change",
    [
        "hash = 'another'",
        "hash = NULL || 'x', salt = 'n'",
        "hash = 'new', salt = 'n', email = 'mine'",
        "hash = 'new', active = false",
        "hash = 'new', customer_id = 2",
    ],
)
def test_the_named_hash_exempts_nothing_else(changed, change):
    user = changed.user()
    connection = begun(changed, (MARK, ("new",)))
    try:
        changed.sql(f"UPDATE _user SET {change} WHERE id = %s", (user,), connection=connection)
        connection.commit()
        assert changed.epoch(user) == 1
        changed.sql("UPDATE _user SET email = 'free' || id WHERE id = %s", (user,))
    except psycopg2.errors.NotNullViolation:
        connection.rollback()
        assert "NULL" in change


def test_a_password_change_after_a_hash_upgrade_in_one_transaction_counts(changed):
    user = changed.user()
    connection = begun(
        changed,
        (MARK, ("new",)),
        ("UPDATE _user SET hash = 'new' WHERE id = %s", (user,)),
        ("UPDATE _user SET hash = 'chosen' WHERE id = %s", (user,)),
    )
    connection.commit()
    assert changed.epoch(user) == 1


def test_what_an_upgrade_named_is_forgotten_with_its_transaction(changed):
    user, other = changed.user(), changed.user()
    connection = begun(changed, (MARK, ("new",)), ("UPDATE _user SET hash = 'new' WHERE id = %s", (user,)))
    connection.commit()
    changed.sql("UPDATE _user SET hash = '' WHERE id = %s", (user,), connection=connection)
    changed.sql("UPDATE _user SET hash = 'new' WHERE id = %s", (other,), connection=connection)
    connection.commit()
    assert (changed.epoch(user), changed.epoch(other)) == (1, 1)


def test_a_user_made_in_the_same_transaction_keeps_epoch_0_as_tokens_of_the_original_need(changed):
    """SQLAlchemy's statements: first the user, then the roles, in one statement or in several."""
    connection = begun(changed)
    users = []
    with connection.cursor() as cursor:
        for number in range(2):
            cursor.execute(INSERT_USER, (f"original{number}", "O", "h", "s", True, 1))
            users.append(cursor.fetchone()[0])
        insert = "INSERT INTO user_has_role (user_id, role_id) VALUES %s"
        psycopg2.extras.execute_values(cursor, insert, [(users[0], 1), (users[0], 2)])
        cursor.executemany("INSERT INTO user_has_role (user_id, role_id) VALUES (%s, %s)", [(users[1], 1), (users[1], 2)])
    connection.commit()
    assert list(map(changed.epoch, users)) == [0, 0]
    changed.sql("DELETE FROM user_has_role WHERE user_id = %s", (users[0],))
    assert list(map(changed.epoch, users)) == [1, 0]


def test_whatever_happens_to_a_user_before_anybody_else_sees_them_leaves_epoch_0(changed):
    connection = begun(changed, (INSERT_USER, ("fresh", "F", "h", "s", True, 1)), "SAVEPOINT later")
    changed.sql("UPDATE _user SET hash = 'x', email = 'fresher', active = false WHERE email = 'fresh'", connection=connection)
    changed.sql("INSERT INTO user_has_role SELECT id, 1 FROM _user WHERE email = 'fresher'", connection=connection)
    changed.sql("UPDATE role SET code = code || '+' WHERE id = 1", connection=connection)
    connection.commit()
    assert changed.sql("SELECT epoch FROM _user WHERE email = 'fresher'") == [(0,)]


def test_a_role_given_to_new_and_old_users_in_one_statement_ends_the_tokens_of_the_old_ones(changed):
    old = changed.user()
    connection = begun(changed, (INSERT_USER, ("new", "N", "h", "s", True, 1)))
    changed.sql(
        "INSERT INTO user_has_role SELECT id, 3 FROM _user WHERE id = %s OR email = 'new'", (old,), connection=connection
    )
    connection.commit()
    assert changed.epoch(old) == 1
    assert changed.sql("SELECT epoch FROM _user WHERE email = 'new'") == [(0,)]


def test_triggers_fire_where_session_replication_role_is_replica(own):
    user = own.user([1])
    own.sql("SET session_replication_role = replica")
    own.sql("UPDATE _user SET hash = 'x' WHERE id = %s", (user,))
    own.sql("DELETE FROM user_has_role")
    own.sql("UPDATE role SET code = code || 'x'")
    assert own.epoch(user) == 2
    own.heard()
    own.sql("INSERT INTO revoked_token VALUES (sha256('x'), %s, now())", (user,))
    own.sql("DELETE FROM _user WHERE id = %s", (user,))
    assert own.tombstones() == {user: 2}
    assert [each[:2] for each in own.heard()] == ["t ", "u "]
    own.user(id=user)
    assert own.epoch(user) == 3


def test_what_the_caller_has_of_the_same_names_is_not_taken(own):
    user = own.user([1])
    own.sql(
        "CREATE SCHEMA evil;"
        "CREATE TABLE evil._user (LIKE public._user); CREATE TABLE evil.deleted_user (LIKE public.deleted_user);"
        "CREATE TABLE evil.user_has_role (LIKE public.user_has_role);"
        "CREATE TEMP TABLE _user (LIKE public._user); CREATE TEMP TABLE user_has_role (LIKE public.user_has_role);"
        "CREATE TEMP TABLE deleted_user (LIKE public.deleted_user);"
        "CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT created_at FROM public._user LIMIT 1 $$;"
        "CREATE FUNCTION evil.pg_notify(text, text) RETURNS void LANGUAGE sql AS $$ SELECT $$;"
        "CREATE FUNCTION evil.user_api_replicated() RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;"
        "CREATE FUNCTION evil.never(integer, integer) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;"
        "CREATE OPERATOR evil.<> (FUNCTION = evil.never, LEFTARG = integer, RIGHTARG = integer);"
        "SET search_path = evil, pg_temp, public, pg_catalog"
    )
    own.heard()
    own.sql("UPDATE public._user SET hash = 'x' WHERE id = %s", (user,))
    own.sql("DELETE FROM public.user_has_role")
    assert own.sql("SELECT epoch FROM public._user") == [(2,)]
    own.sql("DELETE FROM public._user")
    assert own.sql("SELECT id, epoch FROM public.deleted_user") == [(user, 2)]
    assert own.heard() == [f"u {user}"] * 3


def test_who_may_make_things_in_the_schema_gets_nothing_called(own):
    """Before PostgreSQL 15 every role may do that. The server prefers operators that fit better than pg_catalog's."""
    user = own.user([1])
    own.sql(
        "CREATE TABLE called (what text); GRANT ALL ON called TO PUBLIC;"
        "CREATE FUNCTION joined(text, integer) RETURNS text LANGUAGE sql AS"
        " $$ INSERT INTO public.called VALUES (current_user); SELECT $1 || $2::text $$;"
        "CREATE OPERATOR || (FUNCTION = joined, LEFTARG = text, RIGHTARG = integer);"
        "CREATE FUNCTION same(varchar, varchar) RETURNS boolean LANGUAGE sql AS"
        " $$ INSERT INTO public.called VALUES (current_user); SELECT true $$;"
        "CREATE OPERATOR = (FUNCTION = same, LEFTARG = varchar, RIGHTARG = varchar)"
    )
    own.heard()
    own.sql("UPDATE public._user SET hash = 'x' WHERE id OPERATOR(pg_catalog.=) %s", (user,))
    own.sql("UPDATE public.role SET code = 'x' WHERE id OPERATOR(pg_catalog.=) 1")
    assert own.sql("SELECT epoch FROM _user") == [(2,)]
    assert own.heard() == [f"u {user}"] * 2
    assert own.sql("SELECT what FROM called") == []


def test_triggers_of_a_host_find_their_tables_where_ours_change_users(own):
    user = own.user([1])
    own.sql("CREATE TABLE noted (id integer); DELETE FROM noted")
    own.sql(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO noted VALUES (NEW.id);"
        " RETURN NULL; END $$; CREATE TRIGGER note AFTER UPDATE ON _user FOR EACH ROW EXECUTE FUNCTION note()"
    )
    own.sql("INSERT INTO user_has_role VALUES (%s, 2)", (user,))
    own.sql("DELETE FROM _user WHERE id = %s", (own.user(id=1000),))
    own.user(id=1000)
    assert own.sql("SELECT id FROM noted") == [(user,), (1000,)]


def test_the_service_account_needs_no_right_on_what_triggers_touch(own):
    user = own.user([1])
    service = own.connect(SERVICE_ACCOUNT)
    own.sql("UPDATE _user SET hash = 'x' WHERE id = %s", (user,), connection=service)
    own.sql("DELETE FROM user_has_role", connection=service)
    own.sql("DELETE FROM _user", connection=service)
    assert own.tombstones() == {user: 2}
    own.sql(
        "INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES (%s, 'e', 'n', 'h', 's', 1)",
        (user,),
        connection=service,
    )
    assert own.epoch(user) == 3
    for statement in ("SELECT * FROM deleted_user", "DELETE FROM deleted_user", "SELECT user_api_notify('u 1')"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            own.sql(statement, connection=service)


def test_the_functions_of_triggers_are_nobodys_to_call(own):
    of_triggers = "proname LIKE 'user\\_api\\_%' AND proname <> 'user_api_folded_email'"
    called_by_those = "user_api_event_put"  # runs with its caller's rights and search path
    others = f"SELECT proname FROM pg_proc WHERE {of_triggers} AND proacl::text ~ '[{{,]='"
    assert own.sql(others) == []
    unsafe = (
        f"SELECT proname FROM pg_proc WHERE {of_triggers}"
        " AND NOT (prosecdef AND proacl IS NOT NULL"
        " AND coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false))"
    )
    assert own.sql(unsafe) == [(called_by_those,)]


def test_statements_that_give_roles_to_the_same_users_in_other_orders_do_not_deadlock(own):
    users = sorted(own.users(200))

    def give_and_take(role, order):
        connection = own.connect()
        for _ in range(20):
            own.sql("INSERT INTO user_has_role SELECT u, %s FROM unnest(%s) u", (role, order), connection=connection)
            own.sql("DELETE FROM user_has_role WHERE role_id = %s", (role,), connection=connection)

    orders = {1: users, 2: users[::-1], 3: users[1::2] + users[::2]}
    at_once(*(functools.partial(give_and_take, role, order) for role, order in orders.items()))
    assert set(own.epochs().values()) == {3 * 20 * 2}


def test_roles_changed_by_sql_that_locks_users_first_and_by_the_api_do_not_deadlock(site):
    users = [site.seed.user(roles=("reader",)) for _ in range(3)]
    ids = [user.id for user in users]
    client = site.login(site.seed.alice)
    rounds = 15

    def by_sql():
        for number in range(rounds):
            with transaction(site) as locked:
                locked.sql("SELECT FROM _user WHERE id = ANY (%s) ORDER BY id FOR UPDATE", (ids,))
                locked.sql("DELETE FROM user_has_role WHERE user_id = ANY (%s)", (ids[:: (-1) ** number],))
                locked.sql("INSERT INTO user_has_role SELECT u, 2 FROM unnest(%s) u", (ids[::-1],))
                locked.commit()

    def by_api(user):
        document = {"active": True, "email": user.email, "name": user.name}
        answers = set()
        for number in range(rounds):
            roles = [{"id": 1 + number % 3}]
            answers.add(client.put(f"/api/users/{user.id}", {**document, "roles": roles}).status_code)
        return answers

    _, *answers = at_once(by_sql, *(functools.partial(by_api, user) for user in users))
    assert answers == [{200}] * 3
