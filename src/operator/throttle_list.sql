-- LIMIT comes before the join with users: rows that are filtered out cost no join.
SELECT u.email, abbrev(f.address), f.user_id, f.failures >= f.allowed, f.kind, f.failures, f.allowed,
  to_char(f.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), left(encode(f.digest, 'hex'), 16),
  CASE
    WHEN f.kind = 'address' THEN abbrev(f.address)
    ELSE CASE WHEN f.kind = 'device' THEN 'device of ' ELSE '' END
      || coalesce(u.email, 'deleted user ' || f.user_id, 'unknown email')
  END
FROM (
  SELECT kind, digest, user_id, address, failures, allowed, ends_at
  FROM failed_login f
  WHERE counter_filter() AND f.ends_at > now() AND ($5::boolean OR f.failures >= f.allowed)
  ORDER BY f.ends_at DESC, f.kind, f.digest LIMIT $6::bigint
) AS f
LEFT JOIN _user u ON u.id = f.user_id
ORDER BY f.ends_at DESC, f.kind, f.digest;
