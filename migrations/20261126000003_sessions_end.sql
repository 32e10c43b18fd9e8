-- A user's tokens end with what they say about the user, no matter who changes it: the API, the command line, plain SQL
-- or the Python original. The triggers raise the epoch, and notify those who remember sessions.
--
-- Every function runs as the owner, so that nobody needs rights on what it touches. Their search path leaves out the
-- schema public, where others may be let make operators that fit better than those of pg_catalog. It comes back where
-- triggers of a host may fire, for statements that none fits better. Every trigger is ENABLE ALWAYS: it also fires in a
-- subscriber of logical replication, and where session_replication_role is replica.

-- migrate:up

-- NULL: made before this migration. Two steps, because a default in the first one would date these, too.
ALTER TABLE _user ADD COLUMN created_at timestamptz;
ALTER TABLE _user ALTER COLUMN created_at SET DEFAULT now();

-- The last epoch of each id whose user was deleted: a user who comes back with the id starts above it, so that the
-- tokens of the former one stay dead. An id is here or in _user.
CREATE TABLE deleted_user (
    id integer NOT NULL,
    epoch integer NOT NULL,
    CONSTRAINT deleted_user_pkey PRIMARY KEY (id)
);

-- Sends one message at COMMIT: u and an id for a user, t and a digest for a token. A transaction that has more than 100
-- sends * instead, which means: forget everything. The server drops duplicates, and a savepoint that is rolled back
-- takes its messages and its share of the count with it.
CREATE FUNCTION user_api_notify(message text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $notify$
DECLARE
    -- Empty after an earlier transaction of the session.
    sent text := coalesce(nullif(current_setting('user_api.notified', true), ''), '0');
BEGIN
    IF sent ~ '^[0-9]{1,2}$' THEN
        PERFORM set_config('user_api.notified', (sent::integer + 1)::text, true);
        PERFORM pg_notify('user_api_session', message);
    ELSE
        PERFORM pg_notify('user_api_session', '*');
    END IF;
END
$notify$;

-- Whether a change arrives by logical replication: its epochs were settled where it was made, and arrive as well.
CREATE FUNCTION user_api_replicated() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $replicated$
BEGIN
    RETURN current_setting('session_replication_role') = 'replica'
        AND EXISTS (SELECT 1 FROM pg_stat_get_subscription(NULL) s WHERE s.pid = pg_backend_pid());
END
$replicated$;

-- Before a user changes: the epoch rises with the password, the email, the activity, the customer and the id. It never
-- falls.
CREATE FUNCTION user_api_user_changing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $user_changing$
DECLARE
    buried integer;
BEGIN
    NEW.epoch := greatest(NEW.epoch, OLD.epoch);
    IF NEW.created_at = now() AND OLD.created_at IS DISTINCT FROM now() THEN
        NEW.created_at := OLD.created_at; -- an upsert would pass for the one who made the user
    END IF;
    IF NEW.id <> OLD.id THEN
        -- The insertion finds a tombstone that is younger than this transaction's snapshot, too.
        INSERT INTO public.deleted_user AS d (id, epoch) VALUES (NEW.id, -1)
        ON CONFLICT (id) DO UPDATE SET epoch = d.epoch
        RETURNING d.epoch INTO buried;
        DELETE FROM public.deleted_user WHERE id = NEW.id;
        INSERT INTO public.deleted_user AS d (id, epoch) VALUES (OLD.id, OLD.epoch)
        ON CONFLICT (id) DO UPDATE SET epoch = greatest(d.epoch, EXCLUDED.epoch);
        NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1, buried + 1);
    END IF;
    IF OLD.created_at = now() THEN
        RETURN NEW;
    END IF;
    IF (NEW.email, NEW.active, NEW.customer_id) IS DISTINCT FROM (OLD.email, OLD.active, OLD.customer_id) THEN
        NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1);
    ELSIF (NEW.hash, NEW.salt) IS DISTINCT FROM (OLD.hash, OLD.salt) THEN
        -- The same password under a new hash: a login names the hash beforehand. The setting is empty after an earlier
        -- transaction of the session, and so may be a hash.
        IF NEW.hash IS DISTINCT FROM nullif(current_setting('user_api.upgraded_hash', true), '')
            AND NOT public.user_api_replicated() THEN
            NEW.epoch := greatest(NEW.epoch, OLD.epoch + 1);
        END IF;
    END IF;
    RETURN NEW;
END
$user_changing$;

