COPY (
  SELECT u.id, u.email, u.name, CASE WHEN u.active THEN 'true' ELSE 'false' END AS active,
    u.customer_id AS customer,
    (
      SELECT string_agg(r.code, ';' ORDER BY r.id)
      FROM user_has_role h JOIN role r ON r.id = h.role_id
      WHERE h.user_id = u.id
    ) AS roles,
    u.epoch
  FROM _user u
  -- Not in sub-selects: the planner does not know their values, and would sort all users before it sends the first.
  WHERE u.customer_id BETWEEN current_setting('user_api.export_first_customer')::integer
    AND current_setting('user_api.export_last_customer')::integer
  ORDER BY u.id
) TO STDOUT (FORMAT csv, HEADER true);
