"""Compares the counters of users by customer and block of ids with the real numbers."""

SUMMED = (
    "SELECT customer_id, block, sum(users), sum(active) FROM user_count GROUP BY customer_id, block"
    " HAVING sum(users) <> 0 OR sum(active) <> 0 ORDER BY customer_id, block"
)
THERE = (
    "SELECT customer_id, id >> 12, count(*), count(*) FILTER (WHERE active) FROM _user GROUP BY customer_id, id >> 12"
    " ORDER BY customer_id, id >> 12"
)


def assert_exact(database):
    """Checks the counters of a database or a site. Returns the rows (customer, block, users, active users)."""
    there = database.sql(THERE)
    assert database.sql(SUMMED) == there
    return there


def insert(own, users, connection=None):
    """Inserts users with these (id, customer) in one statement. Users whose id is a multiple of 3 are inactive."""
    values = ", ".join(f"({number}, 'e{number}', 'n', 'h', 's', {customer}, {number % 3 != 0})" for number, customer in users)
    own.sql(f"INSERT INTO _user (id, email, name, hash, salt, customer_id, active) VALUES {values}", connection=connection)
