"""Plans of prepared statements, as EXPLAIN (FORMAT JSON) has them."""


def explained(cursor, name, arguments, run=True):
    """The plan of the prepared statement; what it really did, unless `run` is False."""
    options = "ANALYZE, FORMAT JSON" if run else "FORMAT JSON"
    cursor.execute(f"EXPLAIN ({options}) EXECUTE {name} ({', '.join(['%s'] * len(arguments))})", arguments)
    return cursor.fetchone()[0][0]["Plan"]


def nodes(plan):
    """The plan and all below it."""
    yield plan
    for each in plan.get("Plans", []):
        yield from nodes(each)


def executed(plan):
    """Those that have run."""
    return [node for node in nodes(plan) if node["Actual Loops"] > 0]


def reads(node):
    """How many rows a node that has run read, returned or not."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def examined(plan):
    """How many rows of _user a plan that has run looked at."""
    return sum(reads(node) for node in nodes(plan) if node.get("Relation Name") == "_user")
