-- What happened: one row for everything that a person would want to find later, written in the transaction that changes
-- it, whoever changes it: the API, the command line, plain SQL or the Python original.
--
-- Who did it, from which address and in which request is said by settings of the transaction: user_api.actor (the id of
-- a user), user_api.address, user_api.request_id, and user_api.by for the operating system's user at a command line.
--
-- The functions run as the owner, and their search path leaves out the schema public, as in the migration of
-- sessions_end. So nobody needs rights on this table to leave a row in it, and nobody else can change one. The triggers
-- are not ENABLE ALWAYS: what logical replication brings was recorded where it was done, and the rows of this table
-- arrive as well.

-- migrate:up

CREATE SEQUENCE event_id_seq AS bigint;

-- Names are those of the time: neither users nor customers are referred to, since they may be deleted.
CREATE TABLE event (
    id bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    customer_id integer, -- whose administrators may read it; NULL: operators alone
    actor_id integer,
    actor_name text,
    user_id integer, -- the one it happened to
    user_name text,
    address text,
    request_id text,
    data jsonb NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE event_id_seq OWNED BY event.id;

-- One for each way of asking, so that a page is read in the order of its index, however many events there are. A user's
-- are few in other customers. The index of kinds has a collation of its own, so that no plan reads those of all customers
-- for one of them.
CREATE INDEX event_customer_id_id_idx ON event (customer_id, id);
CREATE INDEX event_customer_id_kind_id_idx ON event (customer_id, kind, id);
CREATE INDEX event_kind_id_idx ON event (kind COLLATE "C", id);
CREATE INDEX event_user_id_id_idx ON event (user_id, id);

-- Takes what no month has room for, so that nothing fails because nobody has made the next one.
CREATE TABLE event_default PARTITION OF event DEFAULT;

-- When a window of failed logins was recorded as blocked: its end.
ALTER TABLE failed_login ADD COLUMN recorded timestamptz;

-- Makes the partitions of this month and the next two, and drops those of which every event is older than that many
-- days. Returns false, and has changed nothing, where somebody else holds a lock: it does not wait, because everybody
-- who writes an event would wait behind it. A month of which the default partition has more events than `most` is left
-- there: moving them would take too long for a caller who has to go on.
--
-- The bounds of a month are texts on their way: they say the same in every style and time zone of a session.
CREATE FUNCTION user_api_event_months(days integer, most integer DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
SET datestyle = 'ISO'
SET timezone = 'UTC'
AS $event_months$
DECLARE
    this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    part text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1970300018, 0) THEN
        RETURN false;
    END IF;
    FOR i IN 0 .. 2 LOOP
        month := this_month + make_interval(months => i);
        part := 'event_' || to_char(month, 'YYYYMM');
        IF to_regclass('public.' || part) IS NULL AND (
            most IS NULL OR (
                SELECT count(*) <= most
                FROM (
                    SELECT FROM public.event_default
                    WHERE at >= month AT TIME ZONE 'UTC' AND at < (month + interval '1 month') AT TIME ZONE 'UTC'
                    LIMIT most + 1
                ) AS e
            )
        ) THEN
            LOCK TABLE public.event_default IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.event INCLUDING CONSTRAINTS)', part);
            EXECUTE format(
                'WITH moved AS (DELETE FROM public.event_default WHERE at >= %1$L AND at < %2$L RETURNING id, at, kind,'
                ' customer_id, actor_id, actor_name, user_id, user_name, address, request_id, data)'
                ' INSERT INTO public.%3$I SELECT * FROM moved',
                month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC', part
            );
            EXECUTE format(
                'ALTER TABLE public.event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                part, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
            );
        END IF;
    END LOOP;
    FOR part IN
        SELECT c.relname
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass('public.event') AND c.relname ~ '^event_[0-9]{6}$'
            AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC'
                < now() - make_interval(days => days)
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE public.%I', part);
    END LOOP;
    DELETE FROM public.event_default WHERE at < now() - make_interval(days => days);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$event_months$;

-- Writes one event, with the rights and the search path of the function that calls it: changing them takes as long as the
-- rest. Ids are taken before a transaction ends, so a greater one may be visible earlier: each transaction that writes
-- events holds a lock that names a number below all its ids, and user_api_events_final goes by that.
--
-- It is called at each change, so it has few expressions, and assignments rather than queries: each of them is prepared
-- anew in every transaction. Without an actor nobody is looked up, because a plan from when there were few users would
-- read them all, once for each user of a bulk change.
CREATE FUNCTION user_api_event_put(what text, in_customer integer, of_user integer, of_name text, details jsonb)
RETURNS void
LANGUAGE plpgsql
AS $event_put$
DECLARE
    given text := current_setting('user_api.actor', true);
    operator text := current_setting('user_api.by', true);
    actor integer;
    name_of_actor text;
    done text;
