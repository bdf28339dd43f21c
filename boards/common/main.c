/* The firmware of every board: the core with its built-in services, and a console. */

#include "board.h"
#include "engine.h"
#include "firmware.h"
#include "hal.h"
#include "motetcp.h"
#include "profile.h"
#include "pump.h"

/** Where nobody has said another: of the block for tests (RFC 2544), behind which user mode is. */
static struct mote_settings settings = {.address = {198, 18, 0, 2}, .prefix = 24};

static void read_boot(void) {
  if (mote_boot.mark != MOTE_BOOT_MARK) {
#ifdef MOTE_HAS_CLIENTS
    settings.address[0] = settings.address[1] = settings.address[2] = settings.address[3] = 0;
#endif
    return;
  }
  for (int i = 0; i < 4; i++) {
    settings.address[i] = mote_boot.address[i];
    settings.router[i] = mote_boot.router[i];
  }
  settings.prefix = mote_boot.prefix;
}

static void say(const char *name, uint32_t value) {
  mote_put_text(name);
  mote_put_number(value);
}

static void greet(void) {
  mote_put_text("\nMoteTCP on ");
  mote_put_text(mote_board_name);
  mote_put_text(", engine " MOTE_ENGINE ", profile " MOTE_PROFILE "\n");
}

/** One line about how it is, for whoever types r on the console. */
static void report(void) {
  say("up ", mote_hal_milliseconds() / 1000);
  say(" s, link ", (uint32_t)mote_hal_link());
  say(", restarts ", mote_pump_restarts());
  say(", stack ", mote_stack_used());
  say(" of ", (uint32_t)(4 * (mote_stack_top - mote_stack_low)));
  say(" bytes, heap ", mote_engine_heap_most());
  mote_put_text(" bytes\n");
}

/** 1: somebody typed. */
static int follow_console(void) {
  int key = mote_board_get();
  if (key < 0) return 0;
  if (key == 'r') report();
#ifdef MOTE_TESTING
  /* What damaged memory does: links that lead out of it. */
  if (key == 't') {
    uint8_t *memory = mote_engine_memory();
    for (uint32_t i = 0; i < mote_engine_memory_bytes(); i++) memory[i] = 0xaa;
  }
#endif
  return 1;
}

int main(void) {
  greet();
  read_boot();
  if (mote_pump_start(&settings) == 0 && mote_firmware_open() == 0) {
    mote_put_text("core ");
    mote_put_text(mote_engine_core());
    mote_put_text("\nready\n");
    for (;;) {
      if (mote_pump_turn() != 0) mote_firmware_open();
      mote_firmware_serve();
      if (!follow_console()) mote_pump_sleep();
    }
  }
  mote_put_text("stopped\n");
  for (;;) mote_hal_sleep(1000);
}
