-- Searches read what the index has only collected: nothing is left of it, and what may be collected is as before.
DO $settle$
BEGIN
  IF EXISTS (
    SELECT 1 FROM pg_class WHERE oid = to_regclass('public._user_search_idx') AND pg_has_role(relowner, 'USAGE')
  ) THEN
    PERFORM gin_clean_pending_list('public._user_search_idx');
    ALTER INDEX public._user_search_idx SET (gin_pending_list_limit = 256);
  END IF;
END
$settle$;