BEGIN
    -- Empty after an earlier transaction of the session, and after a savepoint that took the lock was rolled back.
    IF coalesce(current_setting('user_api.event_lock', true), '') = '' THEN
        done := set_config('user_api.event_lock', 'held', true);
        done := pg_advisory_xact_lock_shared(
            1970300017, (coalesce(pg_sequence_last_value('public.event_id_seq'), 0) & 2147483647)::integer
        );
    END IF;
    -- A value that is no id is somebody's mistake, and no reason for a change to fail.
    IF length(given) BETWEEN 1 AND 10 AND ltrim(given, '0123456789') = '' AND given::bigint < 2147483648 THEN
        actor := given::integer;
        IF actor = of_user THEN
            name_of_actor := of_name;
        ELSE
            SELECT u.name INTO name_of_actor FROM public._user u WHERE u.id = actor;
        END IF;
    END IF;
    IF operator <> '' THEN
        details := details || jsonb_build_object('by', left(operator, 255));
    END IF;
    INSERT INTO public.event
        (id, at, kind, customer_id, actor_id, actor_name, user_id, user_name, address, request_id, data)
    VALUES
        (nextval('public.event_id_seq'), clock_timestamp(), what, in_customer, actor, name_of_actor, of_user, of_name,
        left(nullif(current_setting('user_api.address', true), ''), 64),
        left(nullif(current_setting('user_api.request_id', true), ''), 255), details);
END
$event_put$;

-- No event that is committed later has this id or a smaller one. Called in a statement of its own, before the one that
-- reads them: that one's snapshot has to be younger. On a standby nobody knows: it has none of the locks.
CREATE FUNCTION user_api_events_final() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_final$
DECLARE
    latest bigint;
    behind bigint;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'events can be followed on the primary server alone' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO latest FROM public.event_id_seq s;
    -- The lock has 31 bits of the number. Those who have come since latest was read appear to be far behind.
    SELECT max((latest - l.objid::bigint) & 2147483647) INTO behind
    FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.classid = 1970300017 AND l.objsubid = 2
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND (latest - l.objid::bigint) & 2147483647 < 1073741824;
    RETURN latest - coalesce(behind, 0);
END
$events_final$;

-- Whether a transaction may change things without an event for each, which it does by the setting user_api.events: a bulk
-- import, which writes one for all. Owners of the table alone may.
CREATE FUNCTION user_api_events_may_be_off() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_may_be_off$
BEGIN
    RETURN pg_has_role(session_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = to_regclass('public.event')), 'USAGE');
END
$events_may_be_off$;

-- After users were inserted or deleted, or before all of them are truncated.
CREATE FUNCTION user_api_events_of_users() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_of_users$
BEGIN
    IF coalesce(current_setting('user_api.events', true), '') = 'off' AND public.user_api_events_may_be_off() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM public.user_api_event_put('user.created', t.customer_id, t.id, t.name, '{}')
        FROM touched t ORDER BY t.id;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM public.user_api_event_put('user.deleted', t.customer_id, t.id, t.name,
            jsonb_build_object('email', t.email, 'name', t.name))
        FROM touched t ORDER BY t.id;
    ELSE
        PERFORM public.user_api_event_put('user.deleted', u.customer_id, u.id, u.name,
            jsonb_build_object('email', u.email, 'name', u.name))
        FROM public._user u ORDER BY u.id;
    END IF;
    RETURN NULL;
END
$events_of_users$;

-- After a user was changed. An epoch that somebody raises ends all sessions of the user; where a trigger does, something
-- else has changed, and that is the event.
CREATE FUNCTION user_api_event_of_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $event_of_user$
DECLARE
    changed text := ''; -- the names of columns, as JSON has them
    done text;
