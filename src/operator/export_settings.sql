SELECT set_config('user_api.export_first_customer', $1, true),
  set_config('user_api.export_last_customer', $2, true),
  set_config('user_api.export_hashes', $3, true);
