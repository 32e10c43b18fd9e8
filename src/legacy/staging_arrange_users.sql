-- Users of one customer: the one that was asked for in user_api.staging_customer, or that of users who are there
-- already, or a new one. Where the source does not say who is active, all are.
ALTER TABLE "user" ADD COLUMN IF NOT EXISTS active integer NOT NULL DEFAULT 1;

CREATE TEMP TABLE _user ON COMMIT DROP AS
SELECT id::bigint AS id, email::text AS email, name::text AS name, hash::text AS hash, salt::text AS salt,
  active::integer <> 0 AS active, NULL::bigint AS customer_id
FROM "user";

CREATE TEMP TABLE customer ON COMMIT DROP AS
SELECT coalesce(
    nullif(current_setting('user_api.staging_customer'), '')::bigint,
    (SELECT min(p.customer_id) FROM public._user p JOIN _user s ON s.id = p.id AND s.email = p.email),
    (
      SELECT greatest(coalesce(max(id), 0) + 1, (
          SELECT coalesce(last_value + 1, start_value)
          FROM pg_sequences
          WHERE schemaname = 'public'
            AND pg_get_serial_sequence('public.customer', 'id')
              IN ('public.' || sequencename, 'public."' || sequencename || '"')
        ))
      FROM public.customer
    )
  ) AS id,
  NULL::bigint AS max_user_quota;

UPDATE customer SET max_user_quota = p.max_user_quota FROM public.customer p WHERE p.id = customer.id;
UPDATE _user SET customer_id = (SELECT id FROM customer);
