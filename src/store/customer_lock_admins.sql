-- Whoever takes away an administrator holds this lock until the transaction ends, so that two cannot each leave the
-- other one as the last. It does not keep users from being registered.
SELECT id FROM customer WHERE id = $1::integer FOR NO KEY UPDATE;
