-- Which running server and database answer: origin() in a .sql file stands for this. It changes when PostgreSQL restarts,
-- when another server takes over, and when a connection leads to another database.
hashtextextended(
  (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text || '/' || current_database()::text, 0
)
