#include "board.h"
#include "hal.h"

void mote_put_text(const char *text) {
  for (; *text != 0; text++) {
    if (*text == '\n') mote_board_put('\r');
    mote_board_put((uint8_t)*text);
  }
}

void mote_put_number(uint32_t value) {
  char digits[11];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  mote_put_text(at);
}

void mote_hal_log(const char *line) {
  mote_put_text(line);
  mote_put_text("\n");
}
