/* Between the engine and what is generated for a profile: module.c and calls.c. */
#ifndef MOTE_WASM3_CALLS_H
#define MOTE_WASM3_CALLS_H

#include <stdint.h>

/** The module as it was built. It is read where it lies, which may be flash. */
extern const uint8_t mote_module[];
extern const uint32_t mote_module_bytes;

/** Its exported functions: a call names one by its index. */
extern const char *const mote_exports[];
extern const uint32_t mote_export_count;
/** Of struct M3Function, as many as there are exports. */
extern void *mote_functions[];

/** Result of an export, 0 if it has none or has trapped. */
uint32_t mote_wasm3_call(uint32_t index, uint32_t count, const uint32_t *arguments);

#endif
