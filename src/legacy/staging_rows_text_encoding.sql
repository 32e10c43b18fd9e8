-- The first byte of a letter beyond ASCII in UTF-8, and what may follow it, as latin1 reads them (truly Windows-1252).
SELECT 'user ' || s.id || coalesce(' ' || left(s.email, 60), '') AS example, s.id AS ordinal
FROM _user s
WHERE concat_ws(' ', s.email, s.name) ~ (
  '[\u00C2\u00C3]'
  '[\u0080-\u00BF\u20AC\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u017D'
  '\u2018-\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u017E\u0178]'
);
