/* The calls of motetcp.h by the names that the module has for them: made beside each engine's calls. */
#ifndef MOTE_EXPORTS_H
#define MOTE_EXPORTS_H

#include <stdint.h>

struct mote_named_call {
  const char *name;
  /** Arguments in order; 0 where the call has no result. */
  uint32_t (*call)(const uint32_t *given);
};

extern const struct mote_named_call mote_named_calls[];
extern const uint32_t mote_named_call_count;

#endif
