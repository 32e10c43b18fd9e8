-- For the event of each customer: who is added can be seen before the rows are there, and not afterwards.
CREATE TEMP TABLE added_users ON COMMIT DROP AS
SELECT s.customer_id, count(*) AS users FROM _user s
WHERE NOT EXISTS (SELECT 1 FROM public._user p WHERE p.id = s.id)
GROUP BY s.customer_id;

INSERT INTO public.customer (id, max_user_quota)
SELECT id, max_user_quota FROM customer s
WHERE NOT EXISTS (SELECT 1 FROM public.customer p WHERE p.id = s.id)
ORDER BY id;

INSERT INTO public._user (id, email, name, hash, salt, active, customer_id)
SELECT id, email, name, hash, salt, coalesce(active, false), customer_id FROM _user s
WHERE NOT EXISTS (SELECT 1 FROM public._user p WHERE p.id = s.id)
ORDER BY id;

INSERT INTO public.role (id, code, name)
SELECT s.id, s.code, s.name FROM role s JOIN role_place r ON r.id = s.id
WHERE NOT r.present
ORDER BY s.id;

INSERT INTO public.user_has_role (user_id, role_id)
SELECT user_id, role_id FROM membership s
WHERE NOT EXISTS (
  SELECT 1 FROM public.user_has_role p WHERE p.user_id = s.user_id AND p.role_id = s.role_id
)
ORDER BY 1, 2;

DO $sequences$
DECLARE
  item text;
  sequence text;
  highest bigint;
  next bigint;
BEGIN
  FOREACH item IN ARRAY ARRAY['customer', '_user', 'role'] LOOP
    sequence := pg_get_serial_sequence('public.' || item, 'id');
    EXECUTE format('SELECT max(id) FROM public.%I', item) INTO highest;
    EXECUTE format('SELECT last_value + is_called::integer FROM %s', sequence) INTO next;
    IF highest >= next THEN
      EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', sequence, least(highest + 1, 2147483647));
    END IF;
  END LOOP;
END
$sequences$;

DO $record$
BEGIN
  IF current_setting('user_api.events', true) = 'off' THEN
    PERFORM public.user_api_event_put('user.created', a.customer_id::integer, NULL, NULL,
                                      jsonb_build_object('users', a.users))
    FROM added_users a ORDER BY a.customer_id;
  END IF;
END
$record$;
