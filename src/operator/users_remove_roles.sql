WITH gone AS (DELETE FROM user_has_role WHERE user_id = $1::integer RETURNING 1)
SELECT count(*) FROM gone;
