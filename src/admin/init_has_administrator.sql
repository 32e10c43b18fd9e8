SELECT 1 FROM _user WHERE folded(email) = 'admin';
