-- How many users each customer has, by blocks of 4096 ids (id >> 12), and how many of these are active: a page far
-- behind the first one is found, and all users of a customer, or its active ones, are counted, without reading the users
-- before them. Triggers keep the numbers exact, whoever changes the users.
--
-- The numbers of a customer and block are the sums of its rows: each change adds one, so no change waits for another. Now
-- and then a change puts the rows of its block together: it takes those that nobody else has locked, and adds their sum.
-- It only does so in READ COMMITTED, where a row that somebody else has just taken is passed over; elsewhere such a row
-- fails the transaction.
--
-- The functions run as the owner, and their search path leaves out the schema public, as in the migration of sessions_end.

-- migrate:up

CREATE TABLE user_count (
    customer_id integer NOT NULL,
    block integer NOT NULL,
    users integer NOT NULL,
    active integer NOT NULL -- of these users
);
CREATE INDEX user_count_customer_id_block_idx ON user_count (customer_id, block);

-- Deletions fail in a table that is published and has no key, as in a publication FOR ALL TABLES.
ALTER TABLE user_count REPLICA IDENTITY FULL;

-- Puts the rows of a block together. Changes call it once in eight times, by chance: it takes longer to find out how many
-- rows there are than to have a few of them. The rows that it takes may add up to 0 users, and still change how many are
-- active. So it adds no row only where both sums are 0.
--
-- Index scans alone: a plan from when the table was small would read all that a transaction has added to it, once in eight
-- times that a statement changes many users.
CREATE FUNCTION user_api_merge_counts(customer integer, of_block integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $merge_counts$
BEGIN
    IF current_setting('transaction_isolation') LIKE 'read %' THEN
        WITH gone AS (
            DELETE FROM public.user_count WHERE ctid = ANY (ARRAY(
                SELECT c.ctid FROM public.user_count c
                WHERE c.customer_id = customer AND c.block = of_block
                FOR UPDATE SKIP LOCKED
            ))
            RETURNING users, active
        )
        INSERT INTO public.user_count (customer_id, block, users, active)
        SELECT customer, of_block, sum(g.users), sum(g.active) FROM gone g
        HAVING sum(g.users) <> 0 OR sum(g.active) <> 0;
    END IF;
END
$merge_counts$;

-- After users were inserted or deleted, or before all of them are truncated.
CREATE FUNCTION user_api_users_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $users_counted$
DECLARE
    change integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    blocks integer;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- Nobody else changes users meanwhile. A deletion needs no lock that a reader could hold, but it sees no row
        -- that is younger than the transaction's snapshot.
        IF current_setting('transaction_isolation') LIKE 'read %' THEN
            DELETE FROM public.user_count;
        ELSE
            TRUNCATE public.user_count;
        END IF;
        RETURN NULL;
    END IF;
    INSERT INTO public.user_count (customer_id, block, users, active)
    SELECT t.customer_id, t.id >> 12, change * count(*), change * count(*) FILTER (WHERE t.active) FROM touched t
    WHERE t.customer_id IS NOT NULL
    GROUP BY t.customer_id, t.id >> 12;
    GET DIAGNOSTICS blocks = ROW_COUNT;
    IF blocks BETWEEN 1 AND 1000 AND random() < 0.125 THEN
        PERFORM public.user_api_merge_counts(t.customer_id, t.block)
        FROM (SELECT DISTINCT customer_id, id >> 12 AS block FROM touched WHERE customer_id IS NOT NULL) t;
    END IF;
    RETURN NULL;
END
$users_counted$;

-- After a user became active or inactive, or moved to another block or customer, and after one was inserted or deleted by
-- logical replication, which fires no triggers of statements. It does when it copies the table in the beginning, so these
-- rows are counted already. Where a transaction's rows come from is found out once: the setting is empty after an earlier
-- transaction.
CREATE FUNCTION user_api_user_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $user_counted$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        IF coalesce(current_setting('user_api.by_statement', true), '') = '' THEN
            PERFORM set_config(
                'user_api.by_statement',
                CASE
                    WHEN NOT public.user_api_replicated() THEN 'yes'
                    WHEN EXISTS (
                        SELECT 1
                        FROM pg_stat_get_subscription(NULL) s
                        JOIN pg_subscription_rel r ON r.srsubid = s.subid AND r.srrelid = s.relid
                        WHERE s.pid = pg_backend_pid() AND r.srsubstate IN ('i', 'd')
                    ) THEN 'yes'
                    ELSE 'no'
                END,
                true
            );
        END IF;
        IF current_setting('user_api.by_statement', true) = 'yes' THEN
            RETURN NULL;
        END IF;
    ELSIF OLD.customer_id = NEW.customer_id AND OLD.id >> 12 = NEW.id >> 12 THEN
        INSERT INTO public.user_count (customer_id, block, users, active)
        VALUES (NEW.customer_id, NEW.id >> 12, 0, (NEW.active IS TRUE)::integer - (OLD.active IS TRUE)::integer);
        IF random() < 0.125 THEN
            PERFORM public.user_api_merge_counts(NEW.customer_id, NEW.id >> 12);
        END IF;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.customer_id IS NOT NULL THEN
        INSERT INTO public.user_count (customer_id, block, users, active)
        VALUES (OLD.customer_id, OLD.id >> 12, -1, -(OLD.active IS TRUE)::integer);
        IF random() < 0.125 THEN
            PERFORM public.user_api_merge_counts(OLD.customer_id, OLD.id >> 12);
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.customer_id IS NOT NULL THEN
        INSERT INTO public.user_count (customer_id, block, users, active)
        VALUES (NEW.customer_id, NEW.id >> 12, 1, (NEW.active IS TRUE)::integer);
        IF random() < 0.125 THEN
            PERFORM public.user_api_merge_counts(NEW.customer_id, NEW.id >> 12);
        END IF;
    END IF;
    RETURN NULL;
END
$user_counted$;

-- Before a row of user_count changes that no trigger changes: nothing is done. Rows that are replicated or restored count
-- users whom the triggers of this database have counted.
CREATE FUNCTION user_api_count_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $count_kept$
BEGIN
    RETURN NULL;
END
$count_kept$;

-- For owners of the tables: counts all users again, after the triggers were off. Users are changed by nobody meanwhile.
CREATE FUNCTION user_api_recount() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $recount$
BEGIN
    IF current_setting('transaction_isolation') NOT LIKE 'read %' THEN
        RAISE EXCEPTION 'users are counted in READ COMMITTED only: a snapshot is older than the lock'
            USING ERRCODE = 'active_sql_transaction';
    END IF;
    LOCK TABLE public._user IN SHARE ROW EXCLUSIVE MODE;
    PERFORM set_config('user_api.recounting', 'on', true);
    DELETE FROM public.user_count;
    INSERT INTO public.user_count (customer_id, block, users, active)
    SELECT u.customer_id, u.id >> 12, count(*), count(*) FILTER (WHERE u.active) FROM public._user u
    WHERE u.customer_id IS NOT NULL
    GROUP BY u.customer_id, u.id >> 12
    ORDER BY u.customer_id, u.id >> 12;
    PERFORM set_config('user_api.recounting', '', true);
END
$recount$;

REVOKE ALL ON FUNCTION user_api_merge_counts, user_api_users_counted, user_api_user_counted, user_api_count_kept,
    user_api_recount FROM PUBLIC;

CREATE TRIGGER user_api_count_inserted AFTER INSERT ON _user REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_counted();
CREATE TRIGGER user_api_count_deleted AFTER DELETE ON _user REFERENCING OLD TABLE AS touched FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_counted();
CREATE TRIGGER user_api_count_truncated BEFORE TRUNCATE ON _user FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_counted();
-- The three columns keep their types while this trigger names them; all other updates cost nothing because it does.
CREATE TRIGGER user_api_count_moved AFTER UPDATE ON _user FOR EACH ROW
WHEN (
    OLD.customer_id IS DISTINCT FROM NEW.customer_id
    OR OLD.id >> 12 <> NEW.id >> 12
    OR OLD.active IS DISTINCT FROM NEW.active
)
EXECUTE FUNCTION user_api_user_counted();
CREATE TRIGGER user_api_count_arrived AFTER INSERT ON _user FOR EACH ROW
WHEN (
    current_setting('session_replication_role') = 'replica'
    AND current_setting('user_api.by_statement', true) IS DISTINCT FROM 'yes'
)
EXECUTE FUNCTION user_api_user_counted();
CREATE TRIGGER user_api_count_left AFTER DELETE ON _user FOR EACH ROW
WHEN (
    current_setting('session_replication_role') = 'replica'
    AND current_setting('user_api.by_statement', true) IS DISTINCT FROM 'yes'
)
EXECUTE FUNCTION user_api_user_counted();
CREATE TRIGGER user_api_count_kept BEFORE INSERT OR UPDATE OR DELETE ON user_count FOR EACH ROW
WHEN (pg_trigger_depth() = 0 AND current_setting('user_api.recounting', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION user_api_count_kept();

ALTER TABLE _user
    ENABLE ALWAYS TRIGGER user_api_count_inserted,
    ENABLE ALWAYS TRIGGER user_api_count_deleted,
    ENABLE ALWAYS TRIGGER user_api_count_truncated,
    ENABLE ALWAYS TRIGGER user_api_count_moved,
    ENABLE ALWAYS TRIGGER user_api_count_arrived,
    ENABLE ALWAYS TRIGGER user_api_count_left;
ALTER TABLE user_count ENABLE ALWAYS TRIGGER user_api_count_kept;

SELECT user_api_recount();

INSERT INTO schema_spec (version) VALUES ('7');

-- migrate:down
DELETE FROM schema_spec WHERE version = '7';
DROP TRIGGER user_api_count_left ON _user;
DROP TRIGGER user_api_count_arrived ON _user;
DROP TRIGGER user_api_count_moved ON _user;
DROP TRIGGER user_api_count_truncated ON _user;
DROP TRIGGER user_api_count_deleted ON _user;
DROP TRIGGER user_api_count_inserted ON _user;
DROP TABLE user_count;
DROP FUNCTION user_api_recount, user_api_count_kept, user_api_user_counted, user_api_users_counted,
    user_api_merge_counts;
