SELECT user_api_event_write($3::text, $1::integer, $2::integer, $4::jsonb);
