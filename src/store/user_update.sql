-- NULL does not change a column. Triggers end the user's tokens, unless only the name changes.
UPDATE _user
SET email = coalesce($3::text, email),
    name = coalesce($4::text, name),
    active = coalesce($5::boolean, active),
    hash = coalesce($6::text, hash),
    salt = coalesce($7::text, salt)
WHERE id = $1::integer AND customer_id = $2::integer;
