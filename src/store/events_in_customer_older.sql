events_older(e.customer_id = $1::integer);
