SELECT (SELECT count(*) FROM customer),
  (SELECT count(*) FROM _user),
  (SELECT count(*) FROM role),
  (SELECT count(*) FROM user_has_role),
  (SELECT count(*) - count(DISTINCT (user_id, role_id)) FROM user_has_role);
