"""Pages by offset and numbers of users, with and without the stored counts of blocks: both match the users."""

import json
import os
import random
import re
import subprocess

import pytest
from support.counts import SUMMED, THERE, insert
from support.pool import binary
from support.postgres import SERVICE_ACCOUNT
from support.sql_changes import Changed

PRINT = os.path.join(os.path.dirname(binary()), "tests", "tools", "print_statements")
PREPARED = {
    "user_list_deep": "integer, bigint, bigint, bigint", "user_count": "integer", "user_count_active": "integer, boolean",
    "customer_count_users": "integer",
    "customer_get": "integer", "customer_list": "bigint, bigint, bigint",
}  # fmt: skip
TRIGGERS = [
    ("_user", "inserted"), ("_user", "deleted"), ("_user", "truncated"), ("_user", "moved"), ("_user", "arrived"),
    ("_user", "left"), ("user_count", "kept"),
]  # fmt: skip
LOWEST = -(2**63)


class Answers(Changed):
    """Runs the service's statements as its account and with its settings."""

    def __init__(self, server):
        super().__init__(server)
        self.service = self.connect(SERVICE_ACCOUNT)
        self.sql("SET plan_cache_mode = force_generic_plan", connection=self.service)
        statements = json.loads(subprocess.run([PRINT], check=True, stdout=subprocess.PIPE).stdout)
        for each in statements:
            if each["name"] in PREPARED:
                self.sql(f"PREPARE {each['name']} ({PREPARED[each['name']]}) AS {each['sql']}", connection=self.service)

    def ask(self, name, *arguments):
        return self.sql(f"EXECUTE {name} ({', '.join(map(str, arguments))})", connection=self.service)

    def assert_numbers(self):
        numbers = dict(self.sql("SELECT customer_id, count(*) FROM _user GROUP BY customer_id"))
        active = dict(self.sql("SELECT customer_id, count(*) FROM _user WHERE active GROUP BY customer_id"))
        customers = [row[0] for row in self.sql("SELECT id FROM customer ORDER BY id")]
        for customer in customers:
            number = numbers.get(customer, 0)
            assert self.ask("user_count", customer) == self.ask("customer_count_users", customer) == [(number,)]
            assert self.ask("user_count_active", customer, True) == [(active.get(customer, 0),)]
            assert self.ask("user_count_active", customer, False) == [(number - active.get(customer, 0),)]
            assert self.ask("customer_get", customer)[0][3] == number
        listed = [(row[0], row[3]) for row in self.ask("customer_list", 0, 1000, 0)]
        assert listed == [(each, numbers.get(each, 0)) for each in customers]

    def assert_pages(self, customer, pages):
        columns = "id, customer_id, email, name, active"
        users = self.sql(f"SELECT {columns} FROM _user WHERE customer_id = %s ORDER BY id", (customer,))
        for low, limit, offset in pages:
            expected = [row for row in users if row[0] >= low][offset : offset + limit]
            assert self.ask("user_list_deep", customer, low, limit, offset) == expected, (low, limit, offset)


@pytest.fixture
def own(postgres):
    made = Answers(postgres)
    yield made
    made.drop()


def ids(kind):
    """The ids of users, who belong to two customers in turn."""
    chosen = random.Random(kind)
    return {
        "dense": range(1, 9000),
        "interleaved with gaps": [number for number in range(1, 30000) if (number >> 12) % 3 and number % 5],
        "sparse": chosen.sample(range(-(2**31), 2**31), 3000),
        "negative": range(-9000, 4, 2),
        "at the ends": [*range(-(2**31), -(2**31) + 50), *range(2**31 - 50, 2**31)],
    }[kind]


