-- The filter for counters of failed logins: counter_filter() in a .sql file stands for this, with these parameters.
-- NULL matches all. $2 belongs to $1: failures from before the user existed have no user id, but count for the same
-- email.
($1::integer IS NULL OR f.user_id = $1::integer OR (f.kind = 'account' AND f.digest = decode($2::text, 'hex')))
  AND ($3::inet IS NULL OR (f.kind = 'address' AND f.address = $3::inet))
  AND (
    $4::text IS NULL
    OR f.digest BETWEEN decode(rpad($4::text, 64, '0'), 'hex') AND decode(rpad($4::text, 64, 'f'), 'hex')
  )
