#include "api/heavy.h"

#include "base/limits.h"

static bool is_deep(const ua_exchange *exchange)
{
  return exchange->document.search.page.offset > UA_LIGHT_OFFSET;
}

static bool is_searched(const ua_document *document)
{
  return document->search.role.data != NULL || document->user.email.data != NULL ||
         document->user.name.data != NULL;
}

bool ua_api_heavy_users(const ua_exchange *exchange)
{
  const ua_document *document = &exchange->document;
  return is_searched(document) ? document->search.count || is_deep(exchange)
                               : document->search.by_active && is_deep(exchange);
}

bool ua_api_heavy_roles(const ua_exchange *exchange)
{
  return is_deep(exchange);
}

bool ua_api_heavy_events(const ua_exchange *exchange)
{
  return exchange->document.events.by_user && exchange->document.events.kind.data != NULL;
}

bool ua_api_heavy_always(const ua_exchange *exchange)
{
  (void)exchange;
  return true;
}
