INSERT INTO role (code, name, assignable) VALUES ($1::text, $2::text, $3::boolean) RETURNING id;
