/* For GET /metrics: the counters of a worker's application, and its view of the pool. */
#ifndef UA_PROCESS_POOL_METRICS_H
#define UA_PROCESS_POOL_METRICS_H

#include "process/worker.h"

struct ua_pool_metrics;

/* Fills *metrics_r, for ua_api_app_create, with the counters of the worker with this setup. It has none if
 * the settings do not enable metrics, or in the single process, which has no shared memory. `setup` must
 * outlive the application. */
void ua_process_pool_metrics_open(const ua_worker_setup *setup, struct ua_pool_metrics *metrics_r);

#endif
