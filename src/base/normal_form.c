#include "base/normal_form.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

enum {
  GROWTH = 3,        /* of UTF-8 in NFC at the most: Unicode Standard Annex #15, "Stability" */
  LONGEST = 4,       /* bytes of a character */
  STACK_BYTES = 4096 /* u8_normalize sorts accents in 1 KiB of its stack */
};

ua_text ua_normal_form_text(const ua_normal_form *form)
{
  return (ua_text){form->bytes, form->length};
}

void ua_normal_form_clear(ua_normal_form *form)
{
  if (form->bytes != NULL) {
    explicit_bzero(form->bytes, form->size);
    free(form->bytes);
  }
  *form = (ua_normal_form){0};
}

/* Overwrites the stack of a function that was called from the same place. */
__attribute__((noinline)) static void wipe_stack(void)
{
  char room[STACK_BYTES];
  explicit_bzero(room, sizeof room);
}

static ua_status make_room(size_t size, ua_normal_form *form_r)
{
  char *bytes = calloc(1, size);
  if (bytes == NULL) {
    return UA_INTERNAL;
  }
  *form_r = (ua_normal_form){.bytes = bytes, .size = size};
  return UA_OK;
}

static bool is_ascii(ua_text text)
{
  for (size_t i = 0; i < text.length; i++) {
    if ((unsigned char)text.data[i] >= 0x80) {
      return false;
    }
  }
  return true;
}

/* Copies a text in ASCII, as most are: libunistring is not needed. */
static ua_status copy(ua_text text, ua_normal_form *form_r)
{
  ua_status status = make_room(text.length + 1, form_r);
  if (status == UA_OK && text.length > 0) {
    memcpy(form_r->bytes, text.data, text.length);
    form_r->length = text.length;
  }
  return status;
}

/* u8_normalize replaces bytes that are not UTF-8, so they have to be found before. */
static ua_status normalise(ua_text text, ua_normal_form *form_r)
{
  ua_normal_form form;
  ua_status status = make_room(GROWTH * text.length + LONGEST + 1, &form);
  if (status != UA_OK) {
    return status;
  }
  size_t length = form.size - 1;
  uint8_t *made =
      u8_normalize(UNINORM_NFC, (const uint8_t *)text.data, text.length, (uint8_t *)form.bytes, &length);
  wipe_stack();
  if (made != (uint8_t *)form.bytes) { /* out of memory, or longer than Unicode allows */
    if (made != NULL) {
      explicit_bzero(made, length);
      free(made);
    }
    ua_normal_form_clear(&form);
    return UA_INTERNAL;
  }
  form.length = length;
  form.bytes[length] = '\0';
  *form_r = form;
  return UA_OK;
}

ua_status ua_normal_form_nfc(ua_text text, ua_normal_form *form_r)
{
  if (is_ascii(text)) {
    return copy(text, form_r);
  }
  return ua_text_is_utf8(text) ? normalise(text, form_r) : UA_BAD_REQUEST;
}

/* First to upper case, so that the three forms of sigma become one. */
static ua_status lower(ua_text text, ua_normal_form *form_r)
{
  ua_status status = make_room(LONGEST * text.length + 1, form_r);
  for (size_t i = 0; status == UA_OK && i < text.length;) {
    ucs4_t letter = 0;
    i += (size_t)u8_mbtoucr(&letter, (const uint8_t *)text.data + i, text.length - i);
    form_r->length +=
        (size_t)u8_uctomb((uint8_t *)form_r->bytes + form_r->length, uc_tolower(uc_toupper(letter)),
                          (ptrdiff_t)(form_r->size - form_r->length));
  }
  return status;
}

ua_status ua_normal_form_folded(ua_text text, ua_normal_form *form_r)
{
  ua_normal_form composed;
  ua_normal_form lowered = {0};
  ua_status status = ua_normal_form_nfc(text, &composed);
  if (status != UA_OK) {
    return status;
  }
  status = lower(ua_normal_form_text(&composed), &lowered);
  if (status == UA_OK) {
    status = ua_normal_form_nfc(ua_normal_form_text(&lowered), form_r);
  }
  ua_normal_form_clear(&composed);
  ua_normal_form_clear(&lowered);
  return status;
}
