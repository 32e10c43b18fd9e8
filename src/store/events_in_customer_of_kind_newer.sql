events_newer(e.customer_id = $1::integer AND e.kind = $5::text);
