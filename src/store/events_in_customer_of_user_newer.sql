-- Ordered by the user's index: another index would read all events of the customer.
events_newer(e.customer_id = $1::integer IS TRUE AND e.user_id = $6::integer AND e.kind = $5::text IS NOT FALSE);
