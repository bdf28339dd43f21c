/* From reset to C on RV32: stack, global pointer, data, zeroes. The linker script names the places. */
.section .text.entry, "ax"
.global _start
_start:
.option push
.option norelax
  la gp, __global_pointer$
.option pop
  la sp, mote_stack_top
  la t0, trap
  csrw mtvec, t0
  la a0, mote_data_start
  la a1, mote_data_source
  la a2, mote_data_end
1:
  bgeu a0, a2, 2f
  lw a3, 0(a1)
  sw a3, 0(a0)
  addi a0, a0, 4
  addi a1, a1, 4
  j 1b
2:
  la a0, mote_bss_start
  la a1, mote_bss_end
3:
  bgeu a0, a1, 4f
  sw zero, 0(a0)
  addi a0, a0, 4
  j 3b
4:
  call mote_riscv_run
5:
  j 5b

.section .text.trap, "ax"
.balign 256
trap:
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call mote_riscv_fault
