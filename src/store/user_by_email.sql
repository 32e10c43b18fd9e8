-- Login only: an email is unique over all customers. One row also where no user has the email: failed logins are counted
-- by the email as it is compared.
SELECT folded($1::text), u.id, u.customer_id, u.active, u.epoch, u.hash, u.salt
FROM (VALUES (1)) AS always (row)
LEFT JOIN _user u ON folded(u.email) = folded($1::text);
