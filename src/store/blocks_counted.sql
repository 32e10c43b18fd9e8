-- Whether user_count counts every user: all triggers for it exist and always fire. Only their names are checked, because
-- many lists use this. blocks_counted() in a .sql file stands for this.
SELECT count(*) = 7 FROM pg_trigger t
WHERE t.tgrelid IN ('public._user'::regclass, 'public.user_count'::regclass) AND t.tgenabled = 'A'
  AND t.tgname IN (
    'user_api_count_inserted', 'user_api_count_deleted', 'user_api_count_truncated', 'user_api_count_moved',
    'user_api_count_arrived', 'user_api_count_left', 'user_api_count_kept'
  )
