-- NULL leaves a column alone. A new password and a deactivation end the user's tokens.
UPDATE _user
SET email = coalesce($3::text, email),
    name = coalesce($4::text, name),
    active = coalesce($5::boolean, active),
    hash = coalesce($6::text, hash),
    salt = coalesce($7::text, salt),
    epoch = epoch + ($6::text IS NOT NULL OR (active AND NOT $5::boolean) IS TRUE)::integer
WHERE id = $1::integer AND customer_id = $2::integer;
