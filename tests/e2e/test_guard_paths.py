"""One table of addresses, for every server with its configuration of deploy/guard/ as shipped. Addresses that can be
read in two ways never arrive, and all others do. docs/guard.md describes this under "One address, one place"."""

import os
import re
import urllib.parse

import pytest
from support.apache import ApacheAuthnzFcgi, ApacheFcgid
from support.guard_fixtures import around, guarded_site  # noqa: F401
from support.guarded import Nginx
from support.lighttpd import Lighttpd
from support.processes import REPOSITORY
from support.proxies import Caddy, HAProxy
from test_guard_attacks import bearer, has_cgi, reader, send, server  # noqa: F401

pytestmark = pytest.mark.unsanitized

# If the guard uses one reading and the application another, they disagree about who may see the place.
REFUSED = {
    "a segment . or ..": [
        "/{guarded}/../{open}/page", "/{guarded}/x/../../{open}/page", "/{guarded}//../{open}/page", "/{open}/./page",
        "/{open}/.", "/{open}/..", "/{open}/../{guarded}/page?x",
    ],
    "the same escaped": [
        "/{guarded}/%2e%2e/{open}/page", "/{guarded}/%2E./{open}/page", "/{open}/%2e/page", "/{guarded}%2f..%2f{open}/page",
        "/{guarded}/..%2f{open}/page", "/{guarded}/.%2e%2F{open}/page", "/{open}/..%3f/page", "/{open}/..%23/page",
    ],
    "the same with parameters": [
        "/{open}/..;/{guarded}/page", "/{open}/..;x=y/{guarded}/page", "/{open}/%2e%2e;/{guarded}/page", "/{open}/..%3b/{guarded}/page",
        "/{open}/.;/../{guarded}/page", "/{open}/x/..;/..;/{guarded}/page", "/{guarded}/;/../../{open}/page", "/{open}/..;",
    ],
    "the same with blanks": ["/{open}/..%20/{guarded}/page", "/{open}/..%20", "/{open}/.%20/page", "/{open}/%2e%2e%20%20/page"],
    "an escape within an escape": [
        "/{open}/%252e%252e/{guarded}/page", "/{open}/.%252e/{guarded}/page", "/{open}/%25252e%25252e/{guarded}/page",
        "/{open}/%252e%252e%252f{guarded}/page", "/{open}/%25%32%65%25%32%65/{guarded}/page", "/{open}/%2%65%2%65/page",
        "/{open}/%25%32e/page", "/{open}/%252%65/page", "/{open}/%2541", "/{open}/a%252fb", "/{open}/a%255cb",
    ],
    "an escape that is longer than UTF-8 allows": [
        "/{open}/%c0%ae%c0%ae/{guarded}/page", "/{open}/%C0%AE/page", "/{open}/a%c0%afb", "/{open}/%e0%80%ae/page",
        "/{open}/%f0%80%80%ae/page", "/{open}/%c1%9cpage",
    ],
    "no escape": ["/{open}/%zz", "/{open}/100%", "/{open}/%2", "/{open}/%u002e%u002e/page", "/{open}/%%32%65/page", "/{open}/%2?x"],
    "a control character": [
        "/{open}/.%00/page", "/{open}/page%00", "/{open}/page%00.html", "/{open}/..%09/page", "/{open}/a%0d%0ab", "/{open}/%7f",
    ],
    "a backslash": [
        "/{open}/..\\{guarded}\\page", "/{open}\\..\\{guarded}\\page", "/{open}/..%5c{guarded}/page", "/{open}%5c..%5c{guarded}/page",
        "/{open}/a\\b", "/{open}/a%5cb", "/{open}/a%5Cb", "/\\{guarded}/page",
    ],
    "a fragment": ["/{open}/page#x", "/{open}/#/../{guarded}/page"],
    "two slashes at the beginning": ["//{guarded}/page", "//{open}/page", "//x/{guarded}/page", "/%2f{guarded}/page", "/%2F{open}/page"],
    "parameters before a slash": ["/{guarded};x/page", "/{open};/page", "/{open};x=y/{guarded}/page", "/{open}/a;v=1/b", "/{open}/a;v=1%2fb"],
}  # fmt: skip

