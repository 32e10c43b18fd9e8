SELECT power
FROM pg_roles
CROSS JOIN LATERAL (VALUES
  (rolsuper, 'SUPERUSER'), (rolcreatedb, 'CREATEDB'), (rolcreaterole, 'CREATEROLE'),
  (rolreplication, 'REPLICATION'), (rolbypassrls, 'BYPASSRLS')
) AS p (held, power)
WHERE rolname = $1 AND held;
