-- How a search compares: like ILIKE under this collation, and like the index _user_search_idx: searched(x) in a .sql file
-- stands for this. Both sides are compared byte by byte.
lower($1 COLLATE "und-x-icu") COLLATE "C"
