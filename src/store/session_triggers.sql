-- The triggers that end sessions, as the migration sessions_end makes them: table, name, when, for what, function.
-- session_triggers() in a .sql file stands for this.
VALUES
  ('_user', 'user_api_user_changing', 'BEFORE UPDATE', 'FOR EACH ROW', 'user_api_user_changing'),
  ('_user', 'user_api_user_updated', 'AFTER UPDATE', 'FOR EACH ROW', 'user_api_user_changed'),
  ('_user', 'user_api_user_deleted', 'AFTER DELETE', 'FOR EACH ROW', 'user_api_user_changed'),
  ('_user', 'user_api_users_deleted', 'AFTER DELETE',
   'REFERENCING OLD TABLE AS gone FOR EACH STATEMENT', 'user_api_users_deleted'),
  ('_user', 'user_api_users_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_users_deleted'),
  ('_user', 'user_api_users_inserted', 'AFTER INSERT',
   'REFERENCING NEW TABLE AS made FOR EACH STATEMENT', 'user_api_users_inserted'),
  ('user_has_role', 'user_api_memberships_inserted', 'AFTER INSERT',
   'REFERENCING NEW TABLE AS touched FOR EACH STATEMENT', 'user_api_roles_changed'),
  ('user_has_role', 'user_api_memberships_updated', 'AFTER UPDATE',
   'REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT', 'user_api_roles_changed'),
  ('user_has_role', 'user_api_memberships_deleted', 'AFTER DELETE',
   'REFERENCING OLD TABLE AS touched FOR EACH STATEMENT', 'user_api_roles_changed'),
  ('user_has_role', 'user_api_memberships_truncated', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'user_api_roles_changed'),
  ('role', 'user_api_role_changed', 'AFTER UPDATE', 'FOR EACH ROW', 'user_api_roles_changed'),
  ('revoked_token', 'user_api_token_revoked', 'AFTER INSERT', 'FOR EACH ROW', 'user_api_token_revoked')
