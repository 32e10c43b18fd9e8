"""The requests of the benchmark of large customers. Each row has the expected answer, so no row measures an empty page by
mistake."""

import json
import urllib.parse

from people import FEW, FEW_UNUSUAL, PAGE, page_of

# Rows with targets. In large customers, heavy searches are limited instead, because each reads every user.
PLAIN, PAGES, SEARCH, FILTER, COUNT, HEAVY = "plain", "pages", "search", "filter", "count", "heavy"
SINGLE_USERS = 50


def users(**arguments):
    """The path of a list. Patterns are quoted as by a client: % becomes %25."""
    return "/api/users/?" + urllib.parse.urlencode({"limit": PAGE, **arguments})


class Row:
    """`paths` and `check` get the customer. `check` returns the error in an answer, or nothing."""

    def __init__(self, title, kind, paths, check):
        self.title, self.kind, self.paths, self.check = title, kind, paths, check


def hits(number, more=False):
    """This number of users, and whether there are more."""

    def check(customer, answer):
        ids, has_next, _ = page_of(answer)
        wrong = len(ids) != number or has_next != more or not set(ids) <= set(customer.ids)
        return wrong and f"{len(ids)} users, {'more' if has_next else 'no more'}"

    return check


def some(customer, answer):
    ids, _, _ = page_of(answer)
    return not ids and "no users"


FULL = hits(PAGE, more=True)


def page(title, begin, argument=None):
    """The page that begins at this position, by offset or by after."""

    def paths(customer):
        place = begin(customer)
        value = customer.ids[place - 1] if argument == "after" else place
        return [users(**({argument: value} if argument else {}))]

    def check(customer, answer):
        place = begin(customer)
        ids, has_next, _ = page_of(answer)
        wanted = customer.ids[place : place + PAGE]
        return (ids != wanted or has_next != (place + PAGE < len(customer.ids))) and f"another page: {ids}"

    return Row(title, PAGES, paths, check)


def listed(title, kind, check, **arguments):
    return Row(title, kind, lambda customer: [users(**arguments)], check)


def search(title, check, **arguments):
    return listed(title, SEARCH, check, **arguments)


def counted(title, condition, kind=COUNT, **arguments):
    def check(customer, answer):
        _, _, count = page_of(answer)
        wanted = customer.number_of(condition)
        return (count != wanted or not count) and f"a count of {count} instead of {wanted}"

    return listed(title, kind, check, count="true", **arguments)


def single_users(customer):
    step = max(1, len(customer.ids) // SINGLE_USERS)
    return [f"/api/users/{number}" for number in customer.ids[::step][:SINGLE_USERS]]


def middle(customer):
    return len(customer.ids) // 2


def last(customer):
    return len(customer.ids) - PAGE


def nobody_else(customer, answer):
    """The answer to a token check is the caller, and the answer to a user is that user."""
    return json.loads(answer)["customer"]["id"] != customer.number and "a user of another customer"


READERS = "u.id IN (SELECT user_id FROM user_has_role WHERE role_id = (SELECT id FROM role WHERE code = 'reader'))"
FEW_EMAILS = f"u.email ILIKE '%%{FEW}%%'"
MANY_EMAILS = "u.email ILIKE '%%@example.org%%'"
FIRST_PAGE = "list of 20, the first page"
LAST_BY_OFFSET, LAST_BY_AFTER = "last page, by offset", "last page, by after"

ROWS = (
    Row("token check", PLAIN, lambda customer: ["/api/users/token"], nobody_else),
    Row("user by id", PLAIN, single_users, nobody_else),
    page(FIRST_PAGE, lambda customer: 0),
    page("middle page, by offset", middle, "offset"),
    page(LAST_BY_OFFSET, last, "offset"),
    page("middle page, by after", middle, "after"),
    page(LAST_BY_AFTER, last, "after"),
    Row("email, a whole one", SEARCH, lambda customer: [users(email=customer.email)], hits(1)),
    search("email, 3 hits", hits(3), email=FEW.lower()),
    search("email, many hits", FULL, email="@example.org"),
    search("email, no hits", hits(0), email="xqvkzwj"),
    search("name, 3 hits", hits(3), name=FEW),
    search("name, 2 hits, not ASCII", hits(2), name=FEW_UNUSUAL.upper()),
    search("name, 1 in 100", some, name="Haas"),
    search("name, many hits", FULL, name="ann"),
    search("name, no hits", hits(0), name="xqvkzwj"),
    search("name, no hits, common letters", hits(0), name="smith anna"),
    search("email and name, 3 hits", hits(3), email=FEW.lower(), name=FEW),
    search("email and name, many hits", FULL, email="@example.org", name="ann"),
    search("email and name, no hits", hits(0), email="xqvkzwj", name="xqvkzwj"),
    search("email with %, 3 hits", hits(3), email="zwing%stein"),
    search("email with %, many hits", FULL, email="a%@example"),
    search("name with _, 3 hits", hits(3), name="zwing_lstein"),
    search("two letters, many hits", FULL, name="an"),
    listed("two letters, no hits", HEAVY, hits(0), name="xq"),
    listed("role, many holders", FILTER, FULL, role="reader"),
    listed("role, 5 holders", FILTER, hits(5), role="auditor"),
    listed("role, no holders", FILTER, hits(0), role="nobody"),
    listed("active", FILTER, FULL, active="true"),
    # A customer of 900 users has 18 of them.
    listed("inactive, page of 10", FILTER, hits(10, more=True), active="false", limit=10),
    counted("count", "true"),
    counted("count, active", "u.active", active="true"),
    counted("count, role", READERS, role="reader"),
    counted("count, email, 3 hits", FEW_EMAILS, email=FEW.lower()),
    counted("count, email, many hits", MANY_EMAILS, HEAVY, email="@example.org"),
)
