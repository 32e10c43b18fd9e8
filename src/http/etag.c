#include "http/etag.h"

/* The characters between the quotes. */
static bool is_etag_character(unsigned char byte)
{
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/* Takes one entity tag, quotes included, from the beginning of `rest`. */
static bool take_tag(ua_text *rest, ua_text *tag_r, bool *weak_r)
{
  *weak_r = ua_text_starts_with(*rest, UA_TEXT("W/"));
  ua_text text = *weak_r ? (ua_text){rest->data + 2, rest->length - 2} : *rest;
  size_t length = 1;
  if (text.length == 0 || text.data[0] != '"') {
    return false;
  }
  while (length < text.length && is_etag_character((unsigned char)text.data[length])) {
    length++;
  }
  if (length == text.length || text.data[length] != '"') {
    return false;
  }
  *tag_r = (ua_text){text.data, length + 1};
  *rest = (ua_text){text.data + length + 1, text.length - length - 1};
  return true;
}

static void skip_blanks(ua_text *rest)
{
  while (rest->length > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
    *rest = (ua_text){rest->data + 1, rest->length - 1};
  }
}

bool ua_http_etag_is_named(ua_text header, ua_text tag, ua_etag_comparison comparison)
{
  ua_text rest = header.data == NULL ? UA_TEXT("") : ua_text_trim(header);
  bool named = false;
  if (ua_text_equal(rest, UA_TEXT("*"))) {
    return true;
  }
  while (rest.length > 0) {
    ua_text each;
    bool weak;
    if (rest.data[0] != ',') { /* a list may have empty elements: section 5.6.1.2 */
      if (!take_tag(&rest, &each, &weak)) {
        return false;
      }
      named = named || (ua_text_equal(each, tag) && (comparison == UA_ETAG_WEAK || !weak));
      skip_blanks(&rest);
    }
    if (rest.length > 0 && rest.data[0] != ',') {
      return false;
    }
    rest = rest.length == 0 ? rest : (ua_text){rest.data + 1, rest.length - 1};
    skip_blanks(&rest);
  }
  return named;
}
