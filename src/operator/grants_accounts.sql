-- The roles that this database was prepared for: those that may write to revoked_token, and hold nothing there that
-- grants_apply.sql does not give. A role with more than that is somebody else's, and must not lose it.
SELECT r.rolname
FROM pg_class t
CROSS JOIN LATERAL aclexplode(t.relacl) AS a
JOIN pg_roles r ON r.oid = a.grantee
WHERE t.oid = to_regclass('public.revoked_token') AND a.grantee <> t.relowner
GROUP BY r.rolname
HAVING array_agg(a.privilege_type) <@ ARRAY['SELECT', 'INSERT', 'DELETE']
  AND array_agg(a.privilege_type) && ARRAY['INSERT', 'DELETE']
ORDER BY r.rolname;
