/* What a worker's application may count, and what it can read of its pool: for GET /metrics. */
#ifndef UA_PROCESS_POOL_METRICS_H
#define UA_PROCESS_POOL_METRICS_H

#include "process/worker.h"

struct ua_pool_metrics;

/* Fills *metrics_r, for ua_api_app_create, with what the worker that has this setup counts: nothing where the
 * settings do not ask for it, and in the single process, which shares memory with nobody. `setup` must
 * outlive the application. */
void ua_process_pool_metrics_open(const ua_worker_setup *setup, struct ua_pool_metrics *metrics_r);

#endif
