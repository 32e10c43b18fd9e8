-- Only while nobody has changed the password meanwhile. The password stays, so tokens stay: the setting names the one hash
-- that the trigger lets pass, and holds for this transaction. It is set first, because the new hash is what it returns.
UPDATE _user
SET hash = upgraded.hash, salt = $4::text
FROM (SELECT set_config('user_api.upgraded_hash', $3::text, true) AS hash) AS upgraded
WHERE id = $1::integer AND customer_id = $2::integer AND _user.hash = $5::text;
