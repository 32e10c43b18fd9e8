-- A listener that the server cannot reach any more blocks the queue of notifications, so the connection must end soon.
SELECT set_config('tcp_user_timeout', $1, false),
  set_config('tcp_keepalives_idle', '30', false),
  set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false);
