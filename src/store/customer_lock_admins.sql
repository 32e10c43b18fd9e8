-- A change that takes away an administrator holds this lock until its transaction ends, so that no two of them each
-- count on the administrator whom the other takes away. It does not keep users from being registered.
SELECT id FROM customer WHERE id = $1::integer FOR NO KEY UPDATE;
