-- Locks all rows before it deletes the first, those of addresses first, as a login does: so there is no deadlock.
-- Deletes none if several digests begin with the given digits.
WITH found AS (
  SELECT f.kind, f.digest
  FROM failed_login f
  WHERE counter_filter()
  ORDER BY f.kind <> 'address', f.kind, f.digest
  FOR UPDATE
), removed AS (
  DELETE FROM failed_login f
  USING found
  WHERE f.kind = found.kind AND f.digest = found.digest
    AND ($4::text IS NULL OR (SELECT count(*) FROM found) = 1)
  RETURNING f.failures >= f.allowed AS blocks, f.ends_at > now() AS counts
)
SELECT count(*) FILTER (WHERE blocks AND counts), count(*) FILTER (WHERE counts),
  $4::text IS NOT NULL AND (SELECT count(*) FROM found) > 1
FROM removed;
