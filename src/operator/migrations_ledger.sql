-- As dbmate creates it.
CREATE TABLE schema_migrations (
  version varchar NOT NULL,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);
