SELECT 'user ' || id AS example, id AS ordinal
FROM _user
WHERE greatest(length(email), length(name), length(hash), length(salt)) > 255
UNION ALL
SELECT 'role ' || id, id
FROM role
WHERE greatest(length(code), length(name)) > 255;
