-- If the server has the setting, it notices within seconds that the program was killed, even during a statement.
SELECT set_config('client_connection_check_interval', '2s', true)
WHERE current_setting('client_connection_check_interval', true) IS NOT NULL;

-- Columns in the order in which ua_operator_import_add writes them.
CREATE TEMPORARY TABLE ua_operator_import (
  line bigint, id integer, ordinal bigint, email text, name text,
  hash text, salt text, active boolean, customer_id integer, epoch integer, roles integer[]
) ON COMMIT DROP;

CREATE TEMPORARY TABLE ua_import_taken (line bigint, field text, reason text) ON COMMIT DROP;
