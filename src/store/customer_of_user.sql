-- For operators only: which customer a request is about. All further statements of the request are bound to it.
SELECT customer_id FROM _user WHERE id = $1::integer;
