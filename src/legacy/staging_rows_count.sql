-- One row a table, in the order of ua_legacy_staging_table: staged, repeated, present, added, of the target.
SELECT count(*), 0, count(p.id), count(*) - count(p.id), (SELECT count(*) FROM public.customer)
FROM customer s
LEFT JOIN public.customer p ON p.id = s.id AND p.max_user_quota IS NOT DISTINCT FROM s.max_user_quota
UNION ALL
SELECT count(*), 0, count(p.id), count(*) - count(p.id), (SELECT count(*) FROM public._user)
FROM _user s
LEFT JOIN public._user p ON p.id = s.id
  AND (p.email, p.name, p.hash, p.salt, p.active, p.customer_id)
    = (s.email, s.name, s.hash, s.salt, coalesce(s.active, false), s.customer_id)
UNION ALL
SELECT count(*), 0, count(*) FILTER (WHERE present), count(*) FILTER (WHERE NOT present),
  (SELECT count(*) FROM public.role)
FROM (SELECT p.id IS NOT NULL AS present FROM role s LEFT JOIN public.role p ON p.code = s.code) AS r
UNION ALL
SELECT (SELECT count(*) FROM user_has_role), (SELECT count(*) FROM user_has_role) - count(*),
  count(p.user_id), count(*) - count(p.user_id), (SELECT count(*) FROM public.user_has_role)
FROM membership s
LEFT JOIN public.user_has_role p ON p.user_id = s.user_id AND p.role_id = s.role_id;
