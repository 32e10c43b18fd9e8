-- How emails are compared, as the index _user_lower_email_key has it: folded(x) in a .sql file stands for this. What the
-- function does, the migration of emails says.
-- A change of this line needs a migration that makes the index anew; a test compares the two.
public.user_api_folded_email($1) COLLATE "und-x-icu"
