/* Which lists are heavy: those whose cost grows with the customer, not with the page. Called when the
 * arguments are read. Pure. */
#ifndef UA_API_HEAVY_H
#define UA_API_HEAVY_H

#include <stdbool.h>

#include "api/exchange.h"

/* Of filtered users: a page that skips more than UA_LIGHT_OFFSET of them, and a count, if it filters by more
 * than their activity. A search by a pattern or a role is light while an index helps; otherwise its handler
 * asks for a turn. All users of a customer and its active ones are counted by blocks of ids beforehand
 * (migrations/20261127000002_user_counts.sql). */
bool ua_api_heavy_users(const ua_exchange *exchange);

/* A page that skips more than UA_LIGHT_OFFSET roles. */
bool ua_api_heavy_events(const ua_exchange *exchange);
bool ua_api_heavy_roles(const ua_exchange *exchange);

/* Always: users are counted, those of each customer, or those who hold a role. */
bool ua_api_heavy_always(const ua_exchange *exchange);

#endif
