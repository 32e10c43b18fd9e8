-- One object a line, its keys ordered, written piece by piece because PostgreSQL's own way to write objects puts blanks
-- between them. JSON holds no control characters: with two of them as delimiter and quote, COPY leaves it as it is.
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
  -- Not within sub-selects, whose values the planner does not know: it would sort all users before the first is sent.
  WHERE u.customer_id BETWEEN current_setting('user_api.export_first_customer')::integer
    AND current_setting('user_api.export_last_customer')::integer
  ORDER BY u.id
) TO STDOUT (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
