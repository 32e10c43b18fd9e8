#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "process/listener.h"
#include "unit.h"

enum { PATH_ROOM = 64, SPEC_ROOM = 160, ERROR_ROOM = 256 };

static char folder[] = "/tmp/ua-listener-XXXXXX";
static char path[PATH_ROOM];
static char spec[SPEC_ROOM];
static char error[ERROR_ROOM];

static int make_folder(void **state)
{
  (void)state;
  if (mkdtemp(folder) == NULL) {
    return -1;
  }
  (void)snprintf(path, sizeof(path), "%s/s", folder);
  (void)snprintf(spec, sizeof(spec), "unix:%s", path);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  return rmdir(folder);
}

static ua_status open_one(const char *address, ua_listeners *listeners_r)
{
  return ua_process_listeners_open(&address, 1, 16, listeners_r, error, sizeof(error));
}

static int connect_to_path(void)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return -1;
  }
  return fd;
}

static void addresses_of_the_documented_forms_are_read(void **state)
{
  (void)state;
  ua_listener_address address;
  assert_int_equal(ua_process_listener_parse("127.0.0.1:9000", &address, error, sizeof(error)), UA_OK);
  const struct sockaddr_in *four = (const struct sockaddr_in *)&address.address;
  assert_int_equal(four->sin_family, AF_INET);
  assert_int_equal(ntohs(four->sin_port), 9000);
  assert_int_equal(ntohl(four->sin_addr.s_addr), INADDR_LOOPBACK);
  assert_int_equal(ua_process_listener_parse("[::1]:80", &address, error, sizeof(error)), UA_OK);
  assert_int_equal(address.address.ss_family, AF_INET6);
  assert_int_equal(
      ua_process_listener_parse("unix:/a/b,mode=0600,owner=0,group=7", &address, error, sizeof(error)),
      UA_OK);
  assert_string_equal(((const struct sockaddr_un *)&address.address)->sun_path, "/a/b");
  assert_int_equal(address.mode, 0600);
  assert_int_equal(address.owner, 0);
  assert_int_equal(address.group, 7);
  assert_int_equal(ua_process_listener_parse("unix:/a,owner=root", &address, error, sizeof(error)), UA_OK);
  assert_int_equal(address.mode, 0660);
  assert_int_equal(address.owner, 0);
}

static void other_addresses_are_refused_in_one_line(void **state)
{
  (void)state;
  char long_path[SPEC_ROOM + 1] = "unix:/";
  memset(long_path + strlen(long_path), 'a', 120);
  const char *const wrong[] = {"",
                               "9000",
                               ":9000",
                               "localhost:9000",
                               "127.0.0.1",
                               "127.0.0.1:",
                               "127.0.0.1:0",
                               "127.0.0.1:65536",
                               "127.0.0.1:+80",
                               "127.0.0.1: 80",
                               "127.1:80",
                               "::1:80",
                               "[::1]",
                               "[127.0.0.1]:80",
                               "unix:",
                               "unix:/",
                               "unix:relative",
                               "unix:,mode=0660",
                               "unix:/a,mode=0999",
                               "unix:/a,mode=66",
                               "unix:/a,mode=7777",
                               "unix:/a,mode=",
                               "unix:/a,owner=nobody-of-that-name",
                               "unix:/a,group=",
                               "unix:/a,colour=red",
                               "unix:/a,",
                               long_path};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    error[0] = '\0';
    if (ua_process_listener_check(wrong[i], error, sizeof(error)) != UA_BAD_REQUEST || error[0] == '\0' ||
        strchr(error, '\n') != NULL) {
      fail_msg("'%s' was accepted or badly refused: %s", wrong[i], error);
    }
  }
}

static void a_unix_socket_has_its_mode_from_the_start_whatever_the_umask(void **state)
{
  (void)state;
  ua_listeners listeners;
  char address[SPEC_ROOM];
  struct stat file;
  mode_t saved = umask(0);
  (void)snprintf(address, sizeof(address), "unix:%s,mode=0620", path);
  assert_int_equal(open_one(address, &listeners), UA_OK);
  assert_int_equal(umask(saved), 0);
  assert_int_equal(stat(path, &file), 0);
  assert_int_equal(file.st_mode & 07777, 0620);
  ua_process_listeners_close(&listeners);
  assert_int_equal(access(path, F_OK), -1);
}

static void sockets_are_non_blocking_and_close_on_exec(void **state)
{
  (void)state;
  ua_listeners listeners;
  assert_int_equal(open_one(spec, &listeners), UA_OK);
  assert_int_equal(listeners.count, 1);
  assert_true(fcntl(listeners.socket[0].fd, F_GETFL) & O_NONBLOCK);
  assert_true(fcntl(listeners.socket[0].fd, F_GETFD) & FD_CLOEXEC);
  assert_int_equal(accept(listeners.socket[0].fd, NULL, NULL), -1);
  assert_int_equal(errno, EAGAIN);
  ua_process_listeners_close(&listeners);
}

