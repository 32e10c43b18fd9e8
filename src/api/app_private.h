/* The application, shared by the file that builds it (app_open.c) and the one that answers with it (app.c).
 */
#ifndef UA_API_APP_PRIVATE_H
#define UA_API_APP_PRIVATE_H

#include "api/app.h"

struct ua_app {
  const ua_config *config;
  const ua_app_host *host;
  ua_service service;
  ua_session_table *own_table; /* NULL: none */
  ua_session_way way;
  ua_routes routes;
  ua_admission admission;
  ua_pool_metrics metrics;
};

#endif
