-- Also asked before the migrations, when folded() may not be there yet. For this email both rules are the same.
SELECT 1 FROM _user WHERE lower(email COLLATE "und-x-icu") = 'admin';
