-- As RFC 3339 has it. NULL for a user from before the column, and where the schema has no such column yet.
SELECT to_char((to_jsonb(u) ->> 'created_at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM _user u
WHERE u.id = $1::integer AND u.customer_id = $2::integer;
