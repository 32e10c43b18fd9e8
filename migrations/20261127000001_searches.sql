-- Lists and searches that cost no more in a customer of 100 000 users than in a small one.

-- migrate:up

-- Users of a customer, ordered by id, with all that a list shows and searches.
CREATE INDEX _user_customer_id_id_email_name_active_idx ON _user (customer_id, id) INCLUDE (email, name, active);
DROP INDEX IF EXISTS _user_customer_id_id_idx;

-- Pages of those who are active, or are not, ordered by id. The customer is not its first column: the server would read it
-- for a page of all users as well, and sort the whole customer.
CREATE INDEX _user_active_customer_id_id_idx ON _user (active, customer_id, id);

-- Who holds a role, ordered by id; also for what the index on role_id was.
CREATE INDEX user_has_role_role_id_user_id_idx ON user_has_role (role_id, user_id);
DROP INDEX IF EXISTS user_has_role_role_id_idx;

-- Searches by email and name: who has all trigrams of the pattern, among the customer's users. It takes two extensions of
-- PostgreSQL's own, which whoever may create schemas in the database may create as well, where the server has them; a
-- schema of their own keeps what is in them out of the way. All works without, and user-api-admin doctor says what is
-- missing.
--
-- The expressions are those of src/store/user_indexed.sql. New entries are collected and then put in their places together,
-- which is faster; a search reads all that is collected, so it must be little.
DO $search$
DECLARE
    home name;
BEGIN
    IF (SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gin')) < 2 THEN
        CREATE SCHEMA IF NOT EXISTS user_api_search;
        GRANT USAGE ON SCHEMA user_api_search TO PUBLIC; -- who owns the tables next makes the index again
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA user_api_search;
        CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA user_api_search;
    END IF;
    SELECT n.nspname INTO STRICT home
    FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
    WHERE o.opcname = 'gin_trgm_ops';
    EXECUTE format(
        'CREATE INDEX _user_search_idx ON _user USING gin ((customer_id::bigint),'
        ' (lower(email COLLATE "und-x-icu") COLLATE "C") %1$I.gin_trgm_ops,'
        ' (lower(name COLLATE "und-x-icu") COLLATE "C") %1$I.gin_trgm_ops) WITH (gin_pending_list_limit = 256)', home
    );
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'no index for searches: %', SQLERRM;
END
$search$;

-- Statements are planned once for all customers and roles. If the server believes that there are only a few of them, it
-- reads users in the order of their ids instead of those of the customer, which takes long for a small one.
ALTER TABLE _user ALTER COLUMN customer_id SET (n_distinct = 1000);
ALTER TABLE user_has_role ALTER COLUMN role_id SET (n_distinct = 1000);
ANALYZE _user, user_has_role;

INSERT INTO schema_spec (version) VALUES ('6');

-- migrate:down
DELETE FROM schema_spec WHERE version = '6';
ALTER TABLE user_has_role ALTER COLUMN role_id RESET (n_distinct);
ALTER TABLE _user ALTER COLUMN customer_id RESET (n_distinct);
DROP INDEX IF EXISTS _user_search_idx;
DO $search$
DECLARE
    made name;
BEGIN
    FOR made IN
        SELECT e.extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE n.nspname = 'user_api_search' AND e.extname IN ('pg_trgm', 'btree_gin')
    LOOP
        EXECUTE format('DROP EXTENSION %I', made);
    END LOOP;
    DROP SCHEMA IF EXISTS user_api_search;
EXCEPTION
    WHEN dependent_objects_still_exist OR insufficient_privilege THEN
        RAISE NOTICE 'the extensions in the schema user_api_search stay: %', SQLERRM;
END
$search$;
CREATE INDEX user_has_role_role_id_idx ON user_has_role (role_id);
DROP INDEX user_has_role_role_id_user_id_idx;
DROP INDEX _user_active_customer_id_id_idx;
CREATE INDEX _user_customer_id_id_idx ON _user (customer_id, id);
DROP INDEX _user_customer_id_id_email_name_active_idx;
