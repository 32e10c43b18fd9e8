-- Compares with the table first, then the rows with each other: of equal rows, the first stays.
TRUNCATE ua_import_taken;
ANALYZE ua_operator_import;

INSERT INTO ua_import_taken
SELECT s.line, 'id', 'user ' || u.id || ' is there already'
FROM ua_operator_import s JOIN _user u ON u.id = s.id;

INSERT INTO ua_import_taken
SELECT s.line, 'email', 'is that of user ' || u.id || ' already'
FROM ua_operator_import s JOIN _user u ON folded(u.email) = folded(s.email);

DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);

INSERT INTO ua_import_taken
SELECT line, 'id', 'is that of line ' || first || ' already'
FROM (
  SELECT line, min(line) OVER (PARTITION BY id) AS first
  FROM ua_operator_import WHERE id IS NOT NULL
) AS e
WHERE line > first;

DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);

INSERT INTO ua_import_taken
SELECT line, 'email', 'is that of line ' || first || ' already'
FROM (
  SELECT line, min(line) OVER (PARTITION BY folded(email) COLLATE "C") AS first
  FROM ua_operator_import
) AS e
WHERE line > first;

DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);

DECLARE ua_import_cursor NO SCROLL CURSOR FOR
SELECT line, field, reason FROM ua_import_taken ORDER BY line, field DESC;
