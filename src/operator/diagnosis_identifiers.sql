-- Users whose email or name may break the rule of base/identifier.h: it decides, and these are few of many. Byte by byte,
-- so that no locale has another order of characters.
SELECT id, coalesce(email, ''), email, name
FROM _user
WHERE email COLLATE "C" ~ '[^ -~]|^ | $|^$' OR name COLLATE "C" ~ '[^ -~]|^ | $|^$'
ORDER BY id;
