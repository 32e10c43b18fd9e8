-- The same as events_older.sql, oldest first.
SELECT e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), e.kind, e.customer_id, e.actor_id, e.actor_name,
  e.user_id, e.user_name, e.address, e.request_id, e.data
FROM event e
WHERE $1 AND e.id > $2::bigint AND e.id < $3::bigint
ORDER BY e.id LIMIT $4::bigint
