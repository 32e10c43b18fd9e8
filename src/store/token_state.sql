SELECT u.epoch, EXISTS (SELECT 1 FROM revoked_token r WHERE r.digest = $3::bytea), origin(),
  floor(extract(epoch FROM clock_timestamp()))::bigint
FROM _user u
WHERE u.id = $1::integer AND u.customer_id = $2::integer AND u.active;
