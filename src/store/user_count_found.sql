-- How many users that a list keeps match a pattern. Uses the index if it helps; else reads every user of the customer.
WITH rest AS MATERIALIZED (
  SELECT coalesce((
    SELECT u.id FROM _user u WHERE u.customer_id = $1::integer ORDER BY u.id LIMIT 1
  ), 0)::bigint - 1 AS low
), sample AS MATERIALIZED user_search_sample(), way AS MATERIALIZED user_search_way()
SELECT
  (
    SELECT count(u.id) FROM _user u
    WHERE (SELECT by_index FROM way) AND user_indexed() AND user_patterns() AND user_kept()
  )
  + (
    SELECT count(u.id) FROM _user u
    WHERE (SELECT NOT by_index FROM way) AND u.customer_id = $1::integer AND user_patterns() AND user_kept()
  );
