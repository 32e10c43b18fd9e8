/* How the table gets its memory from the system. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/session_table.h"
#include "unit.h"

enum { MIB = 1024 * 1024, LARGEST = 4096 };

static void a_size_that_is_none_is_refused(void **state)
{
  (void)state;
  errno = 0;
  assert_null(ua_auth_session_table_create(0));
  assert_int_equal(errno, EINVAL);
  errno = 0;
  assert_null(ua_auth_session_table_create(LARGEST + 1));
  assert_int_equal(errno, EINVAL);
  assert_null(ua_auth_session_table_create(SIZE_MAX));
}

/* Runs a test in a child, because the test changes the limits of its process. Before the fork, OpenSSL
 * allocates the memory for its first random bytes. */
static bool is_so_in_a_child(bool (*test)(void))
{
  int status = -1;
  ua_session_table *first = ua_auth_session_table_create(1);
  ua_auth_session_table_destroy(&first);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    _exit(test() ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status == 0;
}

static bool fails_without_addresses(void)
{
  static const struct rlimit little = {.rlim_cur = MIB, .rlim_max = MIB};
  errno = 0;
  return setrlimit(RLIMIT_AS, &little) == 0 && ua_auth_session_table_create(LARGEST) == NULL &&
         errno == ENOMEM;
}

static bool works_without_data(void)
{
  static const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  void *data = NULL;
  if (setrlimit(RLIMIT_DATA, &none) == 0) {
    data = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  ua_session_table *table = ua_auth_session_table_create(LARGEST);
  bool works = data == MAP_FAILED && table != NULL;
  ua_auth_session_table_destroy(&table);
  return works;
}

static void the_system_may_refuse_the_memory(void **state)
{
  (void)state;
  assert_true(is_so_in_a_child(fails_without_addresses));
}

/* RLIMIT_DATA is the bound of a worker's own memory. */
static void it_does_not_count_as_a_process_own_memory(void **state)
{
  (void)state;
  assert_true(is_so_in_a_child(works_without_data));
}

/* The numbers of the mapping in /proc/self/smaps, in KiB, and whether core files leave the mapping out. */
static long resident_kib(const ua_session_table *table, bool *is_left_out_r)
{
  char line[512];
  char wanted[32];
  long kib = -1;
  bool is_here = false;
  FILE *maps = fopen("/proc/self/smaps", "re");
  assert_non_null(maps);
  (void)snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)(uintptr_t)table);
  *is_left_out_r = false;
  while (fgets(line, sizeof line, maps) != NULL) {
    bool is_head = strchr(line, '-') != NULL && strspn(line, "0123456789abcdef") > 0 &&
                   line[strspn(line, "0123456789abcdef")] == '-';
    is_here = is_head ? strncmp(line, wanted, strlen(wanted)) == 0 : is_here;
    if (is_here && strncmp(line, "Rss:", 4) == 0) {
      kib = strtol(line + 4, NULL, 10);
    }
    if (is_here && strncmp(line, "VmFlags:", 8) == 0) {
      *is_left_out_r = strstr(line, " dd") != NULL;
    }
  }
  assert_int_equal(fclose(maps), 0);
  return kib;
}

static void memory_that_is_not_used_is_not_taken_and_never_in_a_core_file(void **state)
{
  (void)state;
  enum { TOKENS = 10, PAGE_KIB = 4 };
  bool is_left_out;
  ua_session_table *table = ua_auth_session_table_create(LARGEST);
  assert_non_null(table);
  assert_in_range(resident_kib(table, &is_left_out), 1, 64);
  assert_true(is_left_out);
  for (int32_t user = 0; user < TOKENS; user++) {
    ua_token_key key = {.user_id = user * 10000};
    int64_t asked_ms;
    memset(key.digest, user * 25, sizeof key.digest);
    ua_auth_session_table_fill(table, 1, &key, ua_auth_session_table_now(table, &key), 1000);
    assert_true(ua_auth_session_table_find(table, 1, &key, &asked_ms));
  }
  assert_in_range(resident_kib(table, &is_left_out), TOKENS * PAGE_KIB, 64 + 16 * TOKENS * PAGE_KIB);
  ua_auth_session_table_destroy(&table);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_size_that_is_none_is_refused),
      cmocka_unit_test(the_system_may_refuse_the_memory),
      cmocka_unit_test(it_does_not_count_as_a_process_own_memory),
      cmocka_unit_test(memory_that_is_not_used_is_not_taken_and_never_in_a_core_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