BEGIN
    IF coalesce(current_setting('user_api.events', true), '') = 'off' AND public.user_api_events_may_be_off() THEN
        RETURN NULL;
    END IF;
    IF NEW.customer_id <> OLD.customer_id THEN
        changed := changed || ', "customer"';
    END IF;
    IF NEW.email <> OLD.email THEN
        changed := changed || ', "email"';
    END IF;
    IF NEW.id <> OLD.id THEN
        changed := changed || ', "id"';
    END IF;
    IF NEW.name <> OLD.name THEN
        changed := changed || ', "name"';
    END IF;
    IF changed <> '' THEN
        done := public.user_api_event_put('user.updated', NEW.customer_id, NEW.id, NEW.name,
            ('{"changed": [' || substr(changed, 3) || ']}')::jsonb);
        IF NEW.customer_id <> OLD.customer_id THEN
            -- For those whom the user has left, too.
            done := public.user_api_event_put('user.updated', OLD.customer_id, NEW.id, NEW.name,
                '{"changed": ["customer"]}');
        END IF;
    END IF;
    IF NEW.active <> OLD.active THEN
        done := public.user_api_event_put(CASE WHEN NEW.active THEN 'user.activated' ELSE 'user.deactivated' END,
            NEW.customer_id, NEW.id, NEW.name, '{}');
    END IF;
    IF NEW.hash <> OLD.hash OR NEW.salt <> OLD.salt THEN
        -- The same password under a new hash, which a login names beforehand, is no event.
        IF NEW.hash IS DISTINCT FROM nullif(current_setting('user_api.upgraded_hash', true), '') THEN
            done := public.user_api_event_put('user.password_changed', NEW.customer_id, NEW.id, NEW.name, '{}');
        END IF;
    ELSIF NEW.epoch > OLD.epoch AND pg_trigger_depth() = 1 AND changed = '' AND NEW.active = OLD.active THEN
        done := public.user_api_event_put('session.ended', NEW.customer_id, NEW.id, NEW.name, '{"all": true}');
    END IF;
    RETURN NULL;
END
$event_of_user$;

-- After memberships were inserted, updated or deleted, or before all of them are truncated.
CREATE FUNCTION user_api_events_of_memberships() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_of_memberships$
DECLARE
    removed text := 'TABLE touched';
    granted text;
    kind text;
    memberships text;
BEGIN
    IF coalesce(current_setting('user_api.events', true), '') = 'off' AND public.user_api_events_may_be_off() THEN
        RETURN NULL;
    END IF;
    CASE TG_OP
        WHEN 'INSERT' THEN
            granted := removed;
            removed := NULL;
        WHEN 'UPDATE' THEN
            removed := 'TABLE before EXCEPT TABLE after';
            granted := 'TABLE after EXCEPT TABLE before';
        WHEN 'TRUNCATE' THEN
            removed := 'TABLE public.user_has_role';
        ELSE
            NULL;
    END CASE;
    -- EXECUTE makes a plan for each call: one that suits a single user takes for ever with a million.
    FOR kind, memberships IN VALUES ('user.role_removed', removed), ('user.role_granted', granted) LOOP
        IF memberships IS NOT NULL THEN
            EXECUTE 'SELECT public.user_api_event_put($1, u.customer_id, u.id, u.name, jsonb_build_object(''role'', r.code))'
                ' FROM (' || memberships || ') m JOIN public._user u ON u.id = m.user_id'
                ' LEFT JOIN public.role r ON r.id = m.role_id ORDER BY u.id, m.role_id' USING kind;
        END IF;
    END LOOP;
    RETURN NULL;
END
$events_of_memberships$;

-- After a role was inserted, changed or deleted, or before all of them are truncated.
CREATE FUNCTION user_api_events_of_roles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_of_roles$
DECLARE
    changed text[] := '{}';
BEGIN
    IF coalesce(current_setting('user_api.events', true), '') = 'off' AND public.user_api_events_may_be_off() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM public.user_api_event_put('role.created', NULL, NULL, NULL, jsonb_build_object('role', NEW.code));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM public.user_api_event_put('role.deleted', NULL, NULL, NULL, jsonb_build_object('role', OLD.code));
    ELSIF TG_OP = 'TRUNCATE' THEN
        PERFORM public.user_api_event_put('role.deleted', NULL, NULL, NULL, jsonb_build_object('role', r.code))
        FROM public.role r ORDER BY r.id;
    ELSE
        IF NEW.assignable IS DISTINCT FROM OLD.assignable THEN
            changed := changed || 'assignable'::text;
        END IF;
        IF NEW.code IS DISTINCT FROM OLD.code THEN
            changed := changed || 'code'::text;
        END IF;
        IF NEW.id <> OLD.id THEN
            changed := changed || 'id'::text;
        END IF;
        IF NEW.name IS DISTINCT FROM OLD.name THEN
            changed := changed || 'name'::text;
        END IF;
        IF cardinality(changed) > 0 THEN
            PERFORM public.user_api_event_put('role.updated', NULL, NULL, NULL,
                jsonb_build_object('changed', changed, 'role', NEW.code));
        END IF;
    END IF;
    RETURN NULL;
