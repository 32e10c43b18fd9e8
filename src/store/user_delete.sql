-- What is known of the user's tokens goes by itself; memberships have to be taken before.
DELETE FROM _user WHERE id = $1::integer AND customer_id = $2::integer;
