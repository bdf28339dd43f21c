/* This machine as a board with a console: its standard input and output. For the probe (boards/common/probe.c). */

#define _GNU_SOURCE
#include "board.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

const char mote_board_name[] = "posix";

void mote_board_start(void) {}

void mote_board_put(uint8_t byte) {
  putchar(byte);
}

/** Whoever waits for what comes next has to have what went out before. Without a console there is nothing to do. */
int mote_board_get(void) {
  static uint8_t bytes[4096];
  static ssize_t there, taken;
  if (taken == there) {
    fflush(stdout);
    there = read(STDIN_FILENO, bytes, sizeof bytes);
    taken = 0;
    if (there <= 0) _exit(0);
  }
  return bytes[taken++];
}

/** Nanoseconds: this machine counts no instructions. */
uint32_t mote_board_ticks(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint32_t)((uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec);
}

/** The system looks after the stack. */
uint32_t mote_stack_used(void) { return 0; }