END
$events_of_roles$;

-- After a customer was inserted, changed or deleted, or before all of them are truncated.
CREATE FUNCTION user_api_events_of_customers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $events_of_customers$
DECLARE
    changed text[] := '{}';
BEGIN
    IF coalesce(current_setting('user_api.events', true), '') = 'off' AND public.user_api_events_may_be_off() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM public.user_api_event_put('customer.created', NEW.id, NULL, NULL, jsonb_build_object('name', NEW.name));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM public.user_api_event_put('customer.deleted', OLD.id, NULL, NULL, jsonb_build_object('name', OLD.name));
    ELSIF TG_OP = 'TRUNCATE' THEN
        PERFORM public.user_api_event_put('customer.deleted', c.id, NULL, NULL, jsonb_build_object('name', c.name))
        FROM public.customer c ORDER BY c.id;
    ELSE
        IF NEW.id <> OLD.id THEN
            changed := changed || 'id'::text;
        END IF;
        IF NEW.max_user_quota IS DISTINCT FROM OLD.max_user_quota THEN
            changed := changed || 'max_user_quota'::text;
        END IF;
        IF NEW.name IS DISTINCT FROM OLD.name THEN
            changed := changed || 'name'::text;
        END IF;
        IF cardinality(changed) > 0 THEN
            PERFORM public.user_api_event_put('customer.updated', NEW.id, NULL, NULL, jsonb_build_object('changed', changed));
        END IF;
    END IF;
    RETURN NULL;
END
$events_of_customers$;

-- After a token was logged out.
CREATE FUNCTION user_api_event_of_token() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $event_of_token$
BEGIN
    PERFORM public.user_api_event_put('session.ended', u.customer_id, u.id, u.name, '{}')
    FROM public._user u WHERE u.id = NEW.user_id;
    RETURN NULL;
END
$event_of_token$;

