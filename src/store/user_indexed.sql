-- The candidates of a search by the index _user_search_idx: the users who have the three trigrams of a pattern that `way`
-- names. user_indexed() in a .sql file stands for this. Each trigram is a condition of its own, so the index returns only
-- rows that have all three. The customer is a bigint here and nowhere else: otherwise the server would use this index for
-- every condition on the customer, and sort a whole customer for a page. Each half names the customer, in different words:
-- otherwise the server would factor the condition out, and could search the index by the customer alone.
(
  u.customer_id::bigint = $1::integer::bigint
  AND searched(u.email) LIKE (SELECT way.emails[1] FROM way)
  AND searched(u.email) LIKE (SELECT way.emails[2] FROM way)
  AND searched(u.email) LIKE (SELECT way.emails[3] FROM way)
)
OR (
  u.customer_id::bigint = $1::integer::bigint + 0
  AND searched(u.name) LIKE (SELECT way.names[1] FROM way)
  AND searched(u.name) LIKE (SELECT way.names[2] FROM way)
  AND searched(u.name) LIKE (SELECT way.names[3] FROM way)
)
