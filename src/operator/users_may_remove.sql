SELECT 1
WHERE has_table_privilege('public._user', 'DELETE')
  AND has_table_privilege('public.user_has_role', 'DELETE')
  AND has_table_privilege('public.revoked_token', 'DELETE');
