-- What the columns hash and salt of a user are: hash_kind() in a .sql file stands for this. It judges as
-- ua_auth_columns_read does, and as UA_MAX_BCRYPT_COST says; a test compares them.
CASE
  WHEN hash IS NULL OR salt IS NULL THEN 'null'
  WHEN hash = '*' AND salt = '*' THEN 'none'
  WHEN hash ~ '^[0-9a-fA-F]{32}$' AND salt ~ '^[0-9a-fA-F]{64}$' THEN 'original'
  WHEN hash !~ '^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53}$' THEN 'unknown'
  WHEN left(hash, 28) <> left(salt, 28) THEN 'unknown'
  -- The last character of 22 has four bits without a meaning.
  WHEN substr(hash, 29, 1) || substr(salt, 29, 1) !~ '^([./A-N]{2}|[O-Za-d]{2}|[e-t]{2}|[u-z0-9]{2})$' THEN 'unknown'
  WHEN substr(hash, 5, 2) > '16' THEN 'expensive'
  ELSE 'bcrypt'
END
