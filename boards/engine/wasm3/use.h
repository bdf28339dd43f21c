/* What the interpreter takes, beside its heap (engine.h): for choosing its sizes. */
#ifndef MOTE_WASM3_USE_H
#define MOTE_WASM3_USE_H

#include <stdint.h>

/** Bytes of the code that wasm3 has made, and of the pages that it stands in. */
uint32_t mote_wasm3_code_used(void);
uint32_t mote_wasm3_code_bytes(void);

/** The most of the value stack (MOTE_WASM3_STACK) that calls have used since the start, in bytes. */
uint32_t mote_wasm3_stack_most(void);

/** The most of the native stack below the call of an export (MOTE_WASM3_NATIVE_STACK) since the start, in bytes, up to
 * the entry of the innermost function. */
uint32_t mote_wasm3_native_stack_most(void);

/** Lazily compiled: how often all code was thrown away since the start, and the most that the heap has grown by in one
 * call of an export: what MOTE_WASM3_RESERVE must be at least. */
uint32_t mote_wasm3_dropped(void);
uint32_t mote_wasm3_growth_most(void);

/** Why a start failed, in wasm3's words; NULL: it did not. */
const char *mote_wasm3_problem(void);

#endif
