-- For a line of pg_hba.conf for this machine: its address, NULL over a unix socket, and the file, NULL if the current
-- role may not know it.
SELECT host(inet_client_addr()) || CASE family(inet_client_addr()) WHEN 4 THEN '/32' ELSE '/128' END,
  CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE') THEN current_setting('hba_file') END;
