-- Lists and searches that cost no more in a customer of 100 000 users than in a small one.

-- migrate:up

-- Pages of those who are active, or are not, ordered by id.
CREATE INDEX _user_customer_id_active_id_idx ON _user (customer_id, active, id);

-- Who holds a role, ordered by id; also for what the index on role_id was.
CREATE INDEX user_has_role_role_id_user_id_idx ON user_has_role (role_id, user_id);
DROP INDEX user_has_role_role_id_idx;

-- Searches by email and name: who has all trigrams of the pattern, among the customer's users. It takes two extensions of
-- PostgreSQL's own, which whoever may create objects in the database may create as well, where the server has them. All
-- works without them, and user-api-admin doctor says what is missing.
--
-- The expressions are those of src/store/user_indexed.sql. New entries are collected and put in their places by the
-- hundreds, which is faster; a search reads what is collected from its beginning to its end, so that it must be little.
DO $search$
DECLARE
    home name;
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    SELECT n.nspname INTO STRICT home
    FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
    WHERE o.opcname = 'gin_trgm_ops';
    EXECUTE format(
        'CREATE INDEX _user_search_idx ON _user USING gin ((customer_id::bigint),'
        ' (lower(email COLLATE "und-x-icu") COLLATE "C") %1$I.gin_trgm_ops,'
        ' (lower(name COLLATE "und-x-icu") COLLATE "C") %1$I.gin_trgm_ops) WITH (gin_pending_list_limit = 256)', home
    );
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR invalid_schema_name THEN
        RAISE NOTICE 'no index for searches: %', SQLERRM;
END
$search$;

INSERT INTO schema_spec (version) VALUES ('6');

-- migrate:down
DELETE FROM schema_spec WHERE version = '6';
DROP INDEX IF EXISTS _user_search_idx; -- the extensions stay: others may use them by now
CREATE INDEX user_has_role_role_id_idx ON user_has_role (role_id);
DROP INDEX user_has_role_role_id_user_id_idx;
DROP INDEX _user_customer_id_active_id_idx;
