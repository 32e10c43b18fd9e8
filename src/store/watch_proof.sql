-- Whether the listening connection receives all notifications: which process and which database answer, whether all triggers
-- are enabled, and their version, which shows if they were disabled and enabled again between two proofs.
--
-- Calling pg_notification_queue_usage() frees space in the queue of notifications. Nothing else does once it is full:
-- PostgreSQL leaves that to the sessions that notify, and these fail then, although no listener blocks the queue any more.
--
-- $1: a server before 15 does not wake listeners for transactions that a procedure commits before it ends, or that a
-- replication worker applies. Our own notification makes it read all notifications of earlier commits.
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
