-- The triggers that record what happened, as the migration events makes them; columns as in session_triggers.sql.
-- event_triggers() in a .sql file stands for this.
VALUES
  ('_user', 'user_api_event_users_inserted', 'AFTER INSERT',
   'REFERENCING NEW TABLE AS touched FOR EACH STATEMENT', 'user_api_events_of_users'),
  ('_user', 'user_api_event_users_deleted', 'AFTER DELETE',
   'REFERENCING OLD TABLE AS touched FOR EACH STATEMENT', 'user_api_events_of_users'),
  ('_user', 'user_api_event_users_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_events_of_users'),
  ('_user', 'user_api_event_user_updated', 'AFTER UPDATE', 'FOR EACH ROW', 'user_api_event_of_user'),
  ('user_has_role', 'user_api_event_memberships_inserted', 'AFTER INSERT',
   'REFERENCING NEW TABLE AS touched FOR EACH STATEMENT', 'user_api_events_of_memberships'),
  ('user_has_role', 'user_api_event_memberships_updated', 'AFTER UPDATE',
   'REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT', 'user_api_events_of_memberships'),
  ('user_has_role', 'user_api_event_memberships_deleted', 'AFTER DELETE',
   'REFERENCING OLD TABLE AS touched FOR EACH STATEMENT', 'user_api_events_of_memberships'),
  ('user_has_role', 'user_api_event_memberships_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT',
   'user_api_events_of_memberships'),
  ('role', 'user_api_event_role_changed', 'AFTER INSERT OR DELETE OR UPDATE', 'FOR EACH ROW', 'user_api_events_of_roles'),
  ('role', 'user_api_event_roles_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_events_of_roles'),
  ('customer', 'user_api_event_customer_changed', 'AFTER INSERT OR DELETE OR UPDATE', 'FOR EACH ROW',
   'user_api_events_of_customers'),
  ('customer', 'user_api_event_customers_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_events_of_customers'),
  ('revoked_token', 'user_api_event_token_revoked', 'AFTER INSERT', 'FOR EACH ROW', 'user_api_event_of_token')
