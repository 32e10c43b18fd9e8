UPDATE _user
SET epoch = epoch + 1
WHERE id = $1::integer AND customer_id = $2::integer;
