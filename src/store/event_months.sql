-- A login waits for it, so the number of events to move is limited.
SELECT user_api_event_months($1::integer, 20000);
