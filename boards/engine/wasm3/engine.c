/* The engine that interprets: wasm3 runs the module's own bytes. Everything is compiled to wasm3's code at the start, so
 * that no call waits for that, and the heap does not change afterwards; or, with MOTE_WASM3_LAZY, each function when it
 * is first called, and all of that code is thrown away when the heap gets short. */

#include "config.h"
#include "../engine.h"
#include "calls.h"
#include "profile.h"
#include "sha256.h"
#include "use.h"
#include <m3_env.h>
#include <string.h>

/** Bytes for arguments, locals and values of nested functions. */
#ifndef MOTE_WASM3_STACK
#define MOTE_WASM3_STACK 2048
#endif

/** Bytes of the native stack that a call of an export may take: wasm3 nests a few calls in C for one of the core. */
#ifndef MOTE_WASM3_NATIVE_STACK
#define MOTE_WASM3_NATIVE_STACK (1024 * sizeof(void *))
#endif

/** 1: functions are compiled when they are first called. */
#ifndef MOTE_WASM3_LAZY
#define MOTE_WASM3_LAZY 0
#endif

/** Lazily: bytes of heap that a call of an export may need for what it calls first. */
#ifndef MOTE_WASM3_RESERVE
#define MOTE_WASM3_RESERVE (10240 * sizeof(void *))
#endif

#define MOST_ARGUMENTS 8
#define PAINT 0xa5

static IM3Runtime runtime;
static IM3Module module;
static enum mote_trap trap = MOTE_TRAP_UNREACHABLE; /* until it has started */
static M3Result problem;
static char core[2 * MOTE_SHA256_BYTES + 1];
/** Of the native stack: where the present call came in, and how far down the deepest one was from there. */
static uintptr_t entered, deepest;
/** Lazily: how often all code was thrown away, and the most that the heap has grown by in one call. */
static uint32_t dropped, growth;

/** wasm3 asks at the entry of each function, and takes what this returns for a trap. */
M3Result m3_Yield(void) {
  uintptr_t depth = entered - (uintptr_t)__builtin_frame_address(0);
  if (entered == 0) return m3Err_none;
  if (depth > MOTE_WASM3_NATIVE_STACK) return m3Err_trapStackOverflow;
  if (depth > deepest) deepest = depth;
  return m3Err_none;
}

static M3Result find_exports(void) {
  for (uint32_t i = 0; i < mote_export_count; i++) {
    /* m3_FindFunction would compile it, too. */
    IM3Function function = v_FindFunction(module, mote_exports[i]);
    if (function == NULL) return m3Err_functionLookupFailed;
    if (m3_GetArgCount(function) > MOST_ARGUMENTS) return m3Err_tooManyArgsRets;
    mote_functions[i] = function;
  }
  return m3Err_none;
}

static M3Result load(void) {
  M3Result result;
  IM3Environment environment = m3_NewEnvironment();
  runtime = environment == NULL ? NULL : m3_NewRuntime(environment, MOTE_WASM3_STACK, NULL);
  if (runtime == NULL) return m3Err_mallocFailed;
  runtime->memoryLimit = MOTE_MEMORY_BYTES;
  result = m3_ParseModule(environment, &module, mote_module, mote_module_bytes);
  if (result == m3Err_none) result = m3_LoadModule(runtime, module);
  if (result == m3Err_none && m3_GetMemorySize(runtime) != MOTE_MEMORY_BYTES) result = m3Err_wasmMemoryOverflow;
  if (result == m3Err_none) result = find_exports();
  if (result == m3Err_none) result = m3_RunStart(module);
  if (result == m3Err_none && !MOTE_WASM3_LAZY) result = m3_CompileModule(module);
  return result;
}

/** Throws all code away: the heap is again what it was when the module was loaded, without any gaps. Only between calls
 * of exports, when nothing stands in that code. */
static void drop_code(void) {
  FreeCodePages(&runtime->pagesOpen);
  FreeCodePages(&runtime->pagesFull);
  FreeCodePages(&runtime->environment->pagesReleased);
  runtime->numCodePages = 0;
  for (u32 i = 0; i < module->numFunctions; i++) {
    module->functions[i].compiled = NULL;
    m3_Free(module->functions[i].constants);
  }
  dropped++;
}

