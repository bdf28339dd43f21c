/* How wasm3 0.5.0 is configured. Its sources are compiled with `-include config.h` as they are; engine.c includes this
 * before wasm3's headers, because sizes of records depend on it. docs/boards.md has what each choice is worth. */
#ifndef MOTE_WASM3_CONFIG_H
#define MOTE_WASM3_CONFIG_H

#include "code.h"
#include "heap.h"
#include <stdlib.h>

#define d_m3HasFloat 0
#define d_m3NoFloatDynamic 1
#define d_m3VerboseErrorMessages 0
#define d_m3MaxLinearMemoryPages 1

/** Bytes that the M3 code grows by. */
#ifndef d_m3CodePageAlignSize
#define d_m3CodePageAlignSize 1024
#endif

/** Values and locals of one function while it is compiled; twice as many slots of four bytes. */
#ifndef d_m3MaxFunctionStackHeight
#define d_m3MaxFunctionStackHeight 128
#endif

/** Slots for a function's constants; more constants than that stand in its code. */
#ifndef d_m3MaxConstantTableSize
#define d_m3MaxConstantTableSize 64
#endif

/** Names that one function is exported by. */
#ifndef d_m3MaxDuplicateFunctionImpl
#define d_m3MaxDuplicateFunctionImpl 1
#endif

/* Behind <stdlib.h>, which has these names too. */
#define calloc(count, bytes) mote_heap_allocate((size_t)(count) * (bytes))
#define realloc(given, bytes) mote_heap_resize(given, bytes)
#define free(given) mote_heap_free(given)

#endif
