-- The index for searches takes most of the time of a large import. It adds its entries for many rows together: in this
-- transaction for more rows than usual.
DO $collect$
BEGIN
  IF EXISTS (
    SELECT 1 FROM pg_class WHERE oid = to_regclass('public._user_search_idx') AND pg_has_role(relowner, 'USAGE')
  ) THEN
    ALTER INDEX public._user_search_idx SET (gin_pending_list_limit = 4096);
  END IF;
END
$collect$;
