-- A new password ends the tokens that were issued under the old one.
UPDATE _user
SET hash = $1, salt = $2, epoch = epoch + 1
WHERE folded(email) = 'admin';
