/* What firmware asks of a microcontroller's board, beside hal.h: its console and a counter. And what boards share:
 * what they are told at boot, how deep the stack went. */
#ifndef MOTE_BOARD_H
#define MOTE_BOARD_H

#include <stdint.h>

/** Name of the board, as in its folder. */
extern const char mote_board_name[];

/** Clocks and console, before anything else. */
void mote_board_start(void);

/** The console: waits until the byte is taken. */
void mote_board_put(uint8_t byte);

/** The next byte that came on the console; -1: none. */
int mote_board_get(void);

/** A counter that runs all the time and wraps at 2^32: instructions or cycles, for measurements. */
uint32_t mote_board_ticks(void);

/** Where the stack ends, and where it starts: set by the linker script. */
extern uint32_t mote_stack_low[], mote_stack_top[];

/** What a board is told before it boots: by the emulator, or by who flashes it. At the start of RAM or in a page of
 * flash; without the mark it says nothing. */
struct mote_boot {
  uint32_t mark;
  /** From a true random generator, for this board alone. Never all zeros. */
  uint8_t seed[32];
  /** As in struct mote_settings (pump.h). */
  uint8_t address[4];
  uint8_t router[4];
  uint8_t prefix;
  /** The last three bytes of the MAC: boards on one Ethernet must differ. */
  uint8_t station[3];
};
#define MOTE_BOOT_MARK 0x65746f6du

extern struct mote_boot mote_boot;

/** A MAC of the board's own: locally administered, "mo", and what the board was told. */
void mote_boot_mac(uint8_t mac[6]);

/** The seed is spread over as many bytes as are asked for; it is replaced each time, so that what was given out cannot
 * be computed from what is left. 0, or 1: the board was told none. */
int mote_boot_random(uint8_t *bytes, uint32_t count);

/** Fills the unused part of the stack; later, how many bytes of it were ever used. */
void mote_stack_paint(void);
uint32_t mote_stack_used(void);

/** Text on the console. */
void mote_put_text(const char *text);
void mote_put_number(uint32_t value);

#endif
