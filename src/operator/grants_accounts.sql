-- The roles that this database was prepared for: they may write to revoked_token and _user, and have no right on the
-- former that grants_apply.sql does not give. A role with more rights belongs to other software, and must keep them. So
-- does a role that only purges old tokens, which must not get rights on users.
SELECT r.rolname
FROM pg_class t
CROSS JOIN LATERAL aclexplode(t.relacl) AS a
JOIN pg_roles r ON r.oid = a.grantee
WHERE t.oid = to_regclass('public.revoked_token') AND a.grantee <> t.relowner
  AND has_table_privilege(r.oid, to_regclass('public._user'), 'INSERT, UPDATE')
GROUP BY r.rolname
HAVING array_agg(a.privilege_type) <@ ARRAY['SELECT', 'INSERT', 'DELETE']
  AND array_agg(a.privilege_type) && ARRAY['INSERT', 'DELETE']
ORDER BY r.rolname;
