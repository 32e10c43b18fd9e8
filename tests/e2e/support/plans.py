"""Plans of prepared statements, as EXPLAIN (FORMAT JSON) has them."""


def explained(cursor, name, arguments, run=True):
    """The plan of the prepared statement, with the real numbers unless `run` is False."""
    options = "ANALYZE, FORMAT JSON" if run else "FORMAT JSON"
    cursor.execute(f"EXPLAIN ({options}) EXECUTE {name} ({', '.join(['%s'] * len(arguments))})", arguments)
    return cursor.fetchone()[0][0]["Plan"]


def nodes(plan):
    """The node and all nodes below it."""
    yield plan
    for each in plan.get("Plans", []):
        yield from nodes(each)


def executed(plan):
    """The nodes that have run."""
    return [node for node in nodes(plan) if node["Actual Loops"] > 0]


def reads(node):
    """The number of rows that a node has read, returned or not."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def examined(plan):
    """The number of rows of _user that a plan has read."""
    return sum(reads(node) for node in nodes(plan) if node.get("Relation Name") == "_user")
