-- Functions that differ from what the migrations make; rows as in diagnosis_shape.sql. A body is compared by its SHA-256.
-- Those of triggers run as their owner, who has to be an owner of the tables, too.
WITH made (name, body, settings, definer) AS (
  SELECT name, body, 'search_path=pg_catalog, public, pg_temp'::text || settings, definer
  FROM (
    VALUES
      ('failed_login_reserve(text[],bytea[],integer[],inet[],integer[],integer)',
       '7a4772bd6997572fd10493ff11d1c8bbee1bf33d90f50a3d47cf9546b97bb51c',
       ARRAY['enable_seqscan=off', 'enable_bitmapscan=off'], false),
      ('user_api_notify(text)', '179fcd4a20a93b0fa52e8b75e5d84b8a1515a7ce7246a2c15159b8b4d101d61d', '{}', true),
      ('user_api_replicated()', '273942765302a7f7d0475dd6d5d0a3797bce4c0151c5f16a51fcb265e4ef8159', '{}', true),
      ('user_api_user_changing()', '2c7687784b339ba9ed2bc125fe9e85e356f234ee43fd0cb10b2b025398ecb9fe', '{}', true),
      ('user_api_user_changed()', '703654b5fa083f4d97e4e7444cb4f0733f81fcbb268191ece2809d918866d559', '{}', true),
      ('user_api_users_deleted()', '0886249eed15e96c1a8cbace2246bf2c882562ee14942ffa1f4883f58b30bb97', '{}', true),
      ('user_api_users_inserted()', 'b9e95684b6787533382f5d68da6a85b92b260c8b9e6489a963db66e12f370452', '{}', true),
      ('user_api_roles_changed()', '242647926f6da40726924d4d1b39b3e581cbed670f9f70a0927abcfed4c18332', '{}', true),
      ('user_api_token_revoked()', 'fe4686af10d4ab6ef0b8a3c46ae9ac0b497567c14ab78bb031ddb4a80c96e78e', '{}', true)
  ) AS f (name, body, settings, definer)
), compared AS (
  SELECT m.name, p.oid, p.proowner, m.definer,
    encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') = m.body AND p.proconfig = m.settings
      AND p.prosecdef = m.definer AS same
  FROM made m LEFT JOIN pg_proc p ON p.oid = to_regprocedure('public.' || m.name)
)
SELECT 'function-missing', name, '' FROM compared WHERE oid IS NULL
UNION ALL
SELECT 'function-changed', name, '' FROM compared WHERE oid IS NOT NULL AND same IS NOT TRUE
UNION ALL
SELECT 'function-changed', f.name || ' belongs to ' || pg_get_userbyid(f.proowner) || ', and ' || c.relname || ' does not',
  format('ALTER FUNCTION public.%s OWNER TO %I;', f.name, pg_get_userbyid(c.relowner))
FROM compared f JOIN pg_class c ON c.oid = to_regclass('public._user')
WHERE f.same AND f.definer AND NOT pg_has_role(f.proowner, c.relowner, 'USAGE');
