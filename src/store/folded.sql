-- How emails are compared, as the index _user_lower_email_key has it: folded(x) in a .sql file stands for this.
-- A change of this line needs a migration that makes the index anew; a test compares the two.
lower($1 COLLATE "und-x-icu")
