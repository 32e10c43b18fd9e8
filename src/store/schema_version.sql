SELECT version FROM schema_spec ORDER BY id DESC LIMIT 1;
