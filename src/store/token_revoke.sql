-- A token that expired long ago by the database's clock is not stored: the token check uses that clock, too.
INSERT INTO revoked_token (digest, user_id, expires_at)
SELECT $3::bytea, u.id, to_timestamp($4::bigint)
FROM _user u
WHERE u.id = $1::integer AND u.customer_id = $2::integer AND to_timestamp($4::bigint) > now() - interval '1 day'
ON CONFLICT (digest) DO NOTHING;
