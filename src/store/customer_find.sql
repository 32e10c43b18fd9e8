-- For operators only: whether there is the customer that a request names.
SELECT id FROM customer WHERE id = $1::integer;
