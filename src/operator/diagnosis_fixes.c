#include "operator/diagnosis_fixes.h"

#include <stddef.h>
#include <string.h>

#define SET_PASSWORD "user-api-admin user set-password --id …"
#define NEW_SECRET   "set USER_API_JWT_SECRET to a new one: openssl rand -base64 48"
#define RENAME_USER  "UPDATE _user SET email = '…' WHERE id = …;"
#define NAME_USER    "UPDATE _user SET name = '…' WHERE id = …;"
#define MAKE_FUNCTION                                                                                \
  "DROP FUNCTION IF EXISTS …; CREATE FUNCTION … as in its file in migrations/; then user-api-admin " \
  "migrate up"

static const struct {
  const char *code;
  const char *fix;
} table[] = {
    {"schema-none", "user-api-admin init creates them; or name another database"},
    {"schema-unknown", "restore the missing tables from a backup, or name another database"},
    {"schema-columns", "restore the columns from a backup"},
    {"schema-older", "user-api-admin migrate up"},
    {"schema-newer", "install a program that is as new as the database"},
    {"schema-original", "user-api-admin adopt"},
    {"email-null", RENAME_USER},
    {"email-case", RENAME_USER},
    {"email-number", RENAME_USER},
    {"email-form", RENAME_USER},
    {"name-null", NAME_USER},
    {"name-form", NAME_USER},
    {"customer-null", "UPDATE _user SET customer_id = … WHERE id = …;"},
    {"customer-orphan", "UPDATE _user SET customer_id = … WHERE id = …;"},
    {"hash-null", "UPDATE _user SET hash = '*', salt = '*' WHERE hash IS NULL OR salt IS NULL;"},
    {"hash-unknown", SET_PASSWORD},
    {"hash-expensive", SET_PASSWORD},
    {"hash-none", SET_PASSWORD},
    {"password-empty", SET_PASSWORD},
    {"active-null", "UPDATE _user SET active = false WHERE active IS NULL;"},
    {"text-too-long", "UPDATE _user SET name = left(name, 255) WHERE id = …;"},
    {"role-null", "UPDATE role SET code = '…', name = '…' WHERE id = …;"},
    {"role-twice", "UPDATE role SET code = '…' WHERE id = …;"},
    {"membership-orphan",
     "DELETE FROM user_has_role WHERE user_id = … AND role_id = …; with IS NULL for a NULL"},
    {"membership-twice", "nothing to do: adopt and import-mysql keep one of each"},
    {"quota-negative", "UPDATE customer SET max_user_quota = NULL WHERE max_user_quota < 0;"},
    {"quota-exceeded", "user-api-admin customer set-quota …"},
    {"admin-none", "user-api-admin user grant --id … admin"},
    {"operator-none", "user-api-admin role add … --assignable no, or correct USER_API_OPERATOR_ROLE"},
    {"role-protected", "user-api-admin user revoke --id … …, for users who should not hold it"},
    {"role-shared",
     "name a customer in each guard that asks for them; or user-api-admin role change … --assignable no, for "
     "roles that only operators should grant"},
    {"version-null", "DELETE FROM schema_spec WHERE version IS NULL;"},
    {"account-absent", "user-api-admin init creates it; or name another with --service-account"},
    {"account-owner", "ALTER TABLE … OWNER TO …;"},
    {"account-powers", "ALTER ROLE … NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;"},
    {"rights-missing", "user-api-admin migrate up"},
    {"rights-excessive", "user-api-admin migrate up; if that leaves some: REVOKE … FROM PUBLIC;"},
    {"jwt-known", NEW_SECRET},
    {"jwt-short", NEW_SECRET},
    {"secret-exposed", "chmod o-rw,g-w …"},
    {"table-kind", "restore the table, from a backup if necessary"},
    {"column-missing", "restore the table or column from a backup"},
    {"function-missing", MAKE_FUNCTION},
    {"function-changed", MAKE_FUNCTION},
    {"database-encoding", "pg_dump, createdb --encoding=UTF8 --template=template0, pg_restore"},
    {"sequence-full", "SELECT setval('…', …); with the id before a gap that is large enough"},
    {"sequence-end", "plan for it: ids end at 2147483647, and gaps between them can be used"},
    {"sequence-unread", "connect as an owner of the tables"},
    /* Findings of `import-mysql`. */
    {"source-columns", "name another database, or restore the columns of this one"},
    {"id-range", "give the row an id from 1 to 2147483647"},
    {"customer-taken", "import into a database that user-api-admin migrate has just made"},
    {"role-taken", "import into a database that user-api-admin migrate has just made"},
    {"user-taken", "import into a database that user-api-admin migrate has just made"},
    {"email-taken", "rename one of the two users"},
    {"membership-extra", "user-api-admin user revoke --id … …"},
    {"text-encoding", "see docs/migrating-mysql.md"},
};

const char *ua_operator_diagnosis_fix_of(const char *code)
{
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(table[i].code, code) == 0) {
      return table[i].fix;
    }
  }
  return NULL;
}
