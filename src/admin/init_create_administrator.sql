-- As in the original, email and name are the same.
WITH created AS (
  INSERT INTO _user (email, name, hash, salt, active, customer_id)
  SELECT 'admin', 'admin', $1, $2, true, min(id) FROM customer
  RETURNING id
)
INSERT INTO user_has_role (user_id, role_id)
SELECT created.id, role.id FROM created CROSS JOIN role WHERE role.code = 'admin';
