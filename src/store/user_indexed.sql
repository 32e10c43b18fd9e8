-- Who has what the index _user_search_idx is asked for, some of whom a search finds: the pieces of the patterns that `way`
-- names; user_indexed() in a .sql file stands for this. The customer is a bigint here and nowhere else: else the server
-- would take this index for any condition on the customer, and sort a whole one for a page. It is named in each half, and
-- not with the same words: else the server would take it out of both, and could ask the index for the customer alone.
(u.customer_id::bigint = $1::integer::bigint AND searched(u.email) LIKE (SELECT way.email FROM way))
OR (u.customer_id::bigint = $1::integer::bigint + 0 AND searched(u.name) LIKE (SELECT way.name FROM way))
