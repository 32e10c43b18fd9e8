INSERT INTO customer (name, max_user_quota) VALUES ($1::text, $2::integer)
RETURNING id, name, max_user_quota, 0, 0;
