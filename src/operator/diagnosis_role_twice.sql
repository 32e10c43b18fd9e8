SELECT 'role ' || id || ' ' || left(code, 60) AS example, id AS ordinal
FROM role r
WHERE EXISTS (SELECT 1 FROM role o WHERE o.code = r.code AND o.id <> r.id);
