-- Also runs before the migrations, when folded() may not exist yet. For this email lower() gives the same.
SELECT 1 FROM _user WHERE lower(email COLLATE "und-x-icu") = 'admin';
