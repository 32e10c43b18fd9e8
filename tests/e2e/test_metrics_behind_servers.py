"""Who may read GET /metrics behind each web server of deploy/, as shipped: only the machine itself, from 127.0.0.1."""

import http.client
import json
import urllib.parse

import pytest
from support import behind
from support.behind_fixtures import serve  # noqa: F401

ON = {"USER_API_METRICS": "on"}
HERE, STRANGER = "127.0.0.1", "127.0.0.2"

# With these, the web server starts single processes, which have no metrics.
WITHOUT_POOL = ("apache-fcgid", "lighttpd-bin-path")

# Suffixes of the path, and other spellings of it. A web server may resolve and decode some of them to the same path.
SPELLINGS = ["?x=1", "/", "/.", "%2f", "%00", ";x"]
OTHERS = ["/%6detrics", "//metrics", "/./metrics", "/x/../metrics", "/METRICS", "/%2fmetrics", "/metrics/../metrics"]


def ask(site, address, target="/metrics", method="GET", **headers):
    """The answer to a client with this address: (status, headers, body). This does not use the tests' client, because
    that compares answers with the document, which does not have the web server's own answers."""
    place = urllib.parse.urlsplit(site.nginx.url)
    connection = http.client.HTTPConnection(HERE, place.port, timeout=30, source_address=(address, 0))
    try:
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("kind", list(behind.KINDS))
def test_the_machine_itself_reads_the_metrics_and_strangers_are_told_that_there_are_none(serve, kind):  # noqa: F811
    site = serve(kind, ON)
    status, headers, body = ask(site, HERE)
    if kind in WITHOUT_POOL:
        assert status == 404
    else:
        assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert b"\nuser_api_hash_slots " in body
    status, headers, body = ask(site, STRANGER)
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body) == {"error_code": "NOT_FOUND", "message": "Not found."}
    assert ask(site, STRANGER, method="HEAD")[0] == ask(site, STRANGER, method="POST")[0] == 404
    assert ask(site, STRANGER, **{"X-Forwarded-For": HERE})[0] == 404
    for target in ["/metrics" + more for more in SPELLINGS] + OTHERS + [site.nginx.url + "/metrics"]:
        status, _, body = ask(site, STRANGER, target)
        assert status in (400, 404) and b"user_api_" not in body, target


@pytest.mark.parametrize("kind", [kind for kind in behind.KINDS if kind not in WITHOUT_POOL])
def test_a_client_behind_a_proxy_of_this_machine_is_a_stranger(serve, kind):  # noqa: F811
    """Such a proxy names its client in X-Forwarded-For."""
    site = serve(kind, ON)
    for named in ("203.0.113.9", "2001:db8::9", "127.0.0.1, 203.0.113.9"):
        assert ask(site, HERE, **{"X-Forwarded-For": named})[0] == 404, named
    assert ask(site, HERE)[0] == 200
