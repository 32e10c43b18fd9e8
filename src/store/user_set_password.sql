UPDATE _user
SET hash = $3::text, salt = $4::text, epoch = epoch + 1
WHERE id = $1::integer AND customer_id = $2::integer;
