-- Which users a search finds; user_patterns() in a .sql file stands for this. A pattern that is NULL matches no user. The
-- case of patterns is folded once. "POSIX" compares as "C" does, but keeps the server from using the index: only
-- user_indexed() may use it.
($4::text IS NOT NULL AND searched(u.email) COLLATE "POSIX" LIKE (SELECT searched($4::text)))
OR ($5::text IS NOT NULL AND searched(u.name) COLLATE "POSIX" LIKE (SELECT searched($5::text)))
