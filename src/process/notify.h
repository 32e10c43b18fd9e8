/* Reports our state to a service manager as sd_notify(3) does, without its library. Does nothing without a
 * manager. */
#ifndef UA_PROCESS_NOTIFY_H
#define UA_PROCESS_NOTIFY_H

/* Sends `state` ("READY=1", "STOPPING=1") to $NOTIFY_SOCKET, a path or "@" and an abstract name. Does not
 * block. A message that cannot be sent is lost: the manager has timeouts of its own. */
void ua_process_notify(const char *state);

/* Sends "RELOADING=1" with the current time; "READY=1" has to follow. */
void ua_process_notify_reloading(void);

/* If the manager requires signs of life ($WATCHDOG_USEC, for $WATCHDOG_PID if that is given), sends one when
 * half of that time has passed since the last. Returns `timeout_ms` (-1: none), or less when the next one is
 * due earlier. */
int ua_process_notify_watchdog(int timeout_ms);

#endif
