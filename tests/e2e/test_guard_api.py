"""The API on a guarded site, behind each server with its configuration of deploy/guard/ as shipped."""

import pytest
from support.client import Client, cookie_of
from support.guard_fixtures import around, guarded_site  # noqa: F401
from test_guard_attacks import server  # noqa: F401

pytestmark = pytest.mark.unsanitized


def test_an_etag_arrives_unchanged_both_ways(server, guarded_site):  # noqa: F811
    """In the tests, the servers compress every answer that their configuration allows."""
    site = guarded_site
    user = site.seed.user()
    client = Client(server.url)
    path, authorization = f"/api/users/{user.id}", ("Authorization", f"Bearer {site.token(site.seed.alice)}")
    tag = site.pool.request(uri=path, HTTP_AUTHORIZATION=authorization[1])[1]["etag"]
    status, headers, body = client.raw("GET", path, [authorization, ("Accept-Encoding", "gzip, br, deflate")])
    assert (status, headers["ETag"], headers["Content-Encoding"], body[:1]) == (200, tag, None, b"{")
    status, headers, body = client.raw("GET", path, [authorization, ("If-None-Match", tag), ("Accept-Encoding", "gzip")])
    assert (status, headers["ETag"], headers["Content-Type"], body) == (304, tag, None, b"")
    assert client.raw("DELETE", path, [authorization, ("If-Match", '"x"')])[0] == 412
    status, headers, body = client.raw("DELETE", path, [authorization, ("If-Match", tag)])
    assert (status, headers["Content-Type"], body) == (204, None, b"")


def test_the_longest_tokens_pass_by_the_cookie_and_by_both_headers(server, guarded_site):  # noqa: F811
    """A login's cookie has a lower limit: Apache accepts no response line of more than 8 KiB."""
    client, user = Client(server.url), guarded_site.seed.laden_user()
    cookie = client.login(user.email, user.password).headers["Set-Cookie"].partition(";")[0]
    token = guarded_site.mint(user, roles=[{"code": f"r{n}", "id": n + 1, "name": "n" * 213} for n in range(24)])
    assert 8000 < len(token) <= 8192
    ways = [{"Cookie": cookie}, cookie_of(token), {"Authorization": f"Bearer {token}"}, {"Authentication": f"Bearer {token}"}]
    for path in ("/api/users/token", "/app/page"):
        for headers in ways:
            assert client.get(path, headers=headers).status_code == 200, (path, list(headers))
