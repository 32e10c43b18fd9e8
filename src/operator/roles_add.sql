INSERT INTO role (code, name, assignable) VALUES ($1::text, $2::text, $3::boolean)
ON CONFLICT (code) DO NOTHING
RETURNING id, code, name, assignable, 0;
