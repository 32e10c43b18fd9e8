-- Months of the table of events that are missing, or are older than $1 days, and ids that were given before; rows as in
-- diagnosis_shape.sql. In the default partition, only those events count that user_api_event_months moves or deletes.
WITH month AS (
  SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AS this, now() - make_interval(days => $1::integer) AS oldest,
    format('SELECT public.user_api_event_months(%s);', $1::integer) AS fix
), highest AS (
  SELECT (SELECT max(id) FROM event) AS id, s.last_value + s.is_called::integer AS next FROM event_id_seq s
)
SELECT 'sequence-behind', format('event.id gives %s next, %s is taken', next, id),
  'SELECT setval(''public.event_id_seq'', (SELECT max(id) FROM public.event));'
FROM highest WHERE next <= id
UNION ALL
SELECT 'months-missing', string_agg(to_char(this + make_interval(months => i), 'YYYY-MM'), ', ' ORDER BY i), fix
FROM month CROSS JOIN generate_series(0, 1) AS i
WHERE to_regclass('public.event_' || to_char(this + make_interval(months => i), 'YYYYMM')) IS NULL
GROUP BY fix
UNION ALL
SELECT 'months-mixed', 'event_default', fix
FROM month
WHERE EXISTS (
  SELECT 1 FROM event_default e
  WHERE e.at < oldest OR (e.at >= this AT TIME ZONE 'UTC' AND e.at < (this + interval '3 months') AT TIME ZONE 'UTC')
)
UNION ALL
SELECT 'months-old', string_agg(c.relname, ', ' ORDER BY c.relname), fix
FROM month CROSS JOIN pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass('public.event') AND c.relname ~ '^event_[0-9]{6}$'
  AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' < oldest
GROUP BY fix;
