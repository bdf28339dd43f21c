#ifndef MOTE_POSIX_H
#define MOTE_POSIX_H

#ifdef __cplusplus
extern "C" {
#endif

/** Opens a TAP device, which must be up, before mote_pump_start: 0 or errno. */
int mote_posix_open(const char *name);

#ifdef __cplusplus
}
#endif

#endif
