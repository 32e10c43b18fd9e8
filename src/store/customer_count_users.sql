-- The numbers of its blocks where they are kept, else its users: both are the same number at any time.
SELECT CASE
  WHEN blocks_counted() THEN (SELECT coalesce(sum(users), 0) FROM user_count WHERE customer_id = $1::integer)
  ELSE (SELECT count(id) FROM _user WHERE customer_id = $1::integer)
END;
