-- Roles belong to no customer: all share them, as in the original.
SELECT id, code, name, assignable FROM role WHERE id = ANY ($1::integer[]);
