/* Roles and customers, without a request: see scenario.h. */
#include "scenario.h"

enum { WRITER = 3, NOWHERE = INT32_MAX };

static void roles_are_made(void)
{
  user_api_role_details role = {.id = -1}, found = {.id = -1};
  char code[] = "editor", name[] = "The editor";
  CHECK(user_api_create_role(api, memory, code, name, USER_API_ASSIGNABLE_KEEP, &role) == USER_API_OK);
  code[0] = name[0] = '?'; /* the library has copied its arguments */
  CHECK(role.id > WRITER && strcmp(role.code, "editor") == 0 && strcmp(role.name, "The editor") == 0);
  CHECK(role.assignable && role.users == 0);
  CHECK(user_api_get_role(api, memory, role.id, &found) == USER_API_OK);
  CHECK(found.id == role.id && strcmp(found.name, role.name) == 0 && found.assignable);
  role.id = -1;
  CHECK(user_api_create_role(api, memory, "editor", "n", USER_API_ASSIGNABLE_YES, &role) ==
        USER_API_CONFLICT);
  CHECK(problem_has("Role already exists."));
  CHECK(user_api_create_role(api, memory, " a,", "n", USER_API_ASSIGNABLE_YES, &role) ==
        USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"code\":[\"must not begin or end with a blank\",\"comma not allowed\"]}"));
  CHECK(user_api_create_role(api, memory, NULL, "\xFF", USER_API_ASSIGNABLE_YES, &role) ==
        USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"name\":[\"must be of string type\"]}"));
  CHECK(role.id == -1);
  CHECK(user_api_create_role(api, memory, "trusted", "", USER_API_ASSIGNABLE_NO, &role) == USER_API_OK);
  CHECK(!role.assignable);
}

static void roles_are_changed(void)
{
  user_api_role_details role = {.id = -1};
  CHECK(user_api_update_role(api, memory, READER, "Leser", USER_API_ASSIGNABLE_NO, &role) == USER_API_OK);
  CHECK(role.id == READER && strcmp(role.code, "reader") == 0 && strcmp(role.name, "Leser") == 0);
  CHECK(!role.assignable && role.users == 0);
  CHECK(user_api_update_role(api, memory, READER, "Reader", USER_API_ASSIGNABLE_KEEP, &role) == USER_API_OK);
  CHECK(!role.assignable);
  CHECK(user_api_update_role(api, memory, READER, "Reader", USER_API_ASSIGNABLE_YES, &role) == USER_API_OK);
  CHECK(role.assignable);
  CHECK(user_api_update_role(api, memory, READER, NULL, USER_API_ASSIGNABLE_KEEP, &role) ==
        USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"name\":[\"required field\"]}"));
  CHECK(user_api_update_role(api, memory, NOWHERE, "n", USER_API_ASSIGNABLE_KEEP, &role) ==
        USER_API_NOT_FOUND);
  CHECK(problem_has("Role not found."));
  CHECK(user_api_get_role(api, memory, NOWHERE, &role) == USER_API_NOT_FOUND);
  CHECK(role.id == READER);
}

static void roles_in_use_stay(void)
{
  const int32_t roles[] = {READER};
  user_api_role_details role;
  user_api_user user = make("reads@example.org", false, roles, 1);
  CHECK(user_api_get_role(api, memory, READER, &role) == USER_API_OK && role.users == 1);
  CHECK(user_api_get_role(api, memory, ADMIN, &role) == USER_API_OK && role.users == 2);
  CHECK(user_api_delete_role(api, READER) == USER_API_CONFLICT);
  CHECK(problem_has("The role is in use."));
  CHECK(user_api_delete_role(api, ADMIN) == USER_API_CONFLICT);
  CHECK(problem_has("This role can't be deleted."));
  CHECK(user_api_delete(api, NULL, a, user.id) == USER_API_OK);
  CHECK(user_api_delete_role(api, READER) == USER_API_OK && user_api_problem(api) == NULL);
  CHECK(user_api_delete_role(api, READER) == USER_API_NOT_FOUND);
}

