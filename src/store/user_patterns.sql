-- Whom a search finds; user_patterns() in a .sql file stands for this. A pattern that is NULL matches nobody. Patterns get
-- their case once. "POSIX" compares as "C" does: only where user_indexed() asks for it may the server take the index.
($4::text IS NOT NULL AND searched(u.email) COLLATE "POSIX" LIKE (SELECT searched($4::text)))
OR ($5::text IS NOT NULL AND searched(u.name) COLLATE "POSIX" LIKE (SELECT searched($5::text)))
