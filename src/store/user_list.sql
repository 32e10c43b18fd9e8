-- Patterns that are NULL match nothing, unless both are: then everybody is meant.
SELECT id, customer_id, email, name, active
FROM _user
WHERE customer_id = $1::integer
  AND (
    ($2::text IS NULL AND $3::text IS NULL)
    OR email COLLATE "und-x-icu" ILIKE $2::text
    OR name COLLATE "und-x-icu" ILIKE $3::text
  )
ORDER BY id LIMIT $4::bigint OFFSET $5::bigint;