ARRIVING = {
    "the plain ones": ["/app/page", "/app/", "/app/page?x=1"],
    "dots within a segment": ["/app/.well-known/x", "/app/.x", "/app/..x/y", "/app/...", "/app/.../x", "/app/a..b", "/app/x..", "/app/a./b"],
    "an escaped slash": ["/app/a%2Fb", "/app/a%2fb"],
    "parameters at the end": ["/app/a;v=1", "/app/a;jsessionid=0F", "/app/a;v=1?x", "/app/x/a%3Bb"],
    "two slashes": ["/app//page", "/app/x//y"],
    "one escape": ["/app/a%20b", "/app/%20", "/app/100%25", "/app/50%25%20off", "/app/100%25of", "/app/a%3Fb", "/app/a%23b", "/app/a%26b", "/app/%41"],
    "letters and signs": ["/app/%C3%BC", "/app/%E6%97%A5", "/app/%F0%9F%8E%89", "/app/a+b", "/app/a~b", "/app/(a)!$'*,=:@"],
    "anything behind the question mark": ["/app/page?x=/../y&z=..;/", "/app/page?u=http://a//b", "/app/page?x=%252e%5c", "/app/page?a;b/c"],
}  # fmt: skip


def places(server):  # noqa: F811
    yield {"guarded": "app-admin", "open": "app"}
    yield {"guarded": "app", "open": "open"}
    if has_cgi(server):
        yield {"guarded": "cgi-admin", "open": "cgi"}


def place(target):
    """The address as a server resolves it; Apache and lighttpd pass the resolved one on."""
    return re.sub("/+", "/", urllib.parse.unquote(target.partition("?")[0]))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(server, around, reader, kind):  # noqa: F811
    for names in places(server):
        for target in (form.format(**names) for form in REFUSED[kind]):
            before = len(around.http.seen)
            status, body = send(server, target, [bearer(reader)])
            assert status in (400, 403, 404, server.refusal) and '"environment"' not in body and '"parameters"' not in body, (target, status, body)
            assert around.http.seen[before:] == [], target


@pytest.mark.parametrize("kind", ARRIVING)
def test_everything_else_arrives(server, around, reader, kind):  # noqa: F811
    for target in ARRIVING[kind]:
        before = len(around.http.seen)
        assert send(server, target, [bearer(reader)])[0] == 200, target
        assert [place(seen) for seen in around.http.seen[before:]] == [place(target)], target


def apache_with_a_deeper_place(text):
    place = re.search(r"(?s)    <Location /app-admin/>.*?</Location>\n", text)
    return text.replace("    # (c)", place[0].replace("app-admin", "app/admin") + "    # (c)") if place else text


# How an operator changes the shipped configuration to guard a place inside a guarded place.
DEEPER = {
    Nginx: lambda text: re.sub(
        r"(?s)(    location /app-admin/ .*?\n    }\n)", lambda found: found[1] + found[1].replace("app-admin", "app/admin"), text
    ),
    ApacheAuthnzFcgi: apache_with_a_deeper_place,
    ApacheFcgid: apache_with_a_deeper_place,
    Lighttpd: lambda text: text.replace("^/(admin|app-admin|", "^/(admin|app-admin|app/admin|"),
    Caddy: lambda text: re.sub(
        r"(?s)(\t\t@app path .*?)(\t\t@app_admin path .*?\n\t\t}\n)", lambda found: found[2].replace("app-admin", "app/admin") + found[1], text
    ),
    HAProxy: lambda text: text.replace("-m beg /app-admin", "-m beg /app/admin"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DEEPER, ids=lambda kind: kind.kind)
def test_a_guard_within_a_guarded_place_knows_every_way_of_writing_its_address(kind, around, guarded_site, reader, new_folder):  # noqa: F811
    class Deeper(kind):
        def shipped(self, name):
            return DEEPER[kind](super().shipped(name))

    started = Deeper(os.path.join(new_folder(), "s"), around).start()
    for target in ("/app/admin/page", "/app//admin/page", "/app%2Fadmin/page", "/app/%2fadmin/page", "/app/%61dmin/page", "/app/admin%2fpage"):
        before = len(around.http.seen)
        assert send(started, target, [bearer(reader)])[0] == started.refusal, target
        assert around.http.seen[before:] == []
    assert send(started, "/app/admin/page", [bearer(guarded_site.token(guarded_site.seed.alice))])[0] == 200
    assert send(started, "/app/page", [bearer(reader)])[0] == 200


def test_the_guide_names_what_this_table_tests():
    with open(os.path.join(REPOSITORY, "docs", "guard.md"), encoding="utf-8") as page:
        section = page.read().partition("**One address, one place.**")[2].partition("\n\n**")[0]
    rows = re.findall(r"(?m)^\| ([^|`]+) \| (`.*) \|$", section)
    refused = {name: examples for name, examples in rows if name in REFUSED}
    assert [name for name, _ in rows] == [*REFUSED, *ARRIVING]
    for name, examples in rows:
        table = [form.format(guarded="admin", open="app") for form in REFUSED[name]] if name in refused else ARRIVING[name]
        assert [example for example in re.findall(r"`([^`]+)`", examples) if example not in table] == []
