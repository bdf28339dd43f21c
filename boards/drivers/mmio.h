/* Registers of a device in memory. With MOTE_SIMULATED there is no device: whoever compiles brings these functions. */
#ifndef MOTE_MMIO_H
#define MOTE_MMIO_H

#include <stdint.h>

#ifdef MOTE_SIMULATED
uint32_t mote_mmio_read(uintptr_t address);
uint16_t mote_mmio_read16(uintptr_t address);
void mote_mmio_write(uintptr_t address, uint32_t value);
#else
static inline uint32_t mote_mmio_read(uintptr_t address) { return *(volatile uint32_t *)address; }
static inline uint16_t mote_mmio_read16(uintptr_t address) { return *(volatile uint16_t *)address; }
static inline void mote_mmio_write(uintptr_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
#endif

/** What stands before is done before what stands after, in memory and in registers, also as a device sees it. */
static inline void mote_mmio_barrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

#endif
