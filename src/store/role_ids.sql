-- Roles belong to no customer: all share them, as in the original.
SELECT id FROM role WHERE id = ANY ($1::integer[]);
