-- Only while nobody has changed the password meanwhile. The password stays, so tokens stay.
UPDATE _user
SET hash = $3::text, salt = $4::text
WHERE id = $1::integer AND customer_id = $2::integer AND hash = $5::text;
