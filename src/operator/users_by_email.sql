SELECT id, customer_id FROM _user WHERE folded(email) = folded($1::text);
