-- Which way a search goes on behind the id `rest.low`, where `rest.missing` more users are wanted: in_order, because the
-- next users in the order of their ids should fill the page; or by_index, because the index finds what is searched for at
-- less cost than looking at each user of the customer; then email and name are what the index is asked for.
-- user_search_way() in a .sql file stands for this query, of one row, or none where `rest` has none.
--
-- Two samples decide, of rows that lie beside each other in 16 or 32 places: of the customer's users and of everybody.
-- They say nothing where the customer's ids lie in few places.
--
-- The index reads whoever has all trigrams that it is asked for, among the customer's users and among all, and cannot
-- stop when the page is full. So of the trigrams that do not overlap it is asked for the three that are rarest in the
-- sample of everybody, one behind the other: '%abc%%def%%ghi%'. It is used for at most 5 % of the customer's users and
-- about 5000 of them, and not where the rarest trigram is common, but in other customers.
--
-- $6 and $7 are trigrams as patterns, in the order of the pattern. What the database does not take for letters or digits is
-- not in its index. The index is asked for the pattern itself where it has fewer than three such trigrams, or does not have
-- them in small letters: how a letter gets small may depend on its neighbours.
WITH letters AS MATERIALIZED (
  SELECT CASE WHEN datctype IN ('C', 'POSIX') THEN '^%[a-zA-Z0-9]{3}%$' ELSE '^%[[:alnum:]]{3}%$' END AS alone
  FROM rest, pg_database
  WHERE datname = current_database()
), trigrams AS MATERIALIZED (
  SELECT part.number AS part, part.pattern, searched(t.text) AS text,
    row_number() OVER (PARTITION BY part.number ORDER BY t.place) AS place
  FROM letters
  CROSS JOIN (
    VALUES (1, searched($4::text), $6::text[]), (2, searched($5::text), $7::text[])
  ) AS part (number, pattern, texts)
  CROSS JOIN LATERAL unnest(part.texts) WITH ORDINALITY AS t (text, place)
  WHERE t.text ~ letters.alone
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
), rare AS MATERIALIZED (
  SELECT t.part, t.pattern, t.text, t.place, h.users,
    row_number() OVER (PARTITION BY t.part ORDER BY h.users, t.place) AS rank
  FROM trigrams t
  CROSS JOIN LATERAL (SELECT count(*) AS users FROM anybody a WHERE a.texts[t.part] LIKE t.text) AS h
  WHERE t.place % 3 = 1
), pieces AS MATERIALIZED (
  SELECT part, min(users) AS users, array_agg(text) AS texts,
    CASE WHEN count(*) = 3 AND min(pattern) LIKE string_agg(text, '' ORDER BY place)
      THEN string_agg(text, '' ORDER BY place) ELSE min(pattern) END AS asked
  FROM rare
  WHERE rank <= 3
  GROUP BY part
), asked AS MATERIALIZED (
  SELECT
    count(*) = ($4::text IS NOT NULL)::integer + ($5::text IS NOT NULL)::integer AS complete,
    coalesce(sum(users), 0) AS users,
    min(asked) FILTER (WHERE part = 1) AS email, min(texts) FILTER (WHERE part = 1) AS emails,
    min(asked) FILTER (WHERE part = 2) AS name, min(texts) FILTER (WHERE part = 2) AS names
  FROM pieces
), own AS MATERIALIZED (
  SELECT count(DISTINCT s.id) AS users, count(DISTINCT s.id) FILTER (WHERE s.is_candidate) AS candidates,
    count(DISTINCT s.id) FILTER (WHERE s.fits) AS hits
  FROM asked, rest
  CROSS JOIN LATERAL (
    SELECT u.id AS high FROM _user u
    WHERE u.customer_id = $1::integer
    ORDER BY u.id DESC LIMIT 1
  ) AS edge
  CROSS JOIN generate_series(0, 15) AS place (n)
  CROSS JOIN LATERAL (
    SELECT u.id, c.is_candidate, (c.is_candidate OR NOT asked.complete) AND user_patterns() AND user_kept() AS fits
    FROM _user u
    CROSS JOIN LATERAL (
      SELECT (asked.emails IS NOT NULL AND searched(u.email) LIKE ALL (asked.emails))
        OR (asked.names IS NOT NULL AND searched(u.name) LIKE ALL (asked.names)) AS is_candidate
      OFFSET 0
    ) AS c
    WHERE u.customer_id = $1::integer AND u.id > rest.low + (edge.high::bigint - rest.low) * place.n / 16
    ORDER BY u.id LIMIT 8
  ) AS s
)
SELECT
  own.users >= 64 AND own.hits * 3000 >= greatest(1, rest.missing) * own.users AS in_order,
  asked.complete AND own.users >= 64 AND own.candidates * 20 <= own.users
  AND EXISTS (
    SELECT 1 FROM pg_index i
    WHERE i.indexrelid = to_regclass('public._user_search_idx') AND i.indisvalid
  )
  AND own.candidates * mine.users * mine.span <= 5000 * own.users * 128
  AND asked.users <= 20 * greatest(0, mine.users - 1) AS by_index,
  coalesce(asked.email, searched($4::text)) AS email, coalesce(asked.name, searched($5::text)) AS name
FROM rest, own, asked, (
  SELECT count(*) FILTER (WHERE customer_id = $1::integer) AS users, coalesce(max(span), 0) AS span FROM anybody
) AS mine