-- For the service: a user has logged in, or was given a session. Without an actor it was that user. Returns whether there
-- are months to be made or dropped.
CREATE FUNCTION user_api_session_opened(in_customer integer, of_user integer, days integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $session_opened$
DECLARE
    this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    last_to_keep timestamp := date_trunc('month', now() AT TIME ZONE 'UTC' - make_interval(days => days));
BEGIN
    IF coalesce(current_setting('user_api.actor', true), '') = '' AND coalesce(current_setting('user_api.by', true), '') = '' THEN
        PERFORM set_config('user_api.actor', of_user::text, true);
    END IF;
    PERFORM public.user_api_event_put('session.opened', u.customer_id, u.id, u.name, '{}')
    FROM public._user u WHERE u.id = of_user AND u.customer_id = in_customer;
    RETURN to_regclass('public.event_' || to_char(this_month + interval '2 months', 'YYYYMM')) IS NULL
        OR EXISTS (
            SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = to_regclass('public.event') AND c.relname < 'event_' || to_char(last_to_keep, 'YYYYMM')
        );
END
$session_opened$;

-- For the service: records each of these counters of failed logins that is blocked, once a window.
CREATE FUNCTION user_api_login_blocked(kinds text[], digests bytea[], limits integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $login_blocked$
DECLARE
    blocked record;
BEGIN
    FOR i IN 1 .. cardinality(kinds) LOOP
        UPDATE public.failed_login f SET recorded = f.ends_at
        WHERE f.kind = kinds[i] AND f.digest = digests[i] AND f.failures >= limits[i] AND f.ends_at > clock_timestamp()
            AND f.recorded IS DISTINCT FROM f.ends_at
        RETURNING f.user_id INTO blocked;
        IF FOUND THEN
            PERFORM public.user_api_event_put('login.blocked', u.customer_id, u.id, u.name,
                jsonb_build_object('counter', kinds[i]))
            FROM (VALUES (blocked.user_id)) AS b (user_id) LEFT JOIN public._user u ON u.id = b.user_id;
        END IF;
    END LOOP;
END
$login_blocked$;

-- For the service: an event of the program that embeds it. False where the customer has no such user, or there is no such
-- customer.
CREATE FUNCTION user_api_event_write(what text, in_customer integer, of_user integer, details jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $event_write$
DECLARE
    of_name text;
BEGIN
    IF what !~ '^app\.[a-z0-9_][a-z0-9_.-]{0,58}$' OR jsonb_typeof(details) <> 'object' OR octet_length(details::text) > 16384 THEN
        RAISE EXCEPTION 'not an event of an application' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF of_user IS NOT NULL THEN
        SELECT u.name INTO of_name FROM public._user u WHERE u.id = of_user AND u.customer_id = in_customer;
    ELSE
        PERFORM FROM public.customer c WHERE c.id = in_customer;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM public.user_api_event_put(what, in_customer, of_user, of_name, details);
    RETURN true;
END
$event_write$;

REVOKE ALL ON FUNCTION user_api_event_months, user_api_event_put, user_api_events_final, user_api_events_may_be_off,
    user_api_events_of_users, user_api_event_of_user, user_api_events_of_memberships, user_api_events_of_roles,
    user_api_events_of_customers, user_api_event_of_token, user_api_session_opened, user_api_login_blocked,
    user_api_event_write FROM PUBLIC;

CREATE TRIGGER user_api_event_users_inserted AFTER INSERT ON _user REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_users();
CREATE TRIGGER user_api_event_users_deleted AFTER DELETE ON _user REFERENCING OLD TABLE AS touched FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_users();
CREATE TRIGGER user_api_event_users_truncated BEFORE TRUNCATE ON _user FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_users();
CREATE TRIGGER user_api_event_user_updated AFTER UPDATE ON _user FOR EACH ROW
EXECUTE FUNCTION user_api_event_of_user();
CREATE TRIGGER user_api_event_memberships_inserted AFTER INSERT ON user_has_role
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION user_api_events_of_memberships();
CREATE TRIGGER user_api_event_memberships_updated AFTER UPDATE ON user_has_role
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION user_api_events_of_memberships();
CREATE TRIGGER user_api_event_memberships_deleted AFTER DELETE ON user_has_role
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION user_api_events_of_memberships();
CREATE TRIGGER user_api_event_memberships_truncated BEFORE TRUNCATE ON user_has_role FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_memberships();
CREATE TRIGGER user_api_event_role_changed AFTER INSERT OR DELETE OR UPDATE ON role FOR EACH ROW
EXECUTE FUNCTION user_api_events_of_roles();
CREATE TRIGGER user_api_event_roles_truncated BEFORE TRUNCATE ON role FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_roles();
CREATE TRIGGER user_api_event_customer_changed AFTER INSERT OR DELETE OR UPDATE ON customer FOR EACH ROW
EXECUTE FUNCTION user_api_events_of_customers();
CREATE TRIGGER user_api_event_customers_truncated BEFORE TRUNCATE ON customer FOR EACH STATEMENT
EXECUTE FUNCTION user_api_events_of_customers();
CREATE TRIGGER user_api_event_token_revoked AFTER INSERT ON revoked_token FOR EACH ROW
EXECUTE FUNCTION user_api_event_of_token();

SELECT user_api_event_months(400);

INSERT INTO schema_spec (version) VALUES ('8');

-- migrate:down
DELETE FROM schema_spec WHERE version = '8';
DROP TRIGGER user_api_event_token_revoked ON revoked_token;
DROP TRIGGER user_api_event_customers_truncated ON customer;
DROP TRIGGER user_api_event_customer_changed ON customer;
DROP TRIGGER user_api_event_roles_truncated ON role;
DROP TRIGGER user_api_event_role_changed ON role;
DROP TRIGGER user_api_event_memberships_truncated ON user_has_role;
DROP TRIGGER user_api_event_memberships_deleted ON user_has_role;
DROP TRIGGER user_api_event_memberships_updated ON user_has_role;
DROP TRIGGER user_api_event_memberships_inserted ON user_has_role;
DROP TRIGGER user_api_event_user_updated ON _user;
DROP TRIGGER user_api_event_users_truncated ON _user;
DROP TRIGGER user_api_event_users_deleted ON _user;
DROP TRIGGER user_api_event_users_inserted ON _user;
DROP FUNCTION user_api_event_write, user_api_login_blocked, user_api_session_opened, user_api_event_of_token,
    user_api_events_of_customers, user_api_events_of_roles, user_api_events_of_memberships, user_api_event_of_user,
    user_api_events_of_users, user_api_events_may_be_off, user_api_events_final, user_api_event_put, user_api_event_months;
ALTER TABLE failed_login DROP COLUMN recorded;
DROP TABLE event;
