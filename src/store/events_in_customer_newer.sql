events_newer(e.customer_id = $1::integer);
