"""GET /healthz and GET /readyz."""

import pytest
from support.client import assert_error, canonical


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_200_to_anybody(site, path):
    for client in (site.client, site.client.bearer("rubbish")):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.content == canonical(answer.json())
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_head_and_options_work_and_the_rest_is_refused(site, path):
    assert (site.client.head(path).status_code, site.client.head(path).content) == (200, b"")
    assert site.client.request("OPTIONS", path).status_code == 200
    answer = site.client.post(path, {})
    assert_error(answer, 405, "METHOD_NOT_ALLOWED", "Method not allowed.")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_they_tell_nothing_of_the_inside(site):
    for path in ("/healthz", "/readyz"):
        text = site.client.get(path).text
        for secret in (site.secret, site.database, "postgres", "/ua-e2e-", "libpq"):
            assert secret not in text


def test_readiness_needs_only_the_rights_of_the_service_account(site):
    assert site.sql("SELECT has_table_privilege('user_api_sa', 'schema_spec', 'SELECT')") == [(True,)]
    owner = "SELECT count(*) FROM pg_class WHERE relowner = 'user_api_sa'::regrole"
    assert site.sql(owner) == [(0,)]
