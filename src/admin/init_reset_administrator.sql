-- A trigger ends the tokens that were issued under the old password; a row means that it did not.
WITH changed AS (
  UPDATE _user u
  SET hash = $1, salt = $2
  FROM (SELECT id, epoch FROM _user WHERE folded(email) = 'admin' FOR NO KEY UPDATE) AS before
  WHERE u.id = before.id
  RETURNING u.epoch > before.epoch AS ended
)
SELECT 1 FROM changed WHERE NOT ended;
