-- Only what has expired by both clocks, a day ago: the token check goes by the later one. A bounded piece at a time, so
-- that no logout pays for a long backlog.
DELETE FROM revoked_token
WHERE digest IN (
  SELECT digest FROM revoked_token
  WHERE expires_at < least(to_timestamp($1::bigint), now()) - interval '1 day'
  ORDER BY expires_at LIMIT 100
);
