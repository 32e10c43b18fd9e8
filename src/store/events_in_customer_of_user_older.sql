-- In the order of the user's index, since another would read all events of the customer.
events_older(e.customer_id = $1::integer IS TRUE AND e.user_id = $6::integer AND e.kind = $5::text IS NOT FALSE);
