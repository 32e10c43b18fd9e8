SELECT id, folded(email) FROM _user WHERE folded(email) = folded($1::text);
