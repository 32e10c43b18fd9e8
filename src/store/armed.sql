-- Whether every trigger that ends sessions is there, calls its own function, and fires always: armed() in a .sql file
-- stands for this. The migration sessions_end makes them.
NOT EXISTS (
  SELECT 1
  FROM (
    VALUES ('public._user', 'user_api_user_changing', 'public.user_api_user_changing'),
      ('public._user', 'user_api_user_updated', 'public.user_api_user_changed'),
      ('public._user', 'user_api_user_deleted', 'public.user_api_user_changed'),
      ('public._user', 'user_api_users_deleted', 'public.user_api_users_deleted'),
      ('public._user', 'user_api_users_truncated', 'public.user_api_users_deleted'),
      ('public._user', 'user_api_users_inserted', 'public.user_api_users_inserted'),
      ('public.user_has_role', 'user_api_memberships_inserted', 'public.user_api_memberships_changed'),
      ('public.user_has_role', 'user_api_memberships_updated', 'public.user_api_memberships_changed'),
      ('public.user_has_role', 'user_api_memberships_deleted', 'public.user_api_memberships_changed'),
      ('public.user_has_role', 'user_api_memberships_truncated', 'public.user_api_memberships_changed'),
      ('public.role', 'user_api_role_changed', 'public.user_api_role_changed'),
      ('public.revoked_token', 'user_api_token_revoked', 'public.user_api_token_revoked')
  ) AS needed (relation, name, function)
  WHERE NOT EXISTS (
    SELECT 1 FROM pg_trigger t
    WHERE t.tgrelid = to_regclass(needed.relation) AND t.tgname = needed.name
      AND t.tgfoid = to_regproc(needed.function) AND t.tgenabled = 'A'
  )
)