enum mote_trap mote_engine_start(void) {
  mote_heap_empty();
  entered = deepest = 0;
  dropped = growth = 0;
  mote_sha256_text(mote_module, mote_module_bytes, core);
  problem = load();
  trap = problem == m3Err_none ? MOTE_TRAP_NONE : MOTE_TRAP_ENGINE;
  if (problem == m3Err_none) memset(runtime->stack, PAINT, MOTE_WASM3_STACK);
  return trap;
}

static enum mote_trap trap_of(M3Result result) {
  if (result == m3Err_none) return MOTE_TRAP_NONE;
  if (result == m3Err_trapOutOfBoundsMemoryAccess) return MOTE_TRAP_OUT_OF_BOUNDS;
  if (result == m3Err_trapDivisionByZero || result == m3Err_trapIntegerOverflow) return MOTE_TRAP_ARITHMETIC;
  if (result == m3Err_trapStackOverflow) return MOTE_TRAP_CALL_DEPTH;
  return result == m3Err_mallocFailed || result == m3Err_mallocFailedCodePage ? MOTE_TRAP_ENGINE : MOTE_TRAP_UNREACHABLE;
}

uint32_t mote_wasm3_call(uint32_t index, uint32_t count, const uint32_t *arguments) {
  IM3Function function = mote_functions[index];
  const void *given[MOST_ARGUMENTS];
  uint32_t result = 0;
  const void *results[] = {&result};
  if (trap != MOTE_TRAP_NONE) return 0;
  for (uint32_t i = 0; i < count; i++) given[i] = arguments + i;
  entered = (uintptr_t)__builtin_frame_address(0);
  if (MOTE_WASM3_LAZY && mote_heap_room() < MOTE_WASM3_RESERVE) drop_code();
  uint32_t before = mote_heap_used();
  if (MOTE_WASM3_LAZY && function->compiled == NULL) trap = trap_of(CompileFunction(function));
  if (trap == MOTE_TRAP_NONE) trap = trap_of(m3_Call(function, count, given));
  uint32_t grown = mote_heap_used() - before;
  if (grown > growth) growth = grown;
  if (trap != MOTE_TRAP_NONE || m3_GetRetCount(function) == 0) return 0;
  m3_GetResults(function, 1, results);
  return result;
}

enum mote_trap mote_engine_trap(void) { return trap; }
const char *mote_engine_core(void) { return core; }
uint8_t *mote_engine_memory(void) { return problem == m3Err_none && runtime != NULL ? m3_GetMemory(runtime, NULL, 0) : NULL; }
uint32_t mote_engine_memory_bytes(void) { return MOTE_MEMORY_BYTES; }
uint32_t mote_engine_heap_used(void) { return mote_heap_used(); }
uint32_t mote_engine_heap_most(void) { return mote_heap_most(); }
uint32_t mote_wasm3_dropped(void) { return dropped; }
uint32_t mote_wasm3_growth_most(void) { return growth; }
const char *mote_wasm3_problem(void) { return problem; }
uint32_t mote_wasm3_native_stack_most(void) { return (uint32_t)deepest; }

uint32_t mote_wasm3_stack_most(void) {
  const uint8_t *stack = runtime->stack;
  uint32_t bytes = MOTE_WASM3_STACK;
  while (bytes > 0 && stack[bytes - 1] == PAINT) bytes--;
  return bytes;
}

static uint32_t code_in(IM3CodePage page, int whole) {
  uint32_t lines = 0;
  for (; page != NULL; page = page->info.next) lines += whole ? page->info.numLines : page->info.lineIndex;
  return lines * (uint32_t)sizeof(code_t);
}

uint32_t mote_wasm3_code_used(void) { return code_in(runtime->pagesOpen, 0) + code_in(runtime->pagesFull, 0); }
uint32_t mote_wasm3_code_bytes(void) { return code_in(runtime->pagesOpen, 1) + code_in(runtime->pagesFull, 1); }
