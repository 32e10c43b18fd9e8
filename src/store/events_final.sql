SELECT user_api_events_final();
