SELECT count(id) FROM _user WHERE customer_id = $1::integer AND active = $2::boolean;
