SELECT user_api_session_opened($1::integer, $2::integer, $3::integer);
