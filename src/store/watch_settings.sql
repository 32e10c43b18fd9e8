-- A server that cannot reach its listener any more holds back its queue of notifications: the connection ends soon.
SELECT set_config('tcp_user_timeout', $1, false),
  set_config('tcp_keepalives_idle', '30', false),
  set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false);
