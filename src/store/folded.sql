-- How emails are compared, as in the index _user_lower_email_key: folded(x) in a .sql file stands for this. The migration of
-- emails describes the function. A change of this line needs a migration that rebuilds the index; a test compares the two.
public.user_api_folded_email($1) COLLATE "und-x-icu"
