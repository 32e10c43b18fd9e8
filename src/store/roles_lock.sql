-- As roles_find.sql, and until the transaction ends no other one can rename the roles or change who may grant them.
SELECT id, code, name, assignable FROM role WHERE id = ANY ($1::integer[]) ORDER BY id FOR SHARE;
