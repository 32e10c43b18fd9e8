events_older($1::integer IS NULL AND e.kind = $5::text);