@pytest.mark.parametrize("kind", ["dense", "interleaved with gaps", "sparse", "negative", "at the ends"])
def test_pages_by_offset_are_those_of_the_ordered_users(own, kind):
    chosen = random.Random(kind)
    insert(own, [(number, 1 + number // 3 % 2) for number in ids(kind)])
    own.sql("DELETE FROM _user WHERE id >> 12 = (SELECT max(id) >> 12 FROM _user WHERE id < 6000) AND customer_id = 1")
    assert own.sql(SUMMED) == own.sql(THERE)
    own.assert_numbers()
    for customer in (1, 2, 77):
        numbers = [row[0] for row in own.sql("SELECT id FROM _user WHERE customer_id = %s ORDER BY id", (customer,))]
        there = len(numbers)
        offsets = [0, 1, there // 2, max(there - 1, 0), there, there + 1, 10**12]
        offsets += [chosen.randrange(there + 5) for _ in range(60)]
        own.assert_pages(customer, [(LOWEST, 20, offset) for offset in offsets])
        lows = [0, 1, -4096, 4096, -(2**31), 2**31 - 1, 2**31, *(chosen.choice(numbers or [0]) + n % 3 - 1 for n in range(60))]
        own.assert_pages(customer, [(low, chosen.choice([1, 20, 1001]), chosen.choice(offsets)) for low in lows])


def test_pages_are_those_of_the_transactions_own_changes(own):
    insert(own, [(number, 1) for number in range(1, 6000)])
    own.service.autocommit = False
    insert(own, [(number, 1) for number in range(-3000, 0)], connection=own.service)
    own.sql("DELETE FROM _user WHERE id BETWEEN 100 AND 4500", connection=own.service)
    page = own.ask("user_list_deep", 1, LOWEST, 3, 3098)
    assert [row[0] for row in page] == [99, 4501, 4502]
    assert own.ask("user_count", 1) == [(4598,)]
    active = own.sql("SELECT count(*) FROM _user WHERE active", connection=own.service)
    assert own.ask("user_count_active", 1, True) == active != own.sql("SELECT count(*) FROM _user WHERE active")
    own.service.rollback()
    own.assert_pages(1, [(LOWEST, 3, 3098)])


@pytest.mark.parametrize("table, name", TRIGGERS, ids=[name for _, name in TRIGGERS])
@pytest.mark.parametrize(
    "off",
    [
        "ALTER TABLE {table} DISABLE TRIGGER user_api_count_{name}",
        "ALTER TABLE {table} ENABLE TRIGGER user_api_count_{name}",
        "ALTER TABLE {table} ENABLE REPLICA TRIGGER user_api_count_{name}",
        "DROP TRIGGER user_api_count_{name} ON {table}",
    ],
    ids=["disabled", "of the origin", "of replicas", "dropped"],
)
def test_while_a_trigger_is_off_answers_come_from_the_users(own, off, table, name):
    insert(own, [(number, 1 + number % 2) for number in range(1, 6000)])
    own.assert_numbers()
    own.sql("SET user_api.recounting = 'on'; DELETE FROM user_count WHERE block = 0; RESET user_api.recounting")
    assert own.ask("user_count", 1) != own.sql("SELECT count(*) FROM _user WHERE customer_id = 1"), "the numbers are asked"
    active = own.sql("SELECT count(*) FROM _user WHERE customer_id = 1 AND active")
    assert own.ask("user_count_active", 1, True) != active, "the numbers are asked"
    own.sql(off.format(table=table, name=name))
    own.assert_numbers()
    own.assert_pages(1, [(LOWEST, 20, offset) for offset in (0, 1001, 2500, 2999, 3000)])
    own.assert_pages(2, [(500, 20, offset) for offset in (0, 1001, 2500)])


def test_a_deep_page_and_a_number_read_little_of_a_large_customer(own):
    insert(own, [(number, 1) for number in range(1, 40001)])
    own.sql("ANALYZE _user")
    for name, arguments in (
        ("user_list_deep", (1, LOWEST, 20, 39000)), ("user_count", (1,)), ("user_count_active", (1, True)),
        ("customer_list", (0, 9, 0)),
    ):  # fmt: skip
        execute = f"EXPLAIN (ANALYZE, TIMING OFF) EXECUTE {name} ({', '.join(map(str, arguments))})"
        plan = [row[0] for row in own.sql(execute, connection=own.service)]
        users = [line for line in plan if " on _user" in line and "never executed" not in line]
        rows = [int(re.search(r"actual rows=(\d+)", line).group(1)) for line in users]
        assert sum(rows) < 4200, "\n".join(plan)
