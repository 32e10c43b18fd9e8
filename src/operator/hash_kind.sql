-- The kind of a user's columns hash and salt: hash_kind() in a .sql file stands for this. It decides as
-- ua_auth_columns_read and UA_MAX_BCRYPT_COST do; a test compares them.
CASE
  WHEN hash IS NULL OR salt IS NULL THEN 'null'
  WHEN hash = '*' AND salt = '*' THEN 'none'
  WHEN hash ~ '^[0-9a-fA-F]{32}$' AND salt ~ '^[0-9a-fA-F]{64}$' THEN 'original'
  WHEN hash !~ '^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53}$' THEN 'unknown'
  WHEN left(hash, 28) <> left(salt, 28) THEN 'unknown'
  -- The last of 22 characters has four unused bits.
  WHEN substr(hash, 29, 1) || substr(salt, 29, 1) !~ '^([./A-N]{2}|[O-Za-d]{2}|[e-t]{2}|[u-z0-9]{2})$' THEN 'unknown'
  WHEN substr(hash, 5, 2) > '16' THEN 'expensive'
  ELSE 'bcrypt'
END
