/* Between the engine and the generated calls. */
#ifndef MOTE_AOT_H
#define MOTE_AOT_H

#include "core.h" /* made by wasm2c */
#include "profile.h" /* made beside it: MOTE_MEMORY_BYTES */
#include <setjmp.h>

extern w2c_mote mote_instance;
extern jmp_buf mote_call;

#endif
