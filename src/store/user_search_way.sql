-- Whether the index finds what a search is for at less cost than looking at each user of the customer; user_search_way()
-- in a .sql file stands for this query, of one row, or none where `rest` has none. `rest.low` is the id behind which the
-- search goes on.
--
-- The index reads whoever has all trigrams of a pattern, among the customer's users and among all, and cannot stop when
-- the page is full. Two samples say how many those are, of rows that lie beside each other in 16 or 32 places: how many of
-- the customer's users have all trigrams, and how many of all users have the rarest of them. The index is for at most 5 % of
-- the customer's users, and for about 5000 at the most; not where the ids lie in so few places that a sample of ids says
-- nothing of the users. $6 and $7 are trigrams as patterns. What the database does not take
-- for letters or digits is not in its index.
WITH letters AS MATERIALIZED (
  SELECT CASE WHEN datctype IN ('C', 'POSIX') THEN '^%[a-zA-Z0-9]{3}%$' ELSE '^%[[:alnum:]]{3}%$' END AS alone
  FROM rest, pg_database
  WHERE datname = current_database()
), words AS MATERIALIZED (
  SELECT
    ARRAY(SELECT searched(t) FROM unnest($6::text[]) t WHERE t ~ letters.alone) AS email,
    ARRAY(SELECT searched(t) FROM unnest($7::text[]) t WHERE t ~ letters.alone) AS name
  FROM letters
), own AS MATERIALIZED (
  SELECT count(DISTINCT s.id) AS users, count(DISTINCT s.id) FILTER (
    WHERE ($4::text IS NOT NULL AND searched(s.email) LIKE ALL (w.email))
      OR ($5::text IS NOT NULL AND searched(s.name) LIKE ALL (w.name))
  ) AS candidates
  FROM words w, rest
  CROSS JOIN LATERAL (
    SELECT u.id AS high FROM _user u
    WHERE u.customer_id = $1::integer
    ORDER BY u.id DESC LIMIT 1
  ) AS edge
  CROSS JOIN generate_series(0, 15) AS place (n)
  CROSS JOIN LATERAL (
    SELECT u.id, u.email, u.name FROM _user u
    WHERE u.customer_id = $1::integer AND u.id > rest.low + (edge.high::bigint - rest.low) * place.n / 16
    ORDER BY u.id LIMIT 8
  ) AS s
), anybody AS MATERIALIZED (
  SELECT s.customer_id, searched(s.email) AS email, searched(s.name) AS name, edge.high::bigint - edge.low AS span
  FROM own
  CROSS JOIN (
    SELECT (SELECT id FROM _user ORDER BY id LIMIT 1) AS low, (SELECT id FROM _user ORDER BY id DESC LIMIT 1) AS high
  ) AS edge
  CROSS JOIN generate_series(0, 31) AS place (n)
  CROSS JOIN LATERAL (
    SELECT u.customer_id, u.email, u.name FROM _user u
    WHERE u.id >= edge.low + (edge.high::bigint - edge.low) * place.n / 32
    ORDER BY u.id LIMIT 4
  ) AS s
  WHERE own.candidates * 20 <= own.users
)
SELECT
  ($4::text IS NULL OR cardinality(w.email) > 0) AND ($5::text IS NULL OR cardinality(w.name) > 0)
  AND own.candidates * 20 <= own.users AND own.users >= 64
  AND EXISTS (
    SELECT 1 FROM pg_index i
    WHERE i.indexrelid = to_regclass('public._user_search_idx') AND i.indisvalid
  )
  AND own.candidates * mine.users * mine.span <= 5000 * own.users * 128
  AND (
    SELECT coalesce(min(e.users), 0)
    FROM unnest(w.email) t
    CROSS JOIN LATERAL (SELECT count(*) AS users FROM anybody a WHERE a.email LIKE t) AS e
  ) + (
    SELECT coalesce(min(n.users), 0)
    FROM unnest(w.name) t
    CROSS JOIN LATERAL (SELECT count(*) AS users FROM anybody a WHERE a.name LIKE t) AS n
  ) <= 20 * greatest(0, mine.users - 1) AS by_index
FROM own, words w, (
  SELECT count(*) FILTER (WHERE customer_id = $1::integer) AS users, coalesce(max(span), 0) AS span FROM anybody
) AS mine
