SELECT id FROM _user WHERE id = $1::integer AND customer_id = $2::integer FOR UPDATE;
