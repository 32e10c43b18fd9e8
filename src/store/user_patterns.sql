-- Whom a search finds; user_patterns() in a .sql file stands for this. A pattern that is NULL matches nobody.
u.email COLLATE "und-x-icu" ILIKE $4::text OR u.name COLLATE "und-x-icu" ILIKE $5::text
