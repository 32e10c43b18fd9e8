-- Triggers that differ from what the migrations make; rows as in diagnosis_shape.sql. If triggers that count users were
-- off, the fix counts the users again. Triggers that record events need not fire for replicated rows, but may.
WITH compared AS (
  SELECT m.kind, m.relation, m.name, m.definition, t.oid,
    t.tgenabled = 'A' OR (m.kind = 'event' AND t.tgenabled = 'O') AS fires,
    pg_get_triggerdef(t.oid) = m.definition AS same,
    format('ALTER TABLE public.%I ENABLE %sTRIGGER %I;', m.relation, CASE m.kind WHEN 'event' THEN '' ELSE 'ALWAYS ' END, m.name)
      || CASE m.kind WHEN 'count' THEN ' SELECT public.user_api_recount();' ELSE '' END AS enable
  FROM (
    SELECT *, format('CREATE TRIGGER %s %s ON public.%s %s EXECUTE FUNCTION %s()', name, moment, relation, rows, function)
      AS definition
    FROM (
      SELECT 'trigger', * FROM session_triggers() AS ending
      UNION ALL
      SELECT 'count', * FROM count_triggers() AS counting
      UNION ALL
      SELECT 'event', * FROM event_triggers() AS recording
    ) AS made (kind, relation, name, moment, rows, function)
  ) AS m
  LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('public.' || m.relation) AND t.tgname = m.name
)
SELECT kind || '-missing', name || ' on ' || relation, definition || '; ' || enable
FROM compared WHERE oid IS NULL
UNION ALL
SELECT kind || '-changed', CASE WHEN same THEN name || ' does not ' || CASE kind WHEN 'event' THEN 'fire' ELSE 'always fire' END ELSE pg_get_triggerdef(oid) END,
  CASE WHEN same THEN '' ELSE format('DROP TRIGGER %I ON public.%I; %s; ', name, relation, definition) END || enable
FROM compared WHERE NOT (same AND fires)
ORDER BY 1 DESC, 2;
