-- One page of events for which $1 is true, newest first: events_older(x) in a .sql file stands for it. $2 and $3: ids below
-- and above the page; $4: at most so many; $5: of this kind; $6: of this user.
SELECT e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), e.kind, e.customer_id, e.actor_id, e.actor_name,
  e.user_id, e.user_name, e.address, e.request_id, e.data
FROM event e
WHERE $1 AND e.id > $2::bigint AND e.id < $3::bigint
ORDER BY e.id DESC LIMIT $4::bigint
