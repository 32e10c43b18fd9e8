-- Whether the connection that listens hears everything: which process and which database answer, whether all triggers
-- are in force, and which version of them, so that nobody switches them off and on again unnoticed between two proofs.
--
-- To ask how full the queue of notifications is makes room in it. Nothing else does once it is full: PostgreSQL leaves
-- that to those who notify, and they fail then, although nobody holds the queue up any more.
--
-- $1: a server before 15 does not wake listeners for what a procedure commits before it ends, or a replication worker
-- applies. A notification of our own has it read all that was committed before.
SELECT pg_backend_pid(),
  pg_is_in_recovery(),
  armed(),
  origin(),
  (
    SELECT hashtextextended(coalesce(string_agg(made.version, ',' ORDER BY made.version), ''), 0)
    FROM (
      SELECT 't/' || t.oid::text || '/' || t.xmin::text AS version
      FROM pg_trigger t
      WHERE t.tgrelid IN (
        to_regclass('public._user'), to_regclass('public.user_has_role'), to_regclass('public.role'),
        to_regclass('public.revoked_token')
      )
      UNION ALL
      SELECT 'f/' || p.oid::text || '/' || p.xmin::text
      FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.proname >= 'user_api_' AND p.proname < 'user_api`'
    ) AS made
  ),
  CASE WHEN $1::boolean THEN pg_notify('user_api_session_proof', '')::text END,
  pg_notification_queue_usage();
