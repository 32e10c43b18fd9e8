-- The condition is that of user_api_events_may_be_off, which not every role may call. The statement that writes one
-- event for all rows asks for 'off', and calls user_api_event_put.
SELECT set_config('user_api.events', CASE
  WHEN pg_has_role(session_user, c.relowner, 'USAGE')
    AND has_function_privilege(to_regprocedure('public.user_api_event_put(text,integer,integer,text,jsonb)'), 'EXECUTE')
  THEN 'off'
  ELSE 'on'
END, true)
FROM pg_class c WHERE c.oid = to_regclass('public.event');
