-- After a restore, epochs are those of the backup, and would reach values again that they had between backup and
-- restore. This adds a million, which is more than a user's sessions can end in that time. The ids of lost users would
-- be given again, so 100000 ids are skipped. The clock's second is added to both: if the same backup is restored again,
-- epochs and ids differ from those after the first restore.
--
-- Locks the tables, because it changes every user, and waits for transactions that change one. A rollback undoes ALTER
-- SEQUENCE, unlike setval.
DO $revoke$
DECLARE
  sequence text := pg_get_serial_sequence('public._user', 'id');
  second integer := floor(extract(epoch FROM clock_timestamp()))::bigint % 10000000;
  step integer := 1000000 + second;
  users bigint;
  next bigint;
BEGIN
  LOCK TABLE _user, deleted_user IN EXCLUSIVE MODE;
  IF sequence IS NULL THEN
    RAISE EXCEPTION 'no sequence gives the ids of users: run user-api-admin doctor' USING ERRCODE = 'UA001';
  END IF;
  EXECUTE format('SELECT last_value + 100001 + %s FROM %s', second, sequence) INTO next;
  IF next > 2147483647 OR EXISTS (SELECT 1 FROM _user WHERE epoch > 2147483647 - step) THEN
    RAISE EXCEPTION 'there are not enough numbers left: change the JWT secret instead' USING ERRCODE = 'UA001';
  END IF;
  UPDATE _user SET epoch = epoch + step;
  GET DIAGNOSTICS users = ROW_COUNT;
  IF current_setting('user_api.events', true) = 'off' THEN
    PERFORM public.user_api_event_put('session.ended', u.customer_id, NULL, NULL,
                                      jsonb_build_object('all', true, 'users', count(*)))
    FROM _user u GROUP BY u.customer_id ORDER BY u.customer_id;
  END IF;
  UPDATE deleted_user SET epoch = least(epoch, 2147483647 - step) + step;
  EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', sequence, next);
  PERFORM set_config('user_api.revoked_users', users::text, true), set_config('user_api.next_id', next::text, true);
END
$revoke$;
