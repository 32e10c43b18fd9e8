-- In the transaction that has renamed the role $1, which was called $2: how many users would get a token longer than before,
-- and longer than $3 bytes. The query writes a token's content as src/auth/token.c writes and measures it: for an active
-- user, with the greatest epoch and expiry. Base64url turns three bytes into four; header, signature and dots take 81.
--
-- Everything except roles takes 3260 bytes at most: 200, and six for each of the 255 characters of email and name. So most
-- users need no exact measurement, and with few roles no user does.
WITH longest AS (
  SELECT $3::bigint - 81 - ($3::bigint - 78) / 4 AS bytes
), roles AS MATERIALIZED (
  SELECT id, octet_length(convert_to(
    '{"code":' || to_json(code)::text || ',"id":' || id || ',"name":' || to_json(name)::text || '}', 'UTF8'
  )) AS bytes
  FROM role
), longer AS (
  SELECT r.id, longest.bytes AS longest
  FROM role r CROSS JOIN longest
  WHERE r.id = $1::integer
    AND octet_length(convert_to(to_json(r.name)::text, 'UTF8'))
      > octet_length(convert_to(to_json($2::text)::text, 'UTF8'))
    AND (SELECT sum(bytes + 1) FROM roles) + 3260 > longest.bytes
), held AS (
  SELECT h.user_id, l.longest, sum(r.bytes + 1) - 1 AS bytes
  FROM longer l
  JOIN user_has_role renamed ON renamed.role_id = l.id
  JOIN user_has_role h ON h.user_id = renamed.user_id
  JOIN roles r ON r.id = h.role_id
  GROUP BY h.user_id, l.longest
  HAVING sum(r.bytes + 1) + 3260 > l.longest
)
SELECT count(u.id)
FROM held JOIN _user u ON u.id = held.user_id
WHERE held.bytes + octet_length(convert_to(
  '{"active":true,"customer":{"id":' || u.customer_id || '},"email":' || to_json(u.email)::text
  || ',"epoch":2147483647,"exp":9999999999,"id":' || u.id || ',"jti":"' || repeat('0', 32) || '","name":'
  || to_json(u.name)::text || ',"roles":[]}', 'UTF8'
)) > held.longest;
