#include "embed.h"

static void null_is_misuse_of_roles_and_customers(void **state)
{
  (void)state;
  user_api *api = instance();
  user_api_memory *memory = user_api_memory_create();
  user_api_role_details role;
  user_api_customer customer;
  const user_api_customer *customers;
  const user_api_assignable keep = USER_API_ASSIGNABLE_KEEP, unknown = (user_api_assignable)3;
  size_t count;
  bool more;
  const user_api_status statuses[] = {
      user_api_get_role(NULL, memory, 1, &role),
      user_api_get_role(api, NULL, 1, &role),
      user_api_get_role(api, memory, 1, NULL),
      user_api_create_role(NULL, memory, "c", "n", keep, &role),
      user_api_create_role(api, NULL, "c", "n", keep, &role),
      user_api_create_role(api, memory, "c", "n", unknown, &role),
      user_api_create_role(api, memory, "c", "n", keep, NULL),
      user_api_update_role(NULL, memory, 1, "n", keep, &role),
      user_api_update_role(api, NULL, 1, "n", keep, &role),
      user_api_update_role(api, memory, 1, "n", unknown, &role),
      user_api_update_role(api, memory, 1, "n", keep, NULL),
      user_api_delete_role(NULL, 1),
      user_api_list_customers(NULL, memory, 1, 0, &customers, &count, &more),
      user_api_list_customers(api, NULL, 1, 0, &customers, &count, &more),
      user_api_list_customers(api, memory, 1, 0, NULL, &count, &more),
      user_api_list_customers(api, memory, 1, 0, &customers, NULL, &more),
      user_api_list_customers(api, memory, 1, 0, &customers, &count, NULL),
      user_api_get_customer(NULL, memory, 1, &customer),
      user_api_get_customer(api, NULL, 1, &customer),
      user_api_get_customer(api, memory, 1, NULL),
      user_api_create_customer(NULL, memory, "n", 1, &customer),
      user_api_create_customer(api, NULL, "n", 1, &customer),
      user_api_create_customer(api, memory, "n", 1, NULL),
      user_api_update_customer(NULL, memory, 1, "n", 1, &customer),
      user_api_update_customer(api, NULL, 1, "n", 1, &customer),
      user_api_update_customer(api, memory, 1, "n", 1, NULL),
      user_api_delete_customer(NULL, 1),
  };
  ASSERT_ALL_MISUSED(statuses);
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(null_is_misuse_of_roles_and_customers),
  };
  return cmocka_run_group_tests_name("roles and customers of the library", tests, NULL, NULL);
}
