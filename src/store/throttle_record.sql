-- Writes an event for each of the counters that is blocked, once a window. $1 and $2: kind and digest of one; $3 and $4: of
-- another, or NULL.
SELECT user_api_login_blocked(array_remove(ARRAY[$1::text, $3::text], NULL), ARRAY[$2::bytea, $4::bytea]);
