-- Takes an attempt back from each counter. $1: after a login, which resets accounts and devices whatever their count. $2 to
-- $4: kind, digest and window of one counter, as it was reserved (0: any window); $5 to $7: of another, or NULL.
--
-- It locks an address before an account, as failed_login_reserve does. It reads the counts under the lock, because the
-- statement's own snapshot may be older.
WITH counted AS MATERIALIZED (
  SELECT f.kind, f.digest, CASE WHEN $1::boolean AND f.kind <> 'address' THEN 0 ELSE f.failures - 1 END AS failures
  FROM (
    VALUES (1, $2::text, $3::bytea, $4::bigint), (2, $5::text, $6::bytea, $7::bigint)
  ) AS c (place, kind, digest, counted_in)
  JOIN failed_login f ON f.kind = c.kind AND f.digest = c.digest
  WHERE c.counted_in IN (0, (extract(epoch FROM f.ends_at) / 0.000001)::bigint) OR ($1::boolean AND f.kind <> 'address')
  ORDER BY c.place
  FOR UPDATE OF f
), lowered AS (
  UPDATE failed_login f SET failures = c.failures
  FROM counted c
  WHERE f.kind = c.kind AND f.digest = c.digest AND c.failures > 0
), forgotten AS (
  DELETE FROM failed_login f USING counted c
  WHERE f.kind = c.kind AND f.digest = c.digest AND c.failures <= 0
)
SELECT set_config('synchronous_commit', 'off', true);
