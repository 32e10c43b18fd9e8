-- Functions that differ from what the migrations make; rows as in diagnosis_shape.sql. A body is compared by its
-- SHA-256 (scripts/update-function-hashes). Functions of triggers run as their owner, who has to be an owner of the
-- tables, too; a function that they call has no settings and rights of its own. The function of the index on emails may
-- be replaced while the index exists, and has another body if the server has no normal forms.
WITH made (name, body, settings, definer) AS (
  SELECT name, body,
    CASE
      WHEN settings IS NULL THEN NULL
      WHEN definer THEN 'search_path=pg_catalog, pg_temp'::text || settings
      ELSE 'search_path=pg_catalog, public, pg_temp'::text || settings
    END, definer
  FROM (
    VALUES
      ('failed_login_reserve(text[],bytea[],integer[],inet[],integer[],integer)',
       '7a4772bd6997572fd10493ff11d1c8bbee1bf33d90f50a3d47cf9546b97bb51c',
       ARRAY['enable_seqscan=off', 'enable_bitmapscan=off'], false),
      ('user_api_notify(text)', '179fcd4a20a93b0fa52e8b75e5d84b8a1515a7ce7246a2c15159b8b4d101d61d', '{}', true),
      ('user_api_replicated()', '273942765302a7f7d0475dd6d5d0a3797bce4c0151c5f16a51fcb265e4ef8159', '{}', true),
      ('user_api_user_changing()', 'bb700312f065ee99ba0a53d7f682490fe979332182c8199d8a35552c940632e1', '{}', true),
      ('user_api_user_changed()', '8854795dc9b082e2e43426395d2d04c6869bbde5259677ef0eeb5466d7f6d725', '{}', true),
      ('user_api_users_deleted()', 'f954eac75319a5f9f339135fc477739dbcff0e6796c0a3cfe4aeab5da8acab6e', '{}', true),
      ('user_api_users_inserted()', 'd8353d946815e7fd600b603c806159b122d38c8a6fea0ed6147339dbd01541d0', '{}', true),
      ('user_api_roles_changed()', '043c57ff242507dd32b1d6511d3bccb316dd4f59503f6d464ddff8b77325aadb', '{}', true),
      ('user_api_token_revoked()', '4a7c8f22508b329aa5346abeaa570f5656a47e7984181cf76e23e1ea82da4b84', '{}', true),
      ('user_api_merge_counts(integer,integer)', 'a82839f2f4b72018d4b0e21794f3e819d9031ed0309fecc31ba8d66862997766',
       ARRAY['enable_seqscan=off', 'enable_bitmapscan=off'], true),
      ('user_api_users_counted()', 'a378d9203869b0a4be8858a72d139945e5b33afc0bb12c93f4eb1b0ed5453d28', '{}', true),
      ('user_api_user_counted()', '753202f3e40ef2ce7845d3955a45a6f351007bd8d56b2ed618a73d3730483857', '{}', true),
      ('user_api_count_kept()', '77a75cd5f7ddde0ee152c48e13816ec7bda7ebdee69481d9b0d4f81cd5d074ee', '{}', true),
      ('user_api_recount()', 'e5d164a78dabe5e47afea2b7ae8657de470ba18f2f6bdb4fc1b1ea86ea049d1e', '{}', true),
      ('user_api_event_months(integer,integer)',
       '1b73c58aa4b0905700609024c2ac140a9a512bcf441c5cbd0c40c6b7ae9a7c99', ARRAY['lock_timeout=200ms', 'DateStyle=ISO', 'TimeZone=UTC'], true),
      ('user_api_event_put(text,integer,integer,text,jsonb)',
       'd2b19e5fe002e237109fd4f975260101ef97c088d5b30d45fefd9ceeca8f073c', NULL, false),
      ('user_api_events_final()', 'ca7e03405018ffb916eaf497775f530ade3595a8e265de27f9f5a1f69d6a18b1', '{}', true),
      ('user_api_events_may_be_off()', 'ac144c19a3d520fc87fb624b4ca57ea3bf6cdb0f08746d91da1d86caba87a6ea', '{}', true),
      ('user_api_events_of_users()', '7f01641e99d09f6e4a1121940b7183b2f7fcc6a768013a1215d94c62e300d9cc', '{}', true),
      ('user_api_event_of_user()', '34bae945dbacfe8dbcbf4bce95bc1992530df64692a9911117185c9b825c82de', '{}', true),
      ('user_api_events_of_memberships()',
       'b52da6a373085eed5535f89be7ccdb190d83d52e3922e728fec753019b1513f9', '{}', true),
      ('user_api_events_of_roles()', '3eb881ec97aaa19815c180150a65dadec3c036a373a34c3080c0a6966bacd9d4', '{}', true),
      ('user_api_events_of_customers()',
       '382ed234966860d42861f55d5a2155a92277b16ac405b6886e8d748b35e68b1b', '{}', true),
      ('user_api_event_of_token()', 'e50daeb671ed4d7204a05ce1b875162717468fa14e58807b576d540449773a14', '{}', true),
      ('user_api_session_opened(integer,integer,integer)',
       'f2d018569e321de1e16c4c5d416fa7c12f98acbd20902ae882143fb1148e6bb5', '{}', true),
      ('user_api_login_blocked(text[],bytea[],integer[])',
       '22be9bd7631980cd40220542cedc7837903d289d79e01da11d6ea7ad4337642c', ARRAY['enable_seqscan=off'], true),
      ('user_api_event_write(text,integer,integer,jsonb)',
       '39d0b011bf3ddcec42dbd9ada7767fb8d21d89ede6f44d03df9d6d07f8588874', '{}', true)
  ) AS f (name, body, settings, definer)
), compared AS (
  SELECT m.name, p.oid, p.proowner, m.definer,
    encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') = m.body AND p.proconfig IS NOT DISTINCT FROM m.settings
      AND p.prosecdef = m.definer AS same
  FROM made m LEFT JOIN pg_proc p ON p.oid = to_regprocedure('public.' || m.name)
), folding (oid, body, same) AS (
  SELECT p.oid, m.body,
    p.prosrc = m.body AND p.proconfig IS NULL AND NOT p.prosecdef AND p.provolatile = 'i' AND p.proparallel = 's'
  FROM (
    VALUES (
      CASE
        WHEN getdatabaseencoding() = 'UTF8' THEN
          'SELECT pg_catalog.lower(pg_catalog.normalize($1, ''NFC'') COLLATE pg_catalog."und-x-icu")'
        ELSE 'SELECT pg_catalog.lower($1 COLLATE pg_catalog."und-x-icu")'
      END
    )
  ) AS m (body)
  LEFT JOIN pg_proc p ON p.oid = to_regprocedure('public.user_api_folded_email(text)')
)
SELECT 'function-missing', name, '' FROM compared WHERE oid IS NULL
UNION ALL
SELECT 'function-missing', 'user_api_folded_email(text)', '' FROM folding WHERE oid IS NULL
UNION ALL
SELECT 'function-changed', name, '' FROM compared WHERE oid IS NOT NULL AND same IS NOT TRUE
UNION ALL
SELECT 'function-changed', 'user_api_folded_email(text)',
  format(
    'CREATE OR REPLACE FUNCTION public.user_api_folded_email(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L; '
    'REINDEX INDEX public._user_lower_email_key;', body
  )
FROM folding WHERE oid IS NOT NULL AND same IS NOT TRUE
UNION ALL
SELECT 'function-changed', f.name || ' belongs to ' || pg_get_userbyid(f.proowner) || ', and ' || c.relname || ' does not',
  format('ALTER FUNCTION public.%s OWNER TO %I;', f.name, pg_get_userbyid(c.relowner))
FROM compared f JOIN pg_class c ON c.oid = to_regclass('public._user')
WHERE f.same AND f.definer AND NOT pg_has_role(f.proowner, c.relowner, 'USAGE');
