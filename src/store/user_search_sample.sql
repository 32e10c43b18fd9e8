-- A sample of the customer's users after the id `rest.low`: eight consecutive ones at each of 16 places; none if `rest` has
-- no row. Returns emails and names as the search compares them, if it searches them, and whether it finds the user.
-- user_search_sample() in a .sql file stands for this query.
SELECT DISTINCT ON (s.id) s.id, s.email, s.name, s.fits
FROM rest
CROSS JOIN LATERAL (
  SELECT u.id AS high FROM _user u
  WHERE u.customer_id = $1::integer
  ORDER BY u.id DESC LIMIT 1
) AS edge
CROSS JOIN generate_series(0, 15) AS place (n)
CROSS JOIN LATERAL (
  SELECT u.id, t.email, t.name, user_kept() AND (
    ($4::text IS NOT NULL AND t.email LIKE (SELECT searched($4::text)))
    OR ($5::text IS NOT NULL AND t.name LIKE (SELECT searched($5::text)))
  ) AS fits
  FROM _user u
  CROSS JOIN LATERAL (
    SELECT CASE WHEN $4::text IS NOT NULL THEN searched(u.email) END AS email,
      CASE WHEN $5::text IS NOT NULL THEN searched(u.name) END AS name
    OFFSET 0
  ) AS t
  WHERE u.customer_id = $1::integer AND u.id > rest.low + (edge.high::bigint - rest.low) * place.n / 16
  ORDER BY u.id LIMIT 8
) AS s
