SELECT 'user ' || s.id || coalesce(' ' || left(s.email, 60), '') AS example, s.id AS ordinal
FROM _user s JOIN public._user p ON folded(p.email) = folded(s.email)
WHERE p.id <> s.id;
