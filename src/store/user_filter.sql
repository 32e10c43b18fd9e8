-- Which of a customer's users a list is about; user_filter() in a .sql file stands for this, with these parameters. What
-- is NULL is not asked for. A pattern that is NULL matches nobody, unless both are: then all users match.
u.customer_id = $1::integer
  AND (
    ($2::text IS NULL AND $3::text IS NULL)
    OR u.email COLLATE "und-x-icu" ILIKE $2::text
    OR u.name COLLATE "und-x-icu" ILIKE $3::text
  )
  AND ($4::boolean IS NULL OR u.active = $4::boolean)
  AND (
    $5::text IS NULL
    OR EXISTS (
      SELECT 1 FROM user_has_role h JOIN role r ON r.id = h.role_id
      WHERE h.user_id = u.id AND r.code = $5::text
    )
  )
