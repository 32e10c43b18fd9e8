-- The code never changes: applications and guards check it.
UPDATE role
SET name = $2::text, assignable = CASE WHEN $3::boolean THEN $4::boolean ELSE assignable END
WHERE id = $1::integer;
