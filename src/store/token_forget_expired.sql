-- A bounded piece at a time, so that no logout pays for a long backlog.
DELETE FROM revoked_token
WHERE digest IN (
  SELECT digest FROM revoked_token
  WHERE expires_at < to_timestamp($1::bigint)
  ORDER BY expires_at LIMIT 100
);
