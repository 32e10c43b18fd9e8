SELECT 'user ' || s.id || coalesce(' ' || left(s.email, 60), '') AS example, s.id AS ordinal
FROM _user s JOIN public._user p ON p.id = s.id
WHERE (p.email, p.name, p.hash, p.salt, p.active, p.customer_id)
  IS DISTINCT FROM (s.email, s.name, s.hash, s.salt, coalesce(s.active, false), s.customer_id);
