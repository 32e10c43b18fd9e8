-- The definition of folded(email), also for databases without the migrations' function: email_folding() in a .sql file
-- stands for this. A database whose encoding is not UTF8 has no normal forms.
lower(CASE WHEN getdatabaseencoding() = 'UTF8' THEN normalize(email, NFC) ELSE email END COLLATE "und-x-icu")
