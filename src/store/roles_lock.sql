-- As roles_find.sql, and until the transaction ends nobody renames them or changes who may grant them.
SELECT id, code, name, assignable FROM role WHERE id = ANY ($1::integer[]) ORDER BY id FOR SHARE;
