INSERT INTO _user (customer_id, email, name, hash, salt, active)
VALUES ($1::integer, $2::text, $3::text, $4::text, $5::text, $6::boolean)
RETURNING id;
