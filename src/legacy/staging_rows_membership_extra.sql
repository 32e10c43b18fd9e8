SELECT 'user ' || p.user_id || ' role ' || p.role_id AS example, p.user_id AS ordinal
FROM public.user_has_role p JOIN _user s ON s.id = p.user_id
WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.user_id = p.user_id AND m.role_id = p.role_id);
