-- Who causes the transaction's changes, for the triggers that write events.
SELECT set_config('user_api.actor', coalesce($1::integer::text, ''), true),
  set_config('user_api.address', $2::text, true), set_config('user_api.request_id', $3::text, true),
  set_config('user_api.by', $4::text, true);
