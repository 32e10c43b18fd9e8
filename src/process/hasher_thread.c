#include "process/hasher_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "process/hash_channel.h"
#include "process/hasher.h"

struct ua_hasher_thread {
  pthread_t thread;
  ua_hash_channel channel;
  int hasher_fd; /* the thread's */
  ua_hash_board board;
};

static void *run(void *argument)
{
  ua_hasher_thread *self = argument;
  /* If it cannot run, its end is closed, and clients get UA_BUSY after their time to wait. */
  ua_status status = ua_process_hasher_run(self->hasher_fd, &self->board);
  (void)status;
  (void)close(self->hasher_fd);
  return NULL;
}

ua_status ua_process_hasher_thread_start(size_t slots, ua_hasher_thread **thread_r)
{
  sigset_t all;
  sigset_t before;
  ua_hasher_thread *self = calloc(1, sizeof(*self));
  *thread_r = NULL;
  if (self == NULL) {
    return UA_INTERNAL;
  }
  if (ua_process_hash_channel_open(&self->channel) != UA_OK) {
    free(self);
    return UA_INTERNAL;
  }
  self->hasher_fd = self->channel.hasher_fd;
  atomic_store(&self->board.slots, slots);
  sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* the thread inherits the mask */
  int failure = pthread_create(&self->thread, NULL, run, self);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure != 0) {
    ua_process_hash_channel_close(&self->channel);
    free(self);
    return UA_INTERNAL;
  }
  self->channel.hasher_fd = -1;
  *thread_r = self;
  return UA_OK;
}

int ua_process_hasher_thread_channel(const ua_hasher_thread *thread)
{
  return thread->channel.worker_fd;
}

void ua_process_hasher_thread_end(ua_hasher_thread **thread)
{
  ua_hasher_thread *self = *thread;
  if (self != NULL) {
    ua_process_hash_channel_end(&self->channel);
    (void)pthread_join(self->thread, NULL);
    free(self);
    *thread = NULL;
  }
}
