"""How many users there are by customer and block of ids, and how many are counted."""

SUMMED = (
    "SELECT customer_id, block, sum(users) FROM user_count GROUP BY customer_id, block HAVING sum(users) <> 0"
    " ORDER BY customer_id, block"
)
THERE = "SELECT customer_id, id >> 12, count(*) FROM _user GROUP BY customer_id, id >> 12 ORDER BY customer_id, id >> 12"


def assert_exact(database):
    """In a database, or of a site; the rows of (customer, block, users)."""
    there = database.sql(THERE)
    assert database.sql(SUMMED) == there
    return there


def insert(own, users, connection=None):
    """Users of these (id, customer), in one statement."""
    values = ", ".join(f"({number}, 'e{number}', 'n', 'h', 's', {customer})" for number, customer in users)
    own.sql(f"INSERT INTO _user (id, email, name, hash, salt, customer_id) VALUES {values}", connection=connection)