-- After a user was changed or deleted. By rows, because logical replication fires no triggers of statements.
CREATE FUNCTION user_api_user_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $user_changed$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.epoch, NEW.active, NEW.customer_id)
            IS NOT DISTINCT FROM (OLD.id, OLD.epoch, OLD.active, OLD.customer_id) THEN
            RETURN NULL;
        END IF;
        IF NEW.id <> OLD.id THEN
            PERFORM public.user_api_notify('u ' || NEW.id);
        END IF;
    END IF;
    PERFORM public.user_api_notify('u ' || OLD.id);
    RETURN NULL;
END
$user_changed$;

-- After users were deleted, or before all of them are truncated.
CREATE FUNCTION user_api_users_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $users_deleted$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO public.deleted_user AS d (id, epoch)
        SELECT u.id, u.epoch FROM public._user u ORDER BY u.id
        ON CONFLICT (id) DO UPDATE SET epoch = greatest(d.epoch, EXCLUDED.epoch);
        PERFORM pg_notify('user_api_session', '*');
    ELSE
        INSERT INTO public.deleted_user AS d (id, epoch)
        SELECT g.id, max(g.epoch) FROM gone g GROUP BY g.id ORDER BY g.id
        ON CONFLICT (id) DO UPDATE SET epoch = greatest(d.epoch, EXCLUDED.epoch);
    END IF;
    RETURN NULL;
END
$users_deleted$;

-- After users were inserted: one whose id was that of a deleted user starts above the last epoch of that one. EXECUTE
-- makes a plan for each call: one that suits a single user takes for ever with a million.
CREATE FUNCTION user_api_users_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $users_inserted$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        -- A tombstone that is younger than the snapshot is not seen: this statement fails because of it.
        INSERT INTO public.deleted_user (id, epoch) SELECT m.id, -1 FROM made m ORDER BY m.id ON CONFLICT (id) DO NOTHING;
    END IF;
    IF EXISTS (SELECT 1 FROM public.deleted_user) THEN
        PERFORM set_config('search_path', 'pg_catalog, public, pg_temp', true);
        EXECUTE 'UPDATE public._user u SET epoch = d.epoch + 1 FROM made m JOIN public.deleted_user d ON d.id = m.id'
            ' WHERE u.id = m.id AND u.epoch <= d.epoch';
        EXECUTE 'DELETE FROM public.deleted_user d USING made m WHERE d.id = m.id';
    END IF;
    RETURN NULL;
END
$users_inserted$;

-- After memberships were inserted, updated or deleted, before all of them are truncated, and after a role got another
-- code: the epochs of the users concerned rise. Not those of users made in this transaction: nobody has a token of theirs
-- yet, and those of the Python original, which carry no epoch and count as 0, are to go on working.
--
-- All are locked in the order of their ids before any is updated. EXECUTE makes a plan for each call: one that suits a
-- single user takes for ever with a million.
CREATE FUNCTION user_api_roles_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $roles_changed$
DECLARE
    concerned text := 'SELECT user_id FROM touched';
    users integer[];
BEGIN
    IF TG_TABLE_NAME = 'role' THEN
        IF NEW.code = OLD.code THEN
            RETURN NULL;
        END IF;
        concerned := 'SELECT user_id FROM public.user_has_role WHERE role_id = ' || NEW.id;
    ELSIF TG_OP = 'TRUNCATE' THEN
        concerned := 'SELECT user_id FROM public.user_has_role';
    ELSIF TG_OP = 'UPDATE' THEN
        concerned := 'SELECT user_id FROM ((TABLE before EXCEPT TABLE after) UNION ALL (TABLE after EXCEPT TABLE before)) c';
    END IF;
    EXECUTE 'SELECT ARRAY(SELECT u.id FROM public._user u JOIN (' || concerned || ') c ON c.user_id = u.id'
        ' WHERE u.created_at IS DISTINCT FROM now() ORDER BY u.id FOR NO KEY UPDATE OF u)' INTO users;
    IF cardinality(users) > 0 AND NOT public.user_api_replicated() THEN
        PERFORM set_config('search_path', 'pg_catalog, public, pg_temp', true);
        EXECUTE 'UPDATE public._user SET epoch = epoch + 1 WHERE id = ANY ($1)' USING users;
    END IF;
    RETURN NULL;
END
$roles_changed$;

-- After a token was logged out.
CREATE FUNCTION user_api_token_revoked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $token_revoked$
BEGIN
    PERFORM public.user_api_notify('t ' || encode(NEW.digest, 'hex'));
    RETURN NULL;