static void the_socket_of_a_live_process_is_not_stolen(void **state)
{
  (void)state;
  ua_listeners first, second;
  assert_int_equal(open_one(spec, &first), UA_OK);
  assert_int_equal(open_one(spec, &second), UA_UNAVAILABLE);
  int peer = connect_to_path();
  assert_true(peer >= 0);
  (void)close(peer);
  ua_process_listeners_close(&first);
}

static void a_stale_socket_file_is_replaced(void **state)
{
  (void)state;
  ua_listeners first, second;
  assert_int_equal(open_one(spec, &first), UA_OK);
  (void)close(first.socket[0].fd);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_equal(open_one(spec, &second), UA_OK);
  int peer = connect_to_path();
  assert_true(peer >= 0);
  (void)close(peer);
  ua_process_listeners_close(&second);
}

static void a_file_that_is_no_socket_stays(void **state)
{
  (void)state;
  ua_listeners listeners;
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  assert_true(fd >= 0);
  (void)close(fd);
  assert_int_equal(open_one(spec, &listeners), UA_UNAVAILABLE);
  assert_int_equal(unlink(path), 0);
}

static void only_our_own_file_is_unlinked(void **state)
{
  (void)state;
  ua_listeners first, second;
  assert_int_equal(open_one(spec, &first), UA_OK);
  ua_process_listeners_shut(&first);
  assert_int_equal(open_one(spec, &second), UA_OK);
  ua_process_listeners_close(&first);
  assert_int_equal(access(path, F_OK), 0);
  ua_process_listeners_close(&second);
  assert_int_equal(access(path, F_OK), -1);
}

static void after_shutting_queued_connections_are_accepted_and_new_ones_refused(void **state)
{
  (void)state;
  ua_listeners listeners;
  assert_int_equal(open_one(spec, &listeners), UA_OK);
  int queued = connect_to_path();
  assert_true(queued >= 0);
  ua_process_listeners_shut(&listeners);
  assert_int_equal(connect_to_path(), -1);
  assert_int_equal(errno, ECONNREFUSED);
  int accepted = accept(listeners.socket[0].fd, NULL, NULL);
  assert_true(accepted >= 0);
  assert_int_equal(accept(listeners.socket[0].fd, NULL, NULL), -1);
  assert_int_equal(errno, EAGAIN);
  (void)close(accepted);
  (void)close(queued);
  ua_process_listeners_close(&listeners);
}

static void when_one_address_fails_none_stays_open(void **state)
{
  (void)state;
  ua_listeners listeners;
  const char *const specs[] = {spec, "unix:/nonexistent-folder/s"};
  assert_int_equal(ua_process_listeners_open(specs, 2, 16, &listeners, error, sizeof(error)), UA_UNAVAILABLE);
  assert_int_equal(access(path, F_OK), -1);
}

static void a_listening_descriptor_0_is_taken_and_not_unlinked(void **state)
{
  (void)state;
  ua_listeners own, inherited;
  int kept = dup(STDIN_FILENO);
  assert_int_equal(open_one(spec, &own), UA_OK);
  assert_int_equal(dup2(own.socket[0].fd, STDIN_FILENO), STDIN_FILENO);
  assert_true(ua_process_listener_inherited());
  assert_int_equal(ua_process_listeners_open(NULL, 0, 16, &inherited, error, sizeof(error)), UA_OK);
  assert_int_equal(inherited.count, 1);
  assert_int_equal(inherited.socket[0].fd, STDIN_FILENO);
  assert_false(inherited.socket[0].owned);
  assert_true(inherited.socket[0].is_unix);
  ua_process_listeners_close(&inherited);
  assert_int_equal(access(path, F_OK), 0);
  ua_process_listeners_close(&own);
  if (kept >= 0) {
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    (void)close(kept);
  }
}

static void without_any_address_the_answer_says_so(void **state)
{
  (void)state;
  ua_listeners listeners;
  if (!ua_process_listener_inherited()) {
    assert_int_equal(ua_process_listeners_open(NULL, 0, 16, &listeners, error, sizeof(error)),
                     UA_BAD_REQUEST);
    assert_non_null(strstr(error, "--listen"));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(addresses_of_the_documented_forms_are_read),
      cmocka_unit_test(other_addresses_are_refused_in_one_line),
      cmocka_unit_test(a_unix_socket_has_its_mode_from_the_start_whatever_the_umask),
      cmocka_unit_test(sockets_are_non_blocking_and_close_on_exec),
      cmocka_unit_test(the_socket_of_a_live_process_is_not_stolen),
      cmocka_unit_test(a_stale_socket_file_is_replaced),
      cmocka_unit_test(a_file_that_is_no_socket_stays),
      cmocka_unit_test(only_our_own_file_is_unlinked),
      cmocka_unit_test(after_shutting_queued_connections_are_accepted_and_new_ones_refused),
      cmocka_unit_test(when_one_address_fails_none_stays_open),
      cmocka_unit_test(a_listening_descriptor_0_is_taken_and_not_unlinked),
      cmocka_unit_test(without_any_address_the_answer_says_so),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
