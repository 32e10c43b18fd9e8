-- Does nothing if the password was changed meanwhile. The password stays the same, so tokens stay valid: the setting names
-- the one hash that the trigger accepts, for this transaction only. It is set first, because the update takes the new hash
-- from its result.
UPDATE _user
SET hash = upgraded.hash, salt = $4::text
FROM (SELECT set_config('user_api.upgraded_hash', $3::text, true) AS hash) AS upgraded
WHERE id = $1::integer AND customer_id = $2::integer AND _user.hash = $5::text;
