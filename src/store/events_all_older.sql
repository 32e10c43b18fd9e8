events_older($1::integer IS NULL);