static void customers_are_made(void)
{
  user_api_customer customer = {.id = -1}, found;
  char name[] = "Bees";
  CHECK(user_api_create_customer(api, memory, name, 5, &customer) == USER_API_OK);
  name[0] = '?';
  CHECK(customer.id > b && strcmp(customer.name, "Bees") == 0 && customer.max_user_quota == 5 &&
        customer.users == 0);
  CHECK(user_api_get_customer(api, memory, customer.id, &found) == USER_API_OK);
  CHECK(found.id == customer.id && strcmp(found.name, "Bees") == 0 && found.max_user_quota == 5);
  CHECK(user_api_create_customer(api, memory, "", USER_API_NO_QUOTA, &found) == USER_API_OK);
  CHECK(found.id > customer.id && found.max_user_quota == USER_API_NO_QUOTA && found.name[0] == '\0');
  CHECK(user_api_create_customer(api, memory, "n", USER_API_KEEP_QUOTA, &found) == USER_API_OK);
  CHECK(found.max_user_quota == USER_API_NO_QUOTA);
  CHECK(user_api_create_customer(api, memory, NULL, -3, &customer) == USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"max_user_quota\":[\"min value is 0\"],\"name\":[\"required field\"]}"));
  CHECK(user_api_get_customer(api, memory, NOWHERE, &customer) == USER_API_NOT_FOUND);
  CHECK(problem_has("Customer not found.") && strcmp(customer.name, "Bees") == 0);
}

static void customers_are_changed(void)
{
  user_api_customer customer;
  CHECK(user_api_get_customer(api, memory, a, &customer) == USER_API_OK);
  CHECK(customer.name == NULL && customer.max_user_quota == 3 && customer.users == 2);
  CHECK(user_api_update_customer(api, memory, a, "A", USER_API_KEEP_QUOTA, &customer) == USER_API_OK);
  CHECK(strcmp(customer.name, "A") == 0 && customer.max_user_quota == 3 && customer.users == 2);
  CHECK(user_api_update_customer(api, memory, a, "A", 0, &customer) == USER_API_OK &&
        customer.max_user_quota == 0);
  CHECK(user_api_update_customer(api, memory, a, "A", USER_API_NO_QUOTA, &customer) == USER_API_OK);
  CHECK(customer.max_user_quota == USER_API_NO_QUOTA);
  CHECK(user_api_update_customer(api, memory, a, "A", INT64_MAX, &customer) == USER_API_WRONG_DOCUMENT);
  CHECK(user_api_update_customer(api, memory, NOWHERE, "A", 0, &customer) == USER_API_NOT_FOUND);
  CHECK(customer.id == a);
}

static void customers_are_listed(void)
{
  const user_api_customer *customers = NULL;
  size_t count = 0;
  bool more = false;
  CHECK(user_api_list_customers(api, memory, 1, 0, &customers, &count, &more) == USER_API_OK);
  CHECK(count == 1 && more && customers[0].id == a && customers[0].users == 2 && customers[0].name == NULL);
  CHECK(user_api_list_customers(api, memory, 1000, a, &customers, &count, &more) == USER_API_OK);
  CHECK(count == 1 && !more && customers[0].id == b && customers[0].max_user_quota == USER_API_NO_QUOTA);
  CHECK(user_api_list_customers(api, memory, 1001, -1, &customers, &count, &more) == USER_API_WRONG_ARGS);
  CHECK(problem_has("{\"after\":[\"min value is 0\"],\"limit\":[\"max value is 1000\"]}") && count == 1);
}

static void customers_with_users_stay(void)
{
  user_api_customer customer;
  user_api_user user;
  const user_api_user_change change = {.email = "only@example.org", .name = "n", .password = PASSWORD};
  CHECK(user_api_create_customer(api, memory, "n", USER_API_NO_QUOTA, &customer) == USER_API_OK);
  CHECK(user_api_register(api, memory, customer.id, &change, &user) == USER_API_OK);
  CHECK(user_api_delete_customer(api, customer.id) == USER_API_CONFLICT);
  CHECK(problem_has("The customer has users."));
  CHECK(user_api_delete(api, NULL, customer.id, user.id) == USER_API_OK);
  CHECK(user_api_delete_customer(api, customer.id) == USER_API_OK);
  CHECK(user_api_delete_customer(api, customer.id) == USER_API_NOT_FOUND);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"roles-are-made", roles_are_made},
                                       {"roles-are-changed", roles_are_changed},
                                       {"roles-in-use-stay", roles_in_use_stay},
                                       {"customers-are-made", customers_are_made},
                                       {"customers-are-changed", customers_are_changed},
                                       {"customers-are-listed", customers_are_listed},
                                       {"customers-with-users-stay", customers_with_users_stay}};
  const user_api_settings defaults = {.size = sizeof defaults};
  return argc == 6 ? run_scenario(argv, defaults, NULL, scenarios, sizeof scenarios / sizeof scenarios[0])
                   : EXIT_FAILURE;
}
