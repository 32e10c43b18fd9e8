-- Who has what the index _user_search_idx is asked for, among whom a search finds its users: the three trigrams of a pattern
-- that `way` names; user_indexed() in a .sql file stands for this. They stand by themselves, so that the index returns no
-- rows but those that have them. The customer is a bigint here and nowhere else: else the server would take this index for
-- any condition on the customer, and sort a whole one for a page. It is named in each half, and not with the same words:
-- else the server would take it out of both, and could ask the index for the customer alone.
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
