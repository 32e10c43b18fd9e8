-- Whether this connection is role $1's, to the database $2 of the server that was started at $3.
SELECT 1
WHERE current_user = $1 AND current_database() = $2
  AND extract(epoch FROM pg_postmaster_start_time())::text = $3;
