/* What runs the core: C made from the module ahead of time (aot/), or an interpreter. The calls of
 * motetcp.h go through it, one at a time: whoever calls from interrupts or several tasks must queue. */
#ifndef MOTE_ENGINE_H
#define MOTE_ENGINE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a call ended early. The core is proved and tested not to trap; memory that was damaged from outside may make it. */
enum mote_trap {
  MOTE_TRAP_NONE = 0,
  /** A load or store outside of the core's memory. */
  MOTE_TRAP_OUT_OF_BOUNDS = 1,
  /** A division by zero, or one that overflows. */
  MOTE_TRAP_ARITHMETIC = 2,
  /** Calls nested deeper than the engine allows. */
  MOTE_TRAP_CALL_DEPTH = 3,
  /** An instruction that must never be reached, or that this engine does not have. */
  MOTE_TRAP_UNREACHABLE = 4,
  /** The engine could not start: its heap is too small, or it does not take the module. */
  MOTE_TRAP_ENGINE = 5
};

/** A fresh core: memory as the module has it, nothing called yet. Also the way on after a trap. */
enum mote_trap mote_engine_start(void);

/** Why a call has ended early since the last start. From then on every call returns 0 and does nothing. */
enum mote_trap mote_engine_trap(void);

/** SHA-256 of the module that this core is, in hexadecimal. Known from the start on: an interpreter hashes the bytes that
 * it loads. */
const char *mote_engine_core(void);

/** The core's linear memory, and its bytes: exactly those that the profile ever touches. It never moves, and is there
 * from the start on. */
uint8_t *mote_engine_memory(void);
uint32_t mote_engine_memory_bytes(void);

/** Bytes of the engine's own heap: in use now, and the most that there ever were. 0: it has none. */
uint32_t mote_engine_heap_used(void);
uint32_t mote_engine_heap_most(void);

#ifdef __cplusplus
}
#endif

#endif
