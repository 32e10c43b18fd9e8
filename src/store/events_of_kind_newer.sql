events_newer($1::integer IS NULL AND e.kind COLLATE "C" = $5::text);
