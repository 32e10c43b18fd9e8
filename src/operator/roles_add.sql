INSERT INTO role (code, name) VALUES ($1::text, $2::text)
ON CONFLICT (code) DO NOTHING
RETURNING id, code, name, 0;
