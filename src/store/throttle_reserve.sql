-- Counts an attempt on each counter, or on none. $1: seconds of a window; $2 to $6: kind, digest, user, address and limit of
-- one counter; $7 to $11: of another, or NULL. The commit does not wait for the disk, because that would slow down every
-- login. A crash of the server therefore loses the counts of the last moments.
SELECT r.blocked_seconds, r.reached[1], r.windows[1], r.reached[2], r.windows[2]
FROM failed_login_reserve(
  array_remove(ARRAY[$2::text, $7::text], NULL), ARRAY[$3::bytea, $8::bytea], ARRAY[$4::integer, $9::integer],
  ARRAY[$5::inet, $10::inet], ARRAY[$6::integer, $11::integer], $1::integer
) AS r
CROSS JOIN set_config('synchronous_commit', 'off', true) AS s;
