-- Functions that differ from what the migrations make; rows as in diagnosis_shape.sql. A body is compared by its SHA-256.
WITH made (name, body, settings) AS (
  VALUES (
    'failed_login_reserve(text[],bytea[],integer[],inet[],integer[],integer)',
    '7a4772bd6997572fd10493ff11d1c8bbee1bf33d90f50a3d47cf9546b97bb51c',
    ARRAY['search_path=pg_catalog, public, pg_temp', 'enable_seqscan=off', 'enable_bitmapscan=off']
  )
), compared AS (
  SELECT m.name, p.oid,
    encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') = m.body AND p.proconfig = m.settings AND NOT p.prosecdef AS same
  FROM made m LEFT JOIN pg_proc p ON p.oid = to_regprocedure('public.' || m.name)
)
SELECT 'function-missing', name, '' FROM compared WHERE oid IS NULL
UNION ALL
SELECT 'function-changed', name, '' FROM compared WHERE oid IS NOT NULL AND same IS NOT TRUE;
