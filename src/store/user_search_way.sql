-- Whether a search by the index costs less than reading each user of the customer, and by which trigrams to search;
-- user_search_way() in a .sql file stands for this query of one row. `sample` contains some of the customer's users; it is
-- not representative if the customer's ids are in few places.
--
-- The index reads all users who have all requested trigrams, in the customer and in all customers, and cannot stop when the
-- page is full. So the search uses the three trigrams that are rarest in a sample of all users: of all trigrams of a short
-- pattern, and of every third of a long one, because those between overlap. The index is used for at most 5 % of the
-- customer's users and about 5000 of them, and not if the rarest trigram is common in other customers.
--
-- $6 and $7 are trigrams as patterns. Trigrams with characters that the database does not count as letters or digits are
-- left out, because its index does not have them. So are trigrams that are not in the lower-case pattern: the lower case of
-- a letter may depend on its neighbours. A pattern without trigrams takes their place; the index is not used then.
WITH letters AS MATERIALIZED (
  SELECT CASE WHEN datctype IN ('C', 'POSIX') THEN '^%[a-zA-Z0-9]{3}%$' ELSE '^%[[:alnum:]]{3}%$' END AS alone
  FROM pg_database
  WHERE datname = current_database()
), trigrams AS MATERIALIZED (
  SELECT part.number AS part, searched(t.text) AS text,
    row_number() OVER (PARTITION BY part.number ORDER BY t.place) AS place,
    count(*) OVER (PARTITION BY part.number) AS number
  FROM letters
  CROSS JOIN (
    VALUES (1, searched($4::text), $6::text[]), (2, searched($5::text), $7::text[])
  ) AS part (number, pattern, texts)
  CROSS JOIN LATERAL unnest(part.texts) WITH ORDINALITY AS t (text, place)
  WHERE t.text ~ letters.alone AND part.pattern LIKE searched(t.text)
), anybody AS MATERIALIZED (
  SELECT s.customer_id, edge.high::bigint - edge.low AS span, ARRAY[
    CASE WHEN $4::text IS NOT NULL THEN searched(s.email) END, CASE WHEN $5::text IS NOT NULL THEN searched(s.name) END
  ] AS texts
  FROM (
    SELECT (SELECT id FROM _user ORDER BY id LIMIT 1) AS low, (SELECT id FROM _user ORDER BY id DESC LIMIT 1) AS high
  ) AS edge
  CROSS JOIN generate_series(0, 31) AS place (n)
  CROSS JOIN LATERAL (
    SELECT u.customer_id, u.email, u.name FROM _user u
    WHERE u.id >= edge.low + (edge.high::bigint - edge.low) * place.n / 32
    ORDER BY u.id LIMIT 4
  ) AS s
), ranked AS MATERIALIZED (
  SELECT t.part, t.text, h.users, row_number() OVER (PARTITION BY t.part ORDER BY h.users, t.place) AS rank
  FROM trigrams t
  CROSS JOIN LATERAL (SELECT count(*) AS users FROM anybody a WHERE a.texts[t.part] LIKE t.text) AS h
  WHERE t.number < 7 OR t.place % 3 = 1
), asked AS MATERIALIZED (
  SELECT array_agg(text ORDER BY rank) FILTER (WHERE part = 1) AS emails,
    array_agg(text ORDER BY rank) FILTER (WHERE part = 2) AS names,
    coalesce(sum(users) FILTER (WHERE rank = 1), 0) AS users
  FROM ranked
  WHERE rank <= 3
), own AS MATERIALIZED (
  SELECT count(*) AS users, count(*) FILTER (
    WHERE (asked.emails IS NOT NULL AND s.email LIKE ALL (asked.emails))
      OR (asked.names IS NOT NULL AND s.name LIKE ALL (asked.names))
  ) AS candidates
  FROM sample s, asked
)
SELECT
  ($4::text IS NULL OR asked.emails IS NOT NULL) AND ($5::text IS NULL OR asked.names IS NOT NULL)
  AND own.users >= 64 AND own.candidates * 20 <= own.users
  AND EXISTS (
    SELECT 1 FROM pg_index i
    WHERE i.indexrelid = to_regclass('public._user_search_idx') AND i.indisvalid
  )
  AND own.candidates * mine.users * mine.span <= 5000 * own.users * 128
  AND asked.users <= 20 * greatest(0, mine.users - 1) AS by_index,
  ARRAY[e.texts[1], coalesce(e.texts[2], e.texts[1]), coalesce(e.texts[3], e.texts[1])] AS emails,
  ARRAY[n.texts[1], coalesce(n.texts[2], n.texts[1]), coalesce(n.texts[3], n.texts[1])] AS names
FROM own
CROSS JOIN asked
CROSS JOIN (
  SELECT count(*) FILTER (WHERE customer_id = $1::integer) AS users, coalesce(max(span), 0) AS span FROM anybody
) AS mine
CROSS JOIN LATERAL (SELECT coalesce(asked.emails, ARRAY[searched($4::text)]) AS texts) AS e
CROSS JOIN LATERAL (SELECT coalesce(asked.names, ARRAY[searched($5::text)]) AS texts) AS n
