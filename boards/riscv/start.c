/* The C part of the way to main() on RV32. */

#include "board.h"

int main(void);
void mote_riscv_run(void);
void mote_riscv_fault(uint32_t cause, uint32_t at, uint32_t value);

void mote_riscv_run(void) {
  mote_board_start();
  mote_stack_paint();
  main();
}

/** A bug of the board's C: says where to look, and stays. */
void mote_riscv_fault(uint32_t cause, uint32_t at, uint32_t value) {
  mote_put_text("fault: mcause ");
  mote_put_number(cause);
  mote_put_text(", mepc ");
  mote_put_number(at);
  mote_put_text(", mtval ");
  mote_put_number(value);
  mote_put_text("\n");
  for (;;) continue;
}
