WITH gone AS (DELETE FROM revoked_token WHERE user_id = $1::integer RETURNING 1)
SELECT count(*) FROM gone;
