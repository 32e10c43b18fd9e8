-- A trigger ends the user's tokens.
UPDATE _user
SET hash = $3::text, salt = $4::text
WHERE id = $1::integer AND customer_id = $2::integer;
