-- A transaction that renames a role holds this lock until it ends: two renames at once could each measure tokens with the
-- other role's old name. The number is arbitrary.
SELECT pg_advisory_xact_lock(7310015202612);
