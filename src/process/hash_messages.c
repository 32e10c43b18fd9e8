#include "process/hash_messages.h"

#include <string.h>

enum { LOWEST_BCRYPT_COST = 4 };

/* Both sides are the same program, so numbers are sent as they are in memory. */
typedef struct packet {
  unsigned char *bytes; /* written, or */
  const unsigned char *rest;
  size_t length; /* written, or left to be read */
  bool failed;
} packet;

static void put(packet *self, const void *bytes, size_t length)
{
  if (length > UA_HASH_MESSAGE_BYTES - self->length) {
    self->failed = true;
  } else if (length > 0) {
    memcpy(self->bytes + self->length, bytes, length);
    self->length += length;
  }
}

/* A small number; one that does not fit is an error. */
static void put_byte(packet *self, int value)
{
  unsigned char byte = (unsigned char)value;
  self->failed = self->failed || value < 0 || value > UINT8_MAX;
  put(self, &byte, sizeof(byte));
}

/* With its length + 1 before it, and 0 for an absent one. */
static void put_text(packet *self, ua_text text, size_t most)
{
  size_t length = text.length > most ? most : text.length;
  uint16_t announced = (uint16_t)(text.data == NULL ? 0 : length + 1);
  put(self, &announced, sizeof(announced));
  put(self, text.data, text.data == NULL ? 0 : length);
}

static void take(packet *self, void *bytes_r, size_t length)
{
  if (length > self->length) {
    self->failed = true;
    self->length = 0;
    memset(bytes_r, 0, length);
    return;
  }
  memcpy(bytes_r, self->rest, length);
  self->rest += length;
  self->length -= length;
}

static int take_byte(packet *self, int lowest, int highest)
{
  unsigned char byte;
  take(self, &byte, sizeof(byte));
  if (byte < lowest || byte > highest) {
    self->failed = true;
    return lowest;
  }
  return byte;
}

static ua_text take_text(packet *self, size_t most)
{
  uint16_t announced;
  take(self, &announced, sizeof(announced));
  if (announced == 0) {
    return UA_TEXT_ABSENT;
  }
  ua_text text = {(const char *)self->rest, (size_t)announced - 1};
  if (text.length > self->length || text.length > most) {
    self->failed = true;
    return UA_TEXT_ABSENT;
  }
  self->rest += text.length;
  self->length -= text.length;
  return text;
}

/* A column of a record, which is a string. */
static void take_column(packet *self, char *column, size_t size)
{
  ua_text text = take_text(self, size - 1);
  self->failed = self->failed || text.data == NULL || ua_text_has_nul(text);
  if (!self->failed) {
    memcpy(column, text.data, text.length);
    column[text.length] = '\0';
  }
}

static void put_job(packet *self, const ua_hash_job *job)
{
  put_byte(self, (int)job->kind);
  put_byte(self, job->cost);
  put_byte(self, job->limit);
  put_byte(self, job->upgrade);
  put_text(self, job->password.data == NULL ? UA_TEXT("") : job->password, UA_MAX_TRIED_PASSWORD_BYTES + 1);
  put_text(self, job->hash, UA_HASH_COLUMN_BYTES);
  put_text(self, job->salt, UA_HASH_COLUMN_BYTES);
}

static void take_job(packet *self, ua_hash_job *job)
{
  job->kind = (ua_hash_kind)take_byte(self, UA_HASH_NEW, UA_HASH_VERIFY);
  job->cost = take_byte(self, LOWEST_BCRYPT_COST, UA_MAX_BCRYPT_COST);
  job->limit = take_byte(self, 0, UA_MAX_BCRYPT_COST);
  job->upgrade = take_byte(self, false, true) != 0;
  job->password = take_text(self, UA_MAX_TRIED_PASSWORD_BYTES + 1);
  job->hash = take_text(self, UA_HASH_COLUMN_BYTES);
  job->salt = take_text(self, UA_HASH_COLUMN_BYTES);
  self->failed = self->failed || job->password.data == NULL;
}

