-- Searches read the index's pending list: this empties it, and restores its usual size.
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
