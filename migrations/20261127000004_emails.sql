-- Emails are unique and looked up in one normal form: a letter that was typed as one character or as two, the second an
-- accent, is the same. They are kept as written.

-- migrate:up

-- How emails are compared. It runs nothing but these functions of the server's own, by their schema: the server puts its
-- body in the place of a call, and index and statements meet. Everybody may call it, because whoever inserts a user does.
-- A server whose encoding is not UTF8 has no normal forms.
DO $emails$
DECLARE
    colliding text;
BEGIN
    EXECUTE format(
        'CREATE FUNCTION user_api_folded_email(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        CASE
            WHEN getdatabaseencoding() = 'UTF8' THEN
                'SELECT pg_catalog.lower(pg_catalog.normalize($1, ''NFC'') COLLATE pg_catalog."und-x-icu")'
            ELSE 'SELECT pg_catalog.lower($1 COLLATE pg_catalog."und-x-icu")'
        END
    );
    GRANT EXECUTE ON FUNCTION user_api_folded_email TO PUBLIC;

    SELECT string_agg(g.users, '; ' ORDER BY g.id) INTO colliding
    FROM (
        SELECT min(u.id) AS id, string_agg('user ' || u.id || ' ' || left(u.email, 40), ' and ' ORDER BY u.id) AS users
        FROM (
            SELECT e.id, e.email, e.folded, row_number() OVER (PARTITION BY e.folded ORDER BY e.id) AS place,
                count(*) OVER (PARTITION BY e.folded) AS users
            FROM (SELECT id, email, user_api_folded_email(email) COLLATE "C" AS folded FROM _user) AS e
        ) AS u
        WHERE u.users > 1 AND u.place <= 2
        GROUP BY u.folded
        ORDER BY min(u.id)
        LIMIT 3
    ) AS g;
    IF colliding IS NOT NULL THEN
        RAISE EXCEPTION 'users whose emails differ only in case or in how letters are composed: %', colliding
            USING ERRCODE = 'unique_violation', HINT = 'user-api-admin doctor lists them and says how to mend it';
    END IF;
END
$emails$;

-- The name stays: programs of the version before know the index by it.
CREATE UNIQUE INDEX _user_folded_email_key ON _user (user_api_folded_email(email) COLLATE "und-x-icu");
DROP INDEX IF EXISTS _user_lower_email_key;
ALTER INDEX _user_folded_email_key RENAME TO _user_lower_email_key;

INSERT INTO schema_spec (version) VALUES ('9');

-- migrate:down
DELETE FROM schema_spec WHERE version = '9';
CREATE UNIQUE INDEX _user_plain_email_key ON _user (lower(email COLLATE "und-x-icu"));
DROP INDEX IF EXISTS _user_lower_email_key;
ALTER INDEX _user_plain_email_key RENAME TO _user_lower_email_key;
DROP FUNCTION user_api_folded_email;
