-- In the transaction that has renamed the role $1, which was called $2: how many users would get a token longer than
-- before, and longer than $3 bytes. A token's content is written as src/auth/token.c writes and measures it, with the
-- greatest epoch and expiry, and as if all were active; the header takes 36 bytes, the signature 43, and two dots stand
-- between.
WITH longer AS (
  SELECT id FROM role
  WHERE id = $1::integer
    AND octet_length(convert_to(to_json(name)::text, 'UTF8'))
      > octet_length(convert_to(to_json($2::text)::text, 'UTF8'))
), roles AS MATERIALIZED (
  SELECT id, octet_length(convert_to(
    '{"code":' || to_json(code)::text || ',"id":' || id || ',"name":' || to_json(name)::text || '}', 'UTF8'
  )) AS bytes
  FROM role
), payloads AS (
  SELECT sum(r.bytes) + count(r.id) - 1 + octet_length(convert_to(
    '{"active":true,"customer":{"id":' || u.customer_id || '},"email":' || to_json(u.email)::text
    || ',"epoch":2147483647,"exp":9999999999,"id":' || u.id || ',"jti":"' || repeat('0', 32) || '","name":'
    || to_json(u.name)::text || ',"roles":[]}', 'UTF8'
  )) AS bytes
  FROM longer l
  JOIN user_has_role renamed ON renamed.role_id = l.id
  JOIN _user u ON u.id = renamed.user_id
  JOIN user_has_role h ON h.user_id = u.id
  JOIN roles r ON r.id = h.role_id
  GROUP BY u.id
)
SELECT count(bytes) FROM payloads WHERE 36 + 1 + bytes + (bytes + 2) / 3 + 1 + 43 > $3::bigint;
