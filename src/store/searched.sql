-- How a search compares, as ILIKE does under this collation and as the index _user_search_idx has it: searched(x) in a .sql
-- file stands for this. Both sides are compared byte by byte.
lower($1 COLLATE "und-x-icu") COLLATE "C"
