-- A separate statement before the count: a statement that waits for a lock continues with its old snapshot.
SELECT max_user_quota FROM customer WHERE id = $1::integer FOR UPDATE;
