-- One object in each line, with ordered keys, built piece by piece because PostgreSQL's own functions for objects put
-- blanks between them. JSON contains no control characters: with two of them as delimiter and quote, COPY does not
-- change it.
COPY (
  SELECT '{"active":' || CASE WHEN u.active THEN 'true' ELSE 'false' END
    || ',"customer":' || u.customer_id
    || ',"email":' || to_json(u.email)::text
    || ',"epoch":' || u.epoch
    || CASE WHEN (SELECT current_setting('user_api.export_hashes')::boolean)
         THEN ',"hash":' || to_json(u.hash)::text ELSE '' END
    || ',"id":' || u.id
    || ',"name":' || to_json(u.name)::text
    || ',"roles":[' || coalesce((
         SELECT string_agg(to_json(r.code)::text, ',' ORDER BY r.id)
         FROM user_has_role h JOIN role r ON r.id = h.role_id
         WHERE h.user_id = u.id
       ), '') || ']'
    || CASE WHEN (SELECT current_setting('user_api.export_hashes')::boolean)
         THEN ',"salt":' || to_json(u.salt)::text ELSE '' END
    || '}'
  FROM _user u
  -- Not in sub-selects: the planner does not know their values, and would sort all users before it sends the first.
  WHERE u.customer_id BETWEEN current_setting('user_api.export_first_customer')::integer
    AND current_setting('user_api.export_last_customer')::integer
  ORDER BY u.id
) TO STDOUT (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