END
$token_revoked$;

REVOKE ALL ON FUNCTION user_api_notify, user_api_replicated, user_api_user_changing,
    user_api_user_changed, user_api_users_deleted, user_api_users_inserted, user_api_roles_changed,
    user_api_token_revoked FROM PUBLIC;

-- No trigger names a column: a column of one could not be altered. The functions look at what changed.
CREATE TRIGGER user_api_user_changing BEFORE UPDATE ON _user FOR EACH ROW
EXECUTE FUNCTION user_api_user_changing();
CREATE TRIGGER user_api_user_updated AFTER UPDATE ON _user FOR EACH ROW
EXECUTE FUNCTION user_api_user_changed();
CREATE TRIGGER user_api_user_deleted AFTER DELETE ON _user FOR EACH ROW
EXECUTE FUNCTION user_api_user_changed();
CREATE TRIGGER user_api_users_deleted AFTER DELETE ON _user REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_deleted();
CREATE TRIGGER user_api_users_truncated BEFORE TRUNCATE ON _user FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_deleted();
CREATE TRIGGER user_api_users_inserted AFTER INSERT ON _user REFERENCING NEW TABLE AS made FOR EACH STATEMENT
EXECUTE FUNCTION user_api_users_inserted();
CREATE TRIGGER user_api_memberships_inserted AFTER INSERT ON user_has_role
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION user_api_roles_changed();
CREATE TRIGGER user_api_memberships_updated AFTER UPDATE ON user_has_role
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION user_api_roles_changed();
CREATE TRIGGER user_api_memberships_deleted AFTER DELETE ON user_has_role
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION user_api_roles_changed();
CREATE TRIGGER user_api_memberships_truncated BEFORE TRUNCATE ON user_has_role FOR EACH STATEMENT
EXECUTE FUNCTION user_api_roles_changed();
CREATE TRIGGER user_api_role_changed AFTER UPDATE ON role FOR EACH ROW
EXECUTE FUNCTION user_api_roles_changed();
CREATE TRIGGER user_api_token_revoked AFTER INSERT ON revoked_token FOR EACH ROW
EXECUTE FUNCTION user_api_token_revoked();

ALTER TABLE _user
    ENABLE ALWAYS TRIGGER user_api_user_changing,
    ENABLE ALWAYS TRIGGER user_api_user_updated,
    ENABLE ALWAYS TRIGGER user_api_user_deleted,
    ENABLE ALWAYS TRIGGER user_api_users_deleted,
    ENABLE ALWAYS TRIGGER user_api_users_truncated,
    ENABLE ALWAYS TRIGGER user_api_users_inserted;
ALTER TABLE user_has_role
    ENABLE ALWAYS TRIGGER user_api_memberships_inserted,
    ENABLE ALWAYS TRIGGER user_api_memberships_updated,
    ENABLE ALWAYS TRIGGER user_api_memberships_deleted,
    ENABLE ALWAYS TRIGGER user_api_memberships_truncated;
ALTER TABLE role ENABLE ALWAYS TRIGGER user_api_role_changed;
ALTER TABLE revoked_token ENABLE ALWAYS TRIGGER user_api_token_revoked;

INSERT INTO schema_spec (version) VALUES ('5');

-- migrate:down
DELETE FROM schema_spec WHERE version = '5';
DROP TRIGGER user_api_token_revoked ON revoked_token;
DROP TRIGGER user_api_role_changed ON role;
DROP TRIGGER user_api_memberships_truncated ON user_has_role;
DROP TRIGGER user_api_memberships_deleted ON user_has_role;
DROP TRIGGER user_api_memberships_updated ON user_has_role;
DROP TRIGGER user_api_memberships_inserted ON user_has_role;
DROP TRIGGER user_api_users_inserted ON _user;
DROP TRIGGER user_api_users_truncated ON _user;
DROP TRIGGER user_api_users_deleted ON _user;
DROP TRIGGER user_api_user_deleted ON _user;
DROP TRIGGER user_api_user_updated ON _user;
DROP TRIGGER user_api_user_changing ON _user;
DROP FUNCTION user_api_token_revoked, user_api_roles_changed, user_api_users_inserted, user_api_users_deleted,
    user_api_user_changed, user_api_user_changing, user_api_replicated, user_api_notify;
DROP TABLE deleted_user;
ALTER TABLE _user DROP COLUMN created_at;
