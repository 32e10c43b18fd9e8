-- The triggers that count users, as the migration user_counts makes them; columns as in session_triggers.sql.
-- count_triggers() in a .sql file stands for this.
VALUES
  ('_user', 'user_api_count_inserted', 'AFTER INSERT',
   'REFERENCING NEW TABLE AS touched FOR EACH STATEMENT', 'user_api_users_counted'),
  ('_user', 'user_api_count_deleted', 'AFTER DELETE',
   'REFERENCING OLD TABLE AS touched FOR EACH STATEMENT', 'user_api_users_counted'),
  ('_user', 'user_api_count_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_users_counted'),
  ('_user', 'user_api_count_moved', 'AFTER UPDATE',
   'FOR EACH ROW WHEN (((old.customer_id IS DISTINCT FROM new.customer_id) OR ((old.id >> 12) <> (new.id >> 12))'
   || ' OR (old.active IS DISTINCT FROM new.active)))',
   'user_api_user_counted'),
  ('_user', 'user_api_count_arrived', 'AFTER INSERT',
   'FOR EACH ROW WHEN (((current_setting(''session_replication_role''::text) = ''replica''::text) AND'
   || ' (current_setting(''user_api.by_statement''::text, true) IS DISTINCT FROM ''yes''::text)))', 'user_api_user_counted'),
  ('_user', 'user_api_count_left', 'AFTER DELETE',
   'FOR EACH ROW WHEN (((current_setting(''session_replication_role''::text) = ''replica''::text) AND'
   || ' (current_setting(''user_api.by_statement''::text, true) IS DISTINCT FROM ''yes''::text)))', 'user_api_user_counted'),
  ('user_count', 'user_api_count_kept', 'BEFORE INSERT OR DELETE OR UPDATE',
   'FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND'
   || ' (current_setting(''user_api.recounting''::text, true) IS DISTINCT FROM ''on''::text)))', 'user_api_count_kept')
