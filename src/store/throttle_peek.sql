-- For how many seconds the counters are blocked: the maximum of them, 0 for not at all; and whether a blocked one has no
-- event of its window yet. $1 to $3: kind, digest and limit of one; $4 to $6: of another, or NULL. Before the migration of
-- events, the column `recorded` does not exist; a blocked login is still refused.
SELECT coalesce(max(ceil(extract(epoch FROM f.ends_at - clock_timestamp()))), 0)::bigint,
  coalesce(bool_or((to_jsonb(f) ->> 'recorded')::timestamptz IS DISTINCT FROM f.ends_at), false)
FROM (VALUES ($1::text, $2::bytea, $3::integer), ($4::text, $5::bytea, $6::integer)) AS c (kind, digest, allowed)
JOIN failed_login f ON f.kind = c.kind AND f.digest = c.digest
WHERE f.failures >= c.allowed AND f.ends_at > clock_timestamp();
