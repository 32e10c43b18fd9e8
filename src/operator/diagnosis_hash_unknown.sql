-- Neither the original's, nor the sign for no password, nor bcrypt.
SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example, id AS ordinal
FROM _user
WHERE hash IS NOT NULL AND salt IS NOT NULL
  AND NOT (hash ~ '^[0-9a-fA-F]{32}$' AND salt ~ '^[0-9a-fA-F]{64}$')
  AND NOT (hash = '*' AND salt = '*')
  AND NOT (hash ~ '^\$2[aby]\$[0-9]{2}\$.{53}$' AND salt ~ '^\$2[aby]\$[0-9]{2}\$');
