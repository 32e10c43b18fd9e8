-- What this project adds beside the original's columns, each with a default, so that the original's own
-- statements keep working on the same tables.

-- migrate:up

-- Emails are unique and looked up without regard to case, and kept as written. The collation is named, so
-- that letters beyond ASCII are folded whatever locale the database was created with.
CREATE UNIQUE INDEX _user_lower_email_key ON _user (lower(email COLLATE "und-x-icu"));

-- Pages of one customer's users, ordered by id.
CREATE INDEX _user_customer_id_id_idx ON _user (customer_id, id);

-- Who holds a role.
CREATE INDEX user_has_role_role_id_idx ON user_has_role (role_id);

-- A token carries the epoch of its user; password change, deactivation and role change raise it, and older
-- tokens no longer count. Tokens of the original carry none and count as 0.
ALTER TABLE _user ADD COLUMN epoch integer NOT NULL DEFAULT 0;

-- Tokens that were logged out, by the SHA-256 of what they signed (header and payload), until they expire.
CREATE TABLE revoked_token (
    digest bytea NOT NULL,
    user_id integer NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT revoked_token_pkey PRIMARY KEY (digest),
    CONSTRAINT revoked_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES _user (id) ON DELETE CASCADE,
    CONSTRAINT revoked_token_digest_check CHECK (octet_length(digest) = 32)
);
CREATE INDEX revoked_token_expires_at_idx ON revoked_token (expires_at);
CREATE INDEX revoked_token_user_id_idx ON revoked_token (user_id);

-- The one row that readiness looks at.
INSERT INTO schema_spec (version) VALUES ('2');

-- migrate:down
DELETE FROM schema_spec WHERE version = '2';
DROP TABLE revoked_token;
ALTER TABLE _user DROP COLUMN epoch;
DROP INDEX user_has_role_role_id_idx;
DROP INDEX _user_customer_id_id_idx;
DROP INDEX _user_lower_email_key;
