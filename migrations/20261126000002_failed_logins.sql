-- Failed logins are counted, so that nobody can guess passwords for ever: of each address, of each account (an email,
-- whether or not a user has it), and of each browser that has logged in to an account before.

-- migrate:up
CREATE TABLE failed_login (
    kind text NOT NULL, -- what is counted: address, account, device
    digest bytea NOT NULL, -- which one, as a keyed digest: no row shows an email
    user_id integer, -- of an account or a device, if there is one; no foreign key: deleting a user must not wait for logins
    address inet, -- of an address; of IPv6 its /64
    failures integer NOT NULL, -- attempts in this window that failed or are under way
    allowed integer NOT NULL, -- the limit when one was last counted: no more than this many failures
    ends_at timestamptz NOT NULL, -- of the window; after it the row means nothing
    CONSTRAINT failed_login_pkey PRIMARY KEY (kind, digest),
    CONSTRAINT failed_login_kind_check CHECK (kind IN ('address', 'account', 'device')),
    CONSTRAINT failed_login_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT failed_login_address_check CHECK ((kind = 'address') = (address IS NOT NULL)),
    CONSTRAINT failed_login_failures_check CHECK (failures > 0),
    CONSTRAINT failed_login_allowed_check CHECK (allowed > 0)
);
CREATE INDEX failed_login_ends_at_idx ON failed_login (ends_at);

-- Counts one attempt on each counter, or on none if one of them has reached its limit. Each array has one element for
-- each counter. Returns 0 blocked seconds and, for each counter, whether this was the last attempt allowed, and the
-- window that it is counted in (microseconds since 1970), for taking it back from this window only. Or returns how long
-- the counters that refuse are blocked, and has changed nothing.
--
-- Locks: a transaction locks addresses before accounts and devices. It locks rows whose window is over last, and skips
-- those that another one has locked. So transactions never wait for each other in a circle.
--
-- The caller sets synchronous_commit: a setting of the function ends before the commit. These two make every statement
-- use an index: its plan may be older than most of the rows.
CREATE FUNCTION failed_login_reserve(
    kinds text[], digests bytea[], user_ids integer[], addresses inet[], limits integer[], window_seconds integer,
    OUT blocked_seconds integer, OUT reached boolean[], OUT windows bigint[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $reserve$
DECLARE
    moment timestamptz;
    counted record;
BEGIN
    <<attempt>>
    LOOP
        moment := clock_timestamp();
        blocked_seconds := 0;
        reached := NULL;
        windows := NULL;
        -- Nearly every refusal is seen here, without a lock.
        FOR i IN 1 .. cardinality(kinds) LOOP
            SELECT f.failures, f.ends_at INTO counted
            FROM failed_login f WHERE f.kind = kinds[i] AND f.digest = digests[i];
            IF counted.ends_at > moment AND counted.failures >= limits[i] THEN
                blocked_seconds := greatest(blocked_seconds, ceil(extract(epoch FROM counted.ends_at - moment)));
            END IF;
        END LOOP;
        IF blocked_seconds > 0 THEN
            RETURN;
        END IF;
        FOR i IN 1 .. cardinality(kinds) LOOP
            INSERT INTO failed_login AS f (kind, digest, user_id, address, failures, allowed, ends_at)
            VALUES (kinds[i], digests[i], user_ids[i], addresses[i], 1, limits[i],
                moment + make_interval(secs => window_seconds))
            ON CONFLICT (kind, digest) DO UPDATE SET
                user_id = EXCLUDED.user_id,
                failures = CASE WHEN f.ends_at <= moment THEN 1 ELSE f.failures + 1 END,
                allowed = EXCLUDED.allowed,
                ends_at = CASE WHEN f.ends_at <= moment THEN EXCLUDED.ends_at ELSE f.ends_at END
            WHERE f.ends_at <= moment OR f.failures < EXCLUDED.allowed
            RETURNING f.failures, f.allowed, f.ends_at INTO counted;
            IF NOT FOUND THEN
                -- Others were quicker. What is counted already is taken back, and the next round says until when.
                FOR j IN 1 .. i - 1 LOOP
                    DELETE FROM failed_login f WHERE f.kind = kinds[j] AND f.digest = digests[j] AND f.failures = 1;
                    UPDATE failed_login f SET failures = f.failures - 1
                    WHERE f.kind = kinds[j] AND f.digest = digests[j] AND f.failures > 1;
                END LOOP;
                CONTINUE attempt;
            END IF;
            reached[i] := counted.failures >= counted.allowed;
            windows[i] := extract(epoch FROM counted.ends_at) / 0.000001;
        END LOOP;
        -- More rows than one attempt makes, so the table has no more than one window's attempts made.
        DELETE FROM failed_login
        WHERE ctid = ANY (ARRAY(
            SELECT f.ctid FROM failed_login f WHERE f.ends_at <= moment ORDER BY f.ends_at LIMIT 10 FOR UPDATE SKIP LOCKED
        ));
        RETURN;
    END LOOP;
END
$reserve$;
REVOKE ALL ON FUNCTION failed_login_reserve FROM PUBLIC;

INSERT INTO schema_spec (version) VALUES ('4');

-- migrate:down
DELETE FROM schema_spec WHERE version = '4';
DROP FUNCTION failed_login_reserve;
DROP TABLE failed_login;
