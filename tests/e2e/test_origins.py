"""Which pages may send requests that write: Origin and Sec-Fetch-Site."""

import json
import os
import subprocess
import urllib.parse

import pytest
from support import fastcgi
from support.client import Client, assert_error
from support.pool import binary

OTHER = "https://app.example.org"
REFUSED = "This request comes from a page of another site."
HOST = "auth.example.org"
SAME_SITES = ["same-origin", "none"]
OTHER_SITES = ["same-site", "", "sideways", "Same-Origin", "same-origin, cross-site", None]

# None of these may count as a page of https://auth.example.org.
FOREIGN_ORIGINS = ["https://evil.example", "null", "https://auth.example.org.evil.example", "https://evil-auth.example.org", "https://example.org",
                   "https://sub.auth.example.org", "https://auth.example.org:8443", "http://auth.example.org:443", "https://auth.example.org/",
                   "https://evil.example@auth.example.org", "https://auth.example.org https://evil.example", "auth.example.org", "//auth.example.org",
                   "https://", "*", "file://", "https://auth.example.org\t", "https://auth.example.org,https://auth.example.org"]  # fmt: skip
OWN_ORIGINS = ["https://auth.example.org", "http://auth.example.org", "HTTPS://Auth.Example.ORG", "https://auth.example.org:443"]

PRINT = os.path.join(os.path.dirname(binary()), "tests", "tools", "print_api")


def routes_that_write():
    """All routes of the service that write, including the login: (method, path)."""
    routes = json.loads(subprocess.run([PRINT], check=True, stdout=subprocess.PIPE).stdout)["routes"]
    found = [(each["method"], each["path"].replace("<int:id>", "1")) for each in routes if each["method"] not in ("GET", "any")]
    assert ("POST", "/api/users/login") in found and ("PUT", "/api/users/1") in found
    return found


WRITES = routes_that_write()


@pytest.fixture(scope="module")
def token(site):
    return site.token(site.seed.alice)


def ask(site, method, path, body=b"", **headers):
    """Sends a request to the pool without the web server, with the headers of a browser: (status, message)."""
    more = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    status, _, found = site.pool.request(method, path, body, CONTENT_TYPE="application/json", **more)
    return status, json.loads(found).get("message")


@pytest.mark.parametrize("method, path", WRITES)
def test_no_page_of_another_site_writes(site, token, method, path):
    signed_in = {"authorization": f"Bearer {token}"}
    for headers in ({}, signed_in):
        assert ask(site, method, path, host=HOST, sec_fetch_site="cross-site", **headers) == (403, REFUSED)
        for origin in FOREIGN_ORIGINS:
            for sec_fetch_site in ["cross-site", *OTHER_SITES]:
                found = ask(site, method, path, host=HOST, origin=origin, sec_fetch_site=sec_fetch_site, **headers)
                assert found == (403, REFUSED), (origin, sec_fetch_site)
    assert site.client.bearer(token).get("/api/users/token").status_code == 200


def test_the_sites_own_pages_and_programs_write(site):
    body = json.dumps({"email": site.seed.albert.email, "password": site.seed.albert.password}).encode()
    login = lambda **headers: ask(site, "POST", "/api/users/login", body, **headers)[0]  # noqa: E731
    assert login() == login(host=HOST) == login(host=HOST, origin="") == login(host=HOST, sec_fetch_site="same-site") == 200
    for origin in OWN_ORIGINS:
        for sec_fetch_site in [*SAME_SITES, *OTHER_SITES]:
            assert login(host=HOST, origin=origin, sec_fetch_site=sec_fetch_site) == 200, (origin, sec_fetch_site)
    for sec_fetch_site in SAME_SITES:  # the browser sets it; a proxy may have changed Host
        assert login(host="10.0.0.1", origin="https://auth.example.org", sec_fetch_site=sec_fetch_site) == 200


def test_the_host_that_a_proxy_hands_on_counts(site):
    login = lambda **headers: ask(site, "POST", "/api/users/login", b"{}", **headers)[0]  # noqa: E731
    for forwarded in (HOST, f"{HOST}:443", f"{HOST}, inner.example", f"inner.example,{HOST}"):
        assert login(host="10.0.0.1", x_forwarded_host=forwarded, origin=f"https://{HOST}") == 422, forwarded
    for forwarded in ("", "inner.example", f"{HOST}:80", f"x{HOST}"):
        assert login(host="10.0.0.1", x_forwarded_host=forwarded, origin=f"https://{HOST}") == 403, forwarded
    assert login(host="[::1]:8080", origin="http://[::1]:8080") == login(host="[::1]:443", origin="https://[::1]") == 422


@pytest.mark.parametrize("method, path", WRITES)
def test_it_comes_before_credentials_and_through_the_web_server(site, method, path):
    host = urllib.parse.urlsplit(site.client.url).netloc
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert_error(site.client.request(method, path, {}, headers=headers), 403, "FORBIDDEN", REFUSED)
    for headers in ({}, {"Origin": f"http://{host}"}, {"Sec-Fetch-Site": "same-origin"}):
        assert site.client.request(method, path, {}, headers=headers).status_code in (401, 422), headers


def test_what_reads_is_not_asked_where_it_comes_from(site, token):
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    client = site.client.bearer(token)
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in ("/api/users/token", "/api/users/", "/api/roles/", "/api/guard", "/readyz"):
            assert client.request(method, path, headers=foreign).status_code == 200, (method, path)
    assert client.request("DELETE", "/api/users/token", headers=foreign).status_code == 405


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_guard_leaves_the_origin_to_the_application_behind_it(site, token, method):
    foreign = {"HTTP_ORIGIN": "https://evil.example", "HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert site.pool.request(method, "/api/guard", **foreign)[0] == 200
    values = {"REQUEST_METHOD": method, "REQUEST_URI": "/x", "FCGI_ROLE": "AUTHORIZER", **foreign}
    assert fastcgi.request(site.pool.address, values, role=fastcgi.AUTHORIZER)[0] == 200


def test_origins_that_the_operator_lists_may_write_and_no_others(make_site):
    site = make_site({"USER_API_ALLOWED_ORIGINS": f'"{OTHER} http://[::1]:8080"'})
    login = lambda **headers: ask(site, "POST", "/api/users/login", b"{}", host=HOST, **headers)[0]  # noqa: E731
    for sec_fetch_site in ("cross-site", "same-origin", *OTHER_SITES):
        for origin in (OTHER, "HTTPS://APP.example.org:443", "http://[::1]:8080"):
            assert login(origin=origin, sec_fetch_site=sec_fetch_site) == 422, (origin, sec_fetch_site)
    for origin in ("http://app.example.org", OTHER + ":8443", OTHER + ".evil.example", "http://[::1]", "https://evil.example", "null"):
        for sec_fetch_site in ("cross-site", *OTHER_SITES):
            assert login(origin=origin, sec_fetch_site=sec_fetch_site) == 403, (origin, sec_fetch_site)
    assert login(sec_fetch_site="cross-site") == 403
    client = Client(site.client.url, site.token(site.seed.albert))
    assert client.get("/api/users/logout", headers={"Origin": OTHER, "Sec-Fetch-Site": "cross-site"}).status_code == 200
