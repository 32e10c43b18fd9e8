#include "auth/hashing.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/normal_form.h"

enum {
  /* A third of the normal CPU share: other requests go first, and logins still progress on a busy machine. */
  HASHING_NICENESS = 5,
  HASHING_STACK_BYTES = 256 * 1024
};

/* The password in NFC; absent if that is the same text, or if the password is too long or not UTF-8. */
static ua_status find_other_form(ua_text password, ua_normal_form *form_r)
{
  *form_r = (ua_normal_form){0};
  if (password.length > UA_MAX_TRIED_PASSWORD_BYTES || !ua_text_is_utf8(password)) {
    return UA_OK;
  }
  ua_status status = ua_normal_form_nfc(password, form_r);
  if (status == UA_OK && ua_text_equal(ua_normal_form_text(form_r), password)) {
    ua_normal_form_clear(form_r);
  }
  return status;
}

static ua_status try_password(const ua_hash_job *job, ua_text password, ua_password_verdict *verdict_r)
{
  return ua_auth_password_verify(job->cost, job->limit, password, job->hash, job->salt, verdict_r);
}

/* Tries the password as typed, then in NFC if that differs. How many hashes a mismatch takes depends only on
 * the typed password, never on what is stored. */
static ua_status verify(const ua_hash_job *job, ua_password_verdict *verdict_r)
{
  ua_normal_form other;
  ua_status status = find_other_form(job->password, &other);
  if (status != UA_OK) {
    return status;
  }
  status = try_password(job, job->password, verdict_r);
  if (status == UA_OK && other.bytes != NULL) {
    if (ua_auth_password_is_match(*verdict_r)) {
      *verdict_r = UA_PASSWORD_MATCH_OUTDATED; /* passwords are stored in NFC now */
    } else {
      status = try_password(job, ua_normal_form_text(&other), verdict_r);
    }
  }
  ua_normal_form_clear(&other);
  return status;
}

static void make_record(const ua_hash_job *job, ua_hash_outcome *outcome)
{
  outcome->status = ua_auth_password_hash(job->cost, job->password, &outcome->record);
  outcome->has_record = outcome->status == UA_OK;
}

void ua_auth_hashing_run(const ua_hash_job *job, ua_hash_outcome *outcome_r)
{
  *outcome_r = (ua_hash_outcome){.status = UA_INTERNAL};
  if (job->kind == UA_HASH_NEW) {
    make_record(job, outcome_r);
    return;
  }
  ua_status status = verify(job, &outcome_r->verdict);
  if (status == UA_OK && outcome_r->verdict == UA_PASSWORD_MATCH_OUTDATED && job->upgrade) {
    make_record(job, outcome_r);
  }
  outcome_r->status = status;
}

static void *run(void *argument)
{
  const ua_hashing *hashing = argument;
  /* Linux keeps niceness per thread; a failure only costs fairness. */
  (void)setpriority(PRIO_PROCESS, (id_t)gettid(), HASHING_NICENESS);
  ua_auth_hashing_run(hashing->job, hashing->outcome);
  if (hashing->done != NULL) {
    hashing->done(hashing->context);
  }
  return NULL;
}

/* A thread of its own: lowered priority cannot be raised again without privileges. */
bool ua_auth_hashing_begin(ua_hashing *hashing)
{
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) {
    return false;
  }
  int error = pthread_attr_setstacksize(&attributes, HASHING_STACK_BYTES);
  if (error == 0) {
    error = pthread_create(&hashing->thread, &attributes, run, hashing);
  }
  (void)pthread_attr_destroy(&attributes);
  return error == 0;
}

void ua_auth_hashing_end(const ua_hashing *hashing)
{
  (void)pthread_join(hashing->thread, NULL);
}

void ua_auth_hashing_run_aside(const ua_hash_job *job, ua_hash_outcome *outcome_r)
{
  ua_hashing hashing = {.job = job, .outcome = outcome_r};
  if (!ua_auth_hashing_begin(&hashing)) {
    *outcome_r = (ua_hash_outcome){.status = UA_BUSY};
    return;
  }
  ua_auth_hashing_end(&hashing);
}
