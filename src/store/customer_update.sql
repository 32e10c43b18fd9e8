UPDATE customer
SET name = $2::text, max_user_quota = CASE WHEN $3::boolean THEN $4::integer ELSE max_user_quota END
WHERE id = $1::integer;