static void put_outcome(packet *self, const ua_hash_outcome *outcome)
{
  put_byte(self, (int)outcome->status);
  put_byte(self, (int)outcome->verdict);
  put_byte(self, outcome->has_record);
  if (outcome->has_record) {
    put_text(self, ua_text_of(outcome->record.hash), sizeof(outcome->record.hash) - 1);
    put_text(self, ua_text_of(outcome->record.salt), sizeof(outcome->record.salt) - 1);
  }
}

static void take_outcome(packet *self, ua_hash_outcome *outcome)
{
  outcome->status = (ua_status)take_byte(self, UA_INTERNAL, UA_STATUS_COUNT - 1);
  outcome->verdict = (ua_password_verdict)take_byte(self, UA_PASSWORD_MISMATCH, UA_PASSWORD_UNVERIFIABLE);
  outcome->has_record = take_byte(self, false, true) != 0;
  self->failed = self->failed || (outcome->status != UA_OK && outcome->status != UA_BAD_REQUEST &&
                                  outcome->status != UA_INTERNAL && outcome->status != UA_BUSY);
  if (outcome->has_record) {
    take_column(self, outcome->record.hash, sizeof(outcome->record.hash));
    take_column(self, outcome->record.salt, sizeof(outcome->record.salt));
  }
}

size_t ua_process_hash_messages_write(const ua_hash_message *message,
                                      unsigned char bytes[UA_HASH_MESSAGE_BYTES])
{
  packet self = {.bytes = bytes};
  put_byte(&self, (int)message->kind);
  put(&self, &message->request, sizeof(message->request));
  switch (message->kind) {
    case UA_HASH_ASK:
      put(&self, message->source, sizeof(message->source));
      put(&self, message->address, sizeof(message->address));
      break;
    case UA_HASH_GO:
      put_job(&self, &message->job);
      break;
    case UA_HASH_DONE:
      put_outcome(&self, &message->outcome);
      break;
    case UA_HASH_REFUSED:
      put_byte(&self, (int)message->status);
      break;
    case UA_HASH_DROP:
    case UA_HASH_TURN:
    default:
      break;
  }
  ua_hash_message again;
  bool is_workers = message->kind <= UA_HASH_DROP;
  bool fits = !self.failed && ua_process_hash_messages_read(bytes, self.length, is_workers, &again);
  explicit_bzero(&again, sizeof(again));
  return fits ? self.length : 0;
}

bool ua_process_hash_messages_read(const unsigned char *bytes, size_t length, bool is_workers,
                                   ua_hash_message *message_r)
{
  packet self = {.rest = bytes, .length = length};
  *message_r = (ua_hash_message){.status = UA_INTERNAL};
  message_r->kind = (ua_hash_message_kind)take_byte(&self, is_workers ? UA_HASH_ASK : UA_HASH_TURN,
                                                    is_workers ? UA_HASH_DROP : UA_HASH_REFUSED);
  take(&self, &message_r->request, sizeof(message_r->request));
  switch (message_r->kind) {
    case UA_HASH_ASK:
      take(&self, message_r->source, sizeof(message_r->source));
      take(&self, message_r->address, sizeof(message_r->address));
      break;
    case UA_HASH_GO:
      take_job(&self, &message_r->job);
      break;
    case UA_HASH_DONE:
      take_outcome(&self, &message_r->outcome);
      break;
    case UA_HASH_REFUSED:
      message_r->status = (ua_status)take_byte(&self, UA_INTERNAL, UA_STATUS_COUNT - 1);
      self.failed =
          self.failed || (message_r->status != UA_TOO_MANY_REQUESTS && message_r->status != UA_BUSY);
      break;
    case UA_HASH_DROP:
    case UA_HASH_TURN:
    default:
      break;
  }
  return !self.failed && self.length == 0;
}
