-- A change that removes an administrator holds this lock until its transaction ends. Otherwise, of the last two
-- administrators, two changes could each remove one. The lock does not block registrations.
SELECT id FROM customer WHERE id = $1::integer FOR NO KEY UPDATE;
