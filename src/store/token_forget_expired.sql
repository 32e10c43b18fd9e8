-- Deletes only tokens that expired by both clocks a day ago: the token check uses the later clock. Deletes a limited number
-- at a time, so no logout has to wait for a long backlog.
DELETE FROM revoked_token
WHERE digest IN (
  SELECT digest FROM revoked_token
  WHERE expires_at < least(to_timestamp($1::bigint), now()) - interval '1 day'
  ORDER BY expires_at LIMIT 100
);
