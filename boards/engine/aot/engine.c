/* The engine for C that was made ahead of time: the instance, its memory, and traps, which leave the call that
 * they happen in. */

#include "../engine.h"
#include "aot.h"
#include <setjmp.h>

uint32_t wasm_rt_call_stack_depth;
uint8_t mote_memory_area[MOTE_MEMORY_BYTES] __attribute__((aligned(8)));
w2c_mote mote_instance;
jmp_buf mote_call;
static enum mote_trap trap = MOTE_TRAP_UNREACHABLE; /* until it has started */

void wasm_rt_trap(wasm_rt_trap_t code) {
  switch (code) {
    case WASM_RT_TRAP_OOB: trap = MOTE_TRAP_OUT_OF_BOUNDS; break;
    case WASM_RT_TRAP_INT_OVERFLOW:
    case WASM_RT_TRAP_DIV_BY_ZERO: trap = MOTE_TRAP_ARITHMETIC; break;
    case WASM_RT_TRAP_EXHAUSTION: trap = MOTE_TRAP_CALL_DEPTH; break;
    default: trap = MOTE_TRAP_UNREACHABLE; break;
  }
  longjmp(mote_call, 1);
}

bool wasm_rt_is_initialized(void) { return true; }

/* Fewer bytes than a page: what lies beyond is never touched, and traps if it is. */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t most_pages,
                             bool is64, uint32_t page_size) {
  (void)initial_pages, (void)most_pages, (void)is64, (void)page_size;
  memory->data = mote_memory_area;
  memory->size = MOTE_MEMORY_BYTES;
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages) {
  (void)memory, (void)pages;
  return UINT64_MAX; /* the module never asks */
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) { (void)memory; }

enum mote_trap mote_engine_start(void) {
  memset(mote_memory_area, 0, sizeof mote_memory_area);
  memset(&mote_instance, 0, sizeof mote_instance);
  wasm_rt_call_stack_depth = 0;
  trap = MOTE_TRAP_NONE;
  if (setjmp(mote_call) == 0) wasm2c_mote_instantiate(&mote_instance);
  return trap;
}

enum mote_trap mote_engine_trap(void) { return trap; }
const char *mote_engine_core(void) { return MOTE_CORE_SHA256; }
uint8_t *mote_engine_memory(void) { return mote_memory_area; }
uint32_t mote_engine_memory_bytes(void) { return MOTE_MEMORY_BYTES; }
uint32_t mote_engine_heap_used(void) { return 0; }
uint32_t mote_engine_heap_most(void) { return 0; }
