-- As user_list.sql. What is skipped is counted in the index; rows are fetched of the page alone.
SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM (
  SELECT id FROM _user
  WHERE customer_id = $1::integer AND id >= $2::bigint
  ORDER BY id LIMIT $3::bigint OFFSET $4::bigint
) AS page
JOIN _user u ON u.id = page.id
ORDER BY u.id;
