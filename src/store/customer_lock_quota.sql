-- A statement of its own before the count: one that waits for a lock goes on with what it saw before.
SELECT max_user_quota FROM customer WHERE id = $1::integer FOR UPDATE;
