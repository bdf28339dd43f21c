/* The form of wasm3's code in memory. As published it is words as wide as a pointer: on a 32-bit processor four bytes
 * for each operation and each number of a slot. Here it is units of 16 bits: one for a slot, one for an operation (half
 * the distance of its function from another one; two units where pointers have 64 bits), and as many as a pointer or
 * number needs. tools/lib/wasm3Edits.mjs puts these in wasm3's places. */
#ifndef MOTE_WASM3_CODE_H
#define MOTE_WASM3_CODE_H

#include <stdint.h>

typedef uint16_t mote_unit;

#if UINTPTR_MAX == UINT32_MAX
typedef int16_t mote_distance;
#define MOTE_DISTANCE_SCALE 2
#else
typedef int32_t mote_distance;
#define MOTE_DISTANCE_SCALE 1
#endif

#define MOTE_UNITS(type) (sizeof(type) / sizeof(mote_unit))
#define MOTE_OP_UNITS MOTE_UNITS(mote_distance)
/** The longest operation, an indirect call (two slots, two pointers), and the jump to the next page behind it. */
#define MOTE_LONGEST_OP (2 * MOTE_OP_UNITS + 2 + 3 * MOTE_UNITS(void *))

/** A value in the code, which lies at a multiple of two bytes. */
#define MOTE_PLACE(type, at) \
  (((struct { type value; } __attribute__((packed, aligned(2), may_alias)) *)(uintptr_t)(at))->value)

/** Reads what an operation is followed by. */
#define MOTE_NEXT(type, pc) ({ pc_t at_ = (pc); (pc) += MOTE_UNITS(type); MOTE_PLACE(type, at_); })

/** From where distances are counted: a function of wasm3's, so that its operations are near. */
#define MOTE_ORIGIN ((uintptr_t)&CompileFunction)
#define MOTE_OPERATION(pc) \
  ((IM3Operation)(MOTE_ORIGIN + (uintptr_t)((intptr_t)MOTE_PLACE(mote_distance, pc) * MOTE_DISTANCE_SCALE)))
#define MOTE_DISTANCE(op) ((intptr_t)((uintptr_t)(op) - MOTE_ORIGIN) / MOTE_DISTANCE_SCALE)
#define MOTE_SET_OPERATION(pc, op) (MOTE_PLACE(mote_distance, pc) = (mote_distance)MOTE_DISTANCE(op))

/** 1: the operation can be told by its distance. NULL stands in code that cannot be reached. */
#define MOTE_IS_NEAR(op) \
  ((op) == NULL || (MOTE_DISTANCE(op) == (mote_distance)MOTE_DISTANCE(op) && \
                    (uintptr_t)(op) - MOTE_ORIGIN == (uintptr_t)(MOTE_DISTANCE(op) * MOTE_DISTANCE_SCALE)))

/** Appends to a page that has room. */
#define MOTE_EMIT(page, type, given) \
  do { \
    MOTE_PLACE(type, &(page)->code[(page)->info.lineIndex]) = (type)(given); \
    (page)->info.lineIndex += MOTE_UNITS(type); \
  } while (0)
#define MOTE_EMIT_OPERATION(page, op) MOTE_EMIT(page, mote_distance, (op) == NULL ? 0 : MOTE_DISTANCE(op))

#endif
