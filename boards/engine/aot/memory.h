/* Loads, stores, fills and copies of the core, each with an exact check in 32 bits: the checks of wasm2c are in
 * 64 bits and read size and base of the memory again after each store, which costs four times as much on a
 * 32-bit processor. tools/lib/aheadOfTime.mjs puts these calls in place of those. */
#ifndef MOTE_AOT_MEMORY_H
#define MOTE_AOT_MEMORY_H

/** MOTE_MEMORY_BYTES: set by the generated file that includes this. */
extern uint8_t mote_memory_area[MOTE_MEMORY_BYTES];

#define MOTE_INLINE static inline __attribute__((always_inline, unused))

MOTE_INLINE void mote_check(u32 at, u32 offset, u32 bytes) {
  if (UNLIKELY(offset > MOTE_MEMORY_BYTES - bytes || at > MOTE_MEMORY_BYTES - bytes - offset)) TRAP(OOB);
}

#define MOTE_LOAD(name, stored, widened, type)              \
  MOTE_INLINE type mote_##name(u32 at, u32 offset) {        \
    stored value;                                           \
    mote_check(at, offset, sizeof value);                   \
    wasm_rt_memcpy(&value, mote_memory_area + at + offset, sizeof value); \
    return (type)(widened)value;                            \
  }
#define MOTE_STORE(name, stored, type)                      \
  MOTE_INLINE void mote_##name(u32 at, u32 offset, type given) { \
    stored value = (stored)given;                           \
    mote_check(at, offset, sizeof value);                   \
    wasm_rt_memcpy(mote_memory_area + at + offset, &value, sizeof value); \
  }

MOTE_LOAD(i32_load, u32, u32, u32)
MOTE_LOAD(i32_load8_s, s8, s32, u32)
MOTE_LOAD(i32_load8_u, u8, u32, u32)
MOTE_LOAD(i32_load16_s, s16, s32, u32)
MOTE_LOAD(i32_load16_u, u16, u32, u32)
MOTE_LOAD(i64_load, u64, u64, u64)
MOTE_LOAD(i64_load8_s, s8, s64, u64)
MOTE_LOAD(i64_load8_u, u8, u64, u64)
MOTE_LOAD(i64_load16_s, s16, s64, u64)
MOTE_LOAD(i64_load16_u, u16, u64, u64)
MOTE_LOAD(i64_load32_s, s32, s64, u64)
MOTE_LOAD(i64_load32_u, u32, u64, u64)
MOTE_STORE(i32_store, u32, u32)
MOTE_STORE(i32_store8, u8, u32)
MOTE_STORE(i32_store16, u16, u32)
MOTE_STORE(i64_store, u64, u64)
MOTE_STORE(i64_store8, u8, u64)
MOTE_STORE(i64_store16, u16, u64)
MOTE_STORE(i64_store32, u32, u64)

/** A run of bytes: those of fills and copies may be none, at the very end too. */
MOTE_INLINE void mote_check_run(u32 at, u32 bytes) {
  if (UNLIKELY(bytes > MOTE_MEMORY_BYTES || at > MOTE_MEMORY_BYTES - bytes)) TRAP(OOB);
}

MOTE_INLINE void mote_memory_fill(u32 at, u32 value, u32 bytes) {
  mote_check_run(at, bytes);
  memset(mote_memory_area + at, (int)value, bytes);
}

MOTE_INLINE void mote_memory_copy(u32 to, u32 from, u32 bytes) {
  mote_check_run(to, bytes);
  mote_check_run(from, bytes);
  memmove(mote_memory_area + to, mote_memory_area + from, bytes);
}

#endif
