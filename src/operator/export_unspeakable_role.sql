-- The import splits the list of roles at ";", and removes blanks around codes.
SELECT 1
FROM role
WHERE code ~ ';' OR code ~ '^[ \t]' OR code ~ '[ \t]$' OR code = ''
LIMIT 1;
