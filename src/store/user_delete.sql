-- The data about the user's tokens is deleted by foreign keys. Delete the memberships before.
DELETE FROM _user WHERE id = $1::integer AND customer_id = $2::integer;
