events_newer($1::integer IS NULL AND e.user_id = $6::integer AND e.kind = $5::text IS NOT FALSE);
