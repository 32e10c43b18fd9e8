SELECT u.epoch, u.active, EXISTS (SELECT 1 FROM revoked_token r WHERE r.digest = decode($3, 'hex')),
  floor(extract(epoch FROM clock_timestamp()))::bigint >= $4::bigint
FROM _user u
WHERE u.id = $1::integer AND u.customer_id = $2::integer;
