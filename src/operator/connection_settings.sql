-- An ACCESS EXCLUSIVE lock that is waited for stops every reader behind it: better to fail and try again.
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET search_path = public;
SET client_min_messages = error;
