#ifndef MOTE_CORTEX_M_H
#define MOTE_CORTEX_M_H

#include <stdint.h>

/** Waits so many ms, or until a device has something to say: `irq` wakes, `is_due` is then asked. MOTE_CLOCK_HZ, the
 * processor's clock, is set by the build. */
void mote_cortex_m_sleep(uint32_t ms, uint32_t irq, int (*is_due)(void));

#endif
