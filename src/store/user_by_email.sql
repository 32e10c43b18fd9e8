-- Login only: an email is unique over all customers.
SELECT id, customer_id, active, epoch, hash, salt
FROM _user
WHERE folded(email) = folded($1::text);
