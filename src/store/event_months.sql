-- A login waits for it: no more events of a month are moved than take a moment.
SELECT user_api_event_months($1::integer, 20000);
