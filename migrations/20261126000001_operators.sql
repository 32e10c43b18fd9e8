-- What operators need: customers with names, and roles that administrators of customers may not grant.

-- migrate:up

-- NULL: never named, as the original's own statements leave it.
ALTER TABLE customer ADD COLUMN name varchar(255);

-- Whether administrators of customers may grant and remove the role; operators may in any case.
ALTER TABLE role ADD COLUMN assignable boolean NOT NULL DEFAULT true;

INSERT INTO schema_spec (version) VALUES ('3');

-- migrate:down
DELETE FROM schema_spec WHERE version = '3';
ALTER TABLE role DROP COLUMN assignable;
ALTER TABLE customer DROP COLUMN name;
