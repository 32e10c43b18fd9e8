-- One event for each customer, if its users have left none.
DO $record$
BEGIN
  IF current_setting('user_api.events', true) = 'off' THEN
    PERFORM public.user_api_event_put('user.created', s.customer_id, NULL, NULL, jsonb_build_object('users', count(*)))
    FROM ua_operator_import s GROUP BY s.customer_id ORDER BY s.customer_id;
  END IF;
END
$record$;
