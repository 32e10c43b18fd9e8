-- Writes an event for each blocked counter, once a window. $1 to $3: kind, digest and limit of one; $4 to $6: of another, or
-- NULL.
SELECT user_api_login_blocked(
  array_remove(ARRAY[$1::text, $4::text], NULL), ARRAY[$2::bytea, $5::bytea], ARRAY[$3::integer, $6::integer]
);
