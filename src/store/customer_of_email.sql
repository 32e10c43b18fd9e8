-- As customer_of_user.sql: an email is unique over all customers.
SELECT customer_id FROM _user WHERE folded(email) = folded($1::text);
