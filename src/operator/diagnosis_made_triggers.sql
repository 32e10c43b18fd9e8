-- Triggers that differ from what the migrations make; rows as in diagnosis_shape.sql.
WITH compared AS (
  SELECT m.relation, m.name, m.definition, t.oid, t.tgenabled = 'A' AS always,
    pg_get_triggerdef(t.oid) = m.definition AS same,
    format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER %I;', m.relation, m.name) AS enable
  FROM (
    SELECT *, format('CREATE TRIGGER %s %s ON public.%s %s EXECUTE FUNCTION %s()', name, moment, relation, rows, function)
      AS definition
    FROM session_triggers() AS made (relation, name, moment, rows, function)
  ) AS m
  LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('public.' || m.relation) AND t.tgname = m.name
)
SELECT 'trigger-missing', name || ' on ' || relation, definition || '; ' || enable
FROM compared WHERE oid IS NULL
UNION ALL
SELECT 'trigger-changed', CASE WHEN same THEN name || ' does not always fire' ELSE pg_get_triggerdef(oid) END,
  CASE WHEN same THEN '' ELSE format('DROP TRIGGER %I ON public.%I; %s; ', name, relation, definition) END || enable
FROM compared WHERE NOT (same AND always);
