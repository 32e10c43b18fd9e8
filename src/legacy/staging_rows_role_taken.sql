SELECT 'role ' || s.id || coalesce(' ' || left(s.code, 60), '') AS example, s.id AS ordinal
FROM role s JOIN public.role p ON p.id = s.id
WHERE NOT EXISTS (SELECT 1 FROM role_place r WHERE r.id = s.id AND r.present);
