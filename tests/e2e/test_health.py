"""GET /healthz and GET /readyz."""

import contextlib

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


@contextlib.contextmanager
def damage(site, sql, mend):
    site.sql(sql)
    try:
        yield
    finally:
        site.sql(mend)


NOT_FIT = [
    ("ALTER TABLE _user ENABLE ROW LEVEL SECURITY", "ALTER TABLE _user DISABLE ROW LEVEL SECURITY",
     "row-level security on _user"),
    ("ALTER TABLE role ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
     "ALTER TABLE role DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY", "row-level security on role"),
    ("ALTER INDEX _user_lower_email_key RENAME TO gone", "ALTER INDEX gone RENAME TO _user_lower_email_key",
     "no valid unique index _user_lower_email_key"),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '_user_lower_email_key'::regclass",
     "UPDATE pg_index SET indisvalid = true WHERE indexrelid = '_user_lower_email_key'::regclass",
     "no valid unique index _user_lower_email_key"),
    ("ALTER TABLE revoked_token DROP CONSTRAINT revoked_token_pkey",
     "ALTER TABLE revoked_token ADD CONSTRAINT revoked_token_pkey PRIMARY KEY (digest)",
     "no valid primary key on revoked_token"),
    ("ALTER TABLE failed_login DROP CONSTRAINT failed_login_pkey",
     "ALTER TABLE failed_login ADD CONSTRAINT failed_login_pkey PRIMARY KEY (kind, digest)",
     "no valid primary key on failed_login"),
    ("ALTER FUNCTION failed_login_reserve RENAME TO gone", "ALTER FUNCTION gone RENAME TO failed_login_reserve",
     "no function failed_login_reserve"),
    ("REVOKE EXECUTE ON FUNCTION failed_login_reserve FROM user_api_sa",
     "GRANT EXECUTE ON FUNCTION failed_login_reserve TO user_api_sa", "no right to EXECUTE failed_login_reserve"),
    ("ALTER TABLE revoked_token RENAME TO gone", "ALTER TABLE gone RENAME TO revoked_token",
     "no table revoked_token, session triggers missing or disabled"),
    ("ALTER TABLE deleted_user RENAME TO gone", "ALTER TABLE gone RENAME TO deleted_user", "no table deleted_user"),
    ("ALTER TABLE user_count RENAME TO gone", "ALTER TABLE gone RENAME TO user_count", "no table user_count"),
    ("ALTER TABLE event RENAME TO gone", "ALTER TABLE gone RENAME TO event", "no table event"),
    ("ALTER TABLE event DROP CONSTRAINT event_pkey", "ALTER TABLE event ADD CONSTRAINT event_pkey PRIMARY KEY (id, at)",
     "no valid primary key on event"),
    ("REVOKE SELECT ON event FROM user_api_sa", "GRANT SELECT ON event TO user_api_sa", "no right to SELECT on event"),
    *(
        (f"ALTER FUNCTION {name} RENAME TO gone", f"ALTER FUNCTION gone RENAME TO {name}", f"no function {name}")
        for name in ("user_api_session_opened", "user_api_event_months", "user_api_login_blocked", "user_api_event_write", "user_api_events_final")
    ),
    ("REVOKE EXECUTE ON FUNCTION user_api_session_opened FROM user_api_sa",
     "GRANT EXECUTE ON FUNCTION user_api_session_opened TO user_api_sa", "no right to EXECUTE user_api_session_opened"),
    ("REVOKE SELECT ON user_count FROM user_api_sa", "GRANT SELECT ON user_count TO user_api_sa",
     "no right to SELECT on user_count"),
    ("ALTER TABLE _user DISABLE TRIGGER user_api_user_changing",
     "ALTER TABLE _user ENABLE ALWAYS TRIGGER user_api_user_changing", "session triggers missing or disabled"),
    ("ALTER TABLE role ENABLE TRIGGER user_api_role_changed",
     "ALTER TABLE role ENABLE ALWAYS TRIGGER user_api_role_changed", "session triggers missing or disabled"),
    ("ALTER TRIGGER user_api_token_revoked ON revoked_token RENAME TO gone",
     "ALTER TRIGGER gone ON revoked_token RENAME TO user_api_token_revoked", "session triggers missing or disabled"),
    ("ALTER FUNCTION user_api_roles_changed RENAME TO gone", "ALTER FUNCTION gone RENAME TO user_api_roles_changed",
     "session triggers missing or disabled"),
    *(
        (f"REVOKE {right} ON {table} FROM user_api_sa", f"GRANT {right} ON {table} TO user_api_sa",
         f"no right to {right} on {table}")
        for right, table in [("SELECT", "_user"), ("INSERT", "_user"), ("UPDATE", "_user"), ("SELECT", "role"),
                             ("DELETE", "user_has_role"), ("INSERT", "revoked_token"), ("UPDATE", "failed_login")]
    ),
]  # fmt: skip


@pytest.mark.parametrize("sql, mend, problem", NOT_FIT, ids=[row[0][:50] for row in NOT_FIT])
def test_a_database_that_would_be_served_wrongly_is_not_ready_and_the_log_says_why(site, sql, mend, problem):
    start = len(site.pool.log_text().encode())
    with damage(site, sql, mend):
        assert_error(site.client.get("/readyz"), 503, "SERVICE_UNAVAILABLE", "The service is unavailable.")
        assert site.client.get("/healthz").status_code == 200
    (line,) = [each for each in site.pool.log_lines(start) if each["event"].startswith("database not fit")]
    assert line["problems"] == problem and "user-api-admin doctor" in line["event"]
    assert site.client.get("/readyz").status_code == 200


def test_sessions_that_check_no_foreign_keys_are_not_ready(fresh_site):
    account = "ALTER ROLE user_api_sa IN DATABASE {} {} session_replication_role"
    with damage(
        fresh_site,
        account.format(fresh_site.database, "SET") + " = replica",
        account.format(fresh_site.database, "RESET"),
    ):
        fresh_site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'user_api_sa'")
        assert fresh_site.client.get("/readyz").status_code == 503


def test_a_sequence_that_is_behind_leaves_it_ready_as_logins_go_on(site):
    mend = "SELECT setval('_user_id_seq', (SELECT max(id) FROM _user))"
    with damage(site, "ALTER SEQUENCE _user_id_seq RESTART WITH 1", mend):
        assert site.client.get("/readyz").status_code == 200
        assert site.client.login(site.seed.alice.email, site.seed.alice.password).status_code == 200
