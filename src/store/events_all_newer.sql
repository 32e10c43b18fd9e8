events_newer($1::integer IS NULL);
