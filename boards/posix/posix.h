#ifndef MOTE_POSIX_H
#define MOTE_POSIX_H

/** Opens a TAP device, which must be up: 0 or errno. */
int mote_posix_open(const char *name);

#endif
