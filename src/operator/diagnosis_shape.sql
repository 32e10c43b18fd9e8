-- What can be wrong with our tables or the original's, whatever rows they have. Role $1 serves requests. Rows are
-- (code, example, fix); the rows of one finding are adjacent.
WITH made (relation, kind) AS (
  VALUES ('customer', 'r'), ('_user', 'r'), ('role', 'r'), ('user_has_role', 'r'), ('schema_spec', 'r'), ('revoked_token', 'r'),
    ('failed_login', 'r'), ('deleted_user', 'r'), ('user_count', 'r'), ('event', 'p')
), found AS (
  SELECT m.relation, m.kind, c.oid, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relowner
  FROM made m
  JOIN pg_class c ON c.relname = m.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
), hidden AS (
  SELECT f.relation, f.relrowsecurity AND NOT coalesce(
      a.rolsuper OR a.rolbypassrls
        OR (NOT f.relforcerowsecurity AND pg_has_role(a.oid, f.relowner, 'USAGE')),
      false
    ) AS active,
    f.relrowsecurity OR EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = f.oid) AS prepared
  FROM found f LEFT JOIN pg_roles a ON a.rolname = $1::name
), ours AS (
  SELECT t.oid, t.tgrelid, t.tgname, made.always
  FROM (
    SELECT true, * FROM (session_triggers() UNION ALL count_triggers()) AS kept
    UNION ALL
    SELECT false, * FROM event_triggers() AS recording
  ) AS made (always, relation, name, moment, rows, function)
  JOIN found f ON f.relation = made.relation
  JOIN pg_trigger t ON t.tgrelid = f.oid AND t.tgname = made.name
)
SELECT 'table-kind',
  relation || CASE relkind
    WHEN 'v' THEN ' is a view' WHEN 'm' THEN ' is a materialized view' WHEN 'f' THEN ' is a foreign table'
    WHEN 'p' THEN ' is partitioned' WHEN 'r' THEN ' is not partitioned' ELSE ' is no table'
  END,
  ''
FROM found WHERE relkind <> kind
UNION ALL
SELECT 'table-inherited', f.relation || ' and ' || o.oid::regclass,
  format('ALTER TABLE %s NO INHERIT %s;', i.inhrelid::regclass, i.inhparent::regclass)
FROM found f
JOIN pg_inherits i ON f.oid IN (i.inhrelid, i.inhparent)
JOIN pg_class o ON o.oid IN (i.inhrelid, i.inhparent) AND o.oid <> f.oid
WHERE f.relkind = 'r'
UNION ALL
SELECT 'table-unlogged', relation, format('ALTER TABLE public.%I SET LOGGED;', relation)
FROM found WHERE relkind = 'r' AND relpersistence <> 'p'
UNION ALL
SELECT 'row-security', relation,
  format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;', relation)
FROM hidden WHERE active
UNION ALL
SELECT 'row-policies', relation, ''
FROM hidden WHERE prepared AND NOT active
UNION ALL
SELECT 'trigger-disabled', f.relation,
  format('ALTER TABLE public.%I ENABLE TRIGGER ALL', f.relation) || coalesce(
    (
      SELECT string_agg(format(', ENABLE ALWAYS TRIGGER %I', o.tgname), '' ORDER BY o.tgname)
      FROM ours o WHERE o.tgrelid = f.oid AND o.always
    ), ''
  ) || ';'
FROM found f
WHERE EXISTS (
  SELECT 1 FROM pg_trigger t WHERE t.tgrelid = f.oid AND t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')
)
UNION ALL
SELECT 'trigger-extra', 'trigger ' || t.tgname || ' on ' || f.relation,
  format('DROP TRIGGER %I ON public.%I;', t.tgname, f.relation)
FROM found f JOIN pg_trigger t ON t.tgrelid = f.oid AND NOT t.tgisinternal
WHERE t.oid NOT IN (SELECT o.oid FROM ours o)
UNION ALL
SELECT 'trigger-extra', 'rule ' || r.rulename || ' on ' || f.relation,
  format('DROP RULE %I ON public.%I;', r.rulename, f.relation)
FROM found f JOIN pg_rewrite r ON r.ev_class = f.oid AND r.rulename <> '_RETURN';
