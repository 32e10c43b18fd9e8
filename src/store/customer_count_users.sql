-- Sums the counts of the customer's blocks if they are maintained, else counts its users: both always give the same number.
SELECT CASE
  WHEN blocks_counted() THEN (SELECT coalesce(sum(users), 0) FROM user_count WHERE customer_id = $1::integer)
  ELSE (SELECT count(id) FROM _user WHERE customer_id = $1::integer)
END;
