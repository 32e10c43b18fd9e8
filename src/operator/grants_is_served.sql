-- Whether role $1 serves this very database: it may connect, and is neither the owner nor the role that asks.
SELECT 1
FROM pg_database d CROSS JOIN pg_roles r
WHERE d.datname = current_database() AND r.rolname = $1
  AND has_database_privilege(r.oid, d.oid, 'CONNECT')
  AND r.oid <> d.datdba AND r.rolname <> current_user;
