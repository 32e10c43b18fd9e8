-- What reads the list of roles back splits it at ";" and leaves out blanks around codes.
SELECT 1
FROM role
WHERE code ~ ';' OR code ~ '^[ \t]' OR code ~ '[ \t]$' OR code = ''
LIMIT 1;
