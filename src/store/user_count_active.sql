-- As user_count.sql.
SELECT CASE
  WHEN blocks_counted() THEN (
    SELECT coalesce(sum(CASE WHEN $2::boolean THEN active ELSE users - active END), 0)
    FROM user_count WHERE customer_id = $1::integer
  )
  ELSE (SELECT count(id) FROM _user WHERE customer_id = $1::integer AND active = $2::boolean)
END;
