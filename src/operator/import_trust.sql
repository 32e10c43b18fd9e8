-- A foreign key is checked row by row, and locks the referenced row each time: most of the cost of an import. Our rows
-- refer to a few customers and roles, which are checked and locked here once, and to users of this transaction. So if
-- the server allows it, as for a superuser, the import skips these checks. It does not if there are triggers that
-- replica switches on or off, or rules or keys that are not ours. Our triggers that write events have nothing to do:
-- one event for all rows is written after them.
DO $trust$
DECLARE
  tables regclass[] := ARRAY['public._user', 'public.user_has_role']::regclass[];
  named integer[];
  found bigint;
  missing bigint;
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    OR EXISTS (
      SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
      WHERE t.tgrelid = ANY (tables) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'R')
        AND (
          current_setting('user_api.events', true) IS DISTINCT FROM 'off'
          OR p.pronamespace <> 'public'::regnamespace
          OR p.proname NOT IN ('user_api_events_of_users', 'user_api_event_of_user', 'user_api_events_of_memberships')
        )
    )
    OR EXISTS (SELECT 1 FROM pg_class WHERE oid = ANY (tables) AND relhasrules)
    OR EXISTS (
      SELECT 1 FROM pg_constraint
      WHERE conrelid = ANY (tables) AND contype = 'f'
        AND confrelid <> ALL (ARRAY['public.customer', 'public._user', 'public.role']::regclass[])
    ) THEN
    RETURN;
  END IF;
  named := ARRAY(SELECT DISTINCT customer_id FROM ua_operator_import);
  PERFORM 1 FROM customer WHERE id = ANY (named) FOR KEY SHARE;
  GET DIAGNOSTICS found = ROW_COUNT;
  missing := cardinality(named) - found;
  named := ARRAY(SELECT DISTINCT unnest(roles) FROM ua_operator_import);
  PERFORM 1 FROM role WHERE id = ANY (named) FOR KEY SHARE;
  GET DIAGNOSTICS found = ROW_COUNT;
  IF missing > 0 OR found < cardinality(named) THEN
    RAISE EXCEPTION 'a customer or role of the rows was deleted meanwhile' USING ERRCODE = 'UA001';
  END IF;
  SET LOCAL session_replication_role = replica;
  SET LOCAL user_api.by_statement = 'yes'; -- user_count counts by statement, not row by row
END
$trust$;
