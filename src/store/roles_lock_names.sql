-- Who renames a role holds this lock until the transaction ends: two renames at once could each leave room for the other
-- name as it was. The number is arbitrary.
SELECT pg_advisory_xact_lock(7310015202612);
