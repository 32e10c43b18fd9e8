-- In the format of RFC 3339. NULL for a user who is older than the column, and if the schema does not have the column yet.
SELECT to_char((to_jsonb(u) ->> 'created_at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM _user u
WHERE u.id = $1::integer AND u.customer_id = $2::integer;
