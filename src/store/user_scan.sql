-- Reads every user of the customer until the page is full, after user_search.sql or user_list_role.sql has returned a row of
-- NULLs.
SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM _user u
WHERE u.customer_id = $1::integer
  AND (($4::text IS NULL AND $5::text IS NULL) OR user_patterns())
  AND user_kept()
  AND u.id >= $6::bigint
ORDER BY u.id LIMIT $7::bigint OFFSET $8::bigint;
