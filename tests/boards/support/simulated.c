/* A board that lines on standard input play: its frames, clock, random bytes, link and the room of its driver are told, the
 * calls of an application too; what comes of each is printed. The same lines give the same answers. */

#include "engine.h"
#include "hal.h"
#include "motetcp.h"
#include "profile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE 128
#define LONGEST 1514

static uint8_t frames[QUEUE][LONGEST];
static uint32_t lengths[QUEUE];
static unsigned first, queued;
static uint32_t clock_ms;
static int link_is_up = 1;
/** Frames that the driver has room for; bytes given as random: 1 good, 0 none, 2 zeros. */
static uint32_t room = UINT32_MAX, random_kind = 1;
/** What mote_constant says of the boundary's version; 0: the truth. */
static uint32_t version;

static void print_hex(const char *what, const uint8_t *bytes, uint32_t count) {
  printf("%s ", what);
  for (uint32_t i = 0; i < count; i++) printf("%02x", bytes[i]);
  printf("\n");
}

static uint32_t parse_hex(const char *text, uint8_t *bytes, uint32_t most) {
  uint32_t count = 0;
  unsigned value;
  for (; count < most && sscanf(text, "%2x", &value) == 1; text += 2) bytes[count++] = (uint8_t)value;
  return count;
}

uint32_t __real_mote_constant(uint32_t id);
uint32_t __wrap_mote_constant(uint32_t id);
uint32_t __wrap_mote_constant(uint32_t id) {
  return version != 0 && id == MOTE_CONSTANT_ABI_VERSION ? version : __real_mote_constant(id);
}

int mote_hal_start(uint8_t mac[6]) {
  memcpy(mac, (const uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
  return 0;
}
uint32_t mote_hal_milliseconds(void) { return clock_ms; }
uint32_t mote_hal_microseconds(void) { return clock_ms * 1000; }
int mote_hal_link(void) { return link_is_up; }
void mote_hal_sleep(uint32_t milliseconds) { printf("sleep %u\n", milliseconds); }
void mote_hal_log(const char *line) { printf("log %s\n", line); }

int mote_hal_random(uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) bytes[i] = random_kind == 1 ? (uint8_t)(i * 7 + 1) : 0;
  return random_kind == 0;
}

uint32_t mote_hal_receive(uint8_t *frame, uint32_t most) {
  if (queued == 0) return 0;
  uint32_t bytes = lengths[first];
  memcpy(frame, frames[first], bytes < most ? bytes : most);
  first = (first + 1) % QUEUE;
  queued--;
  return bytes < most ? bytes : most;
}

int mote_hal_send(const uint8_t *frame, uint32_t bytes) {
  if (room == 0) return 1;
  if (room != UINT32_MAX) room--;
  print_hex("sent", frame, bytes);
  return 0;
}

static void queue_frame(const char *hex) {
  if (queued == QUEUE) abort();
  unsigned at = (first + queued++) % QUEUE;
  lengths[at] = parse_hex(hex, frames[at], LONGEST);
}

static void print_text(const char *what, int32_t result) {
  printf("%s %d %s\n", what, result, mote_error_name(result < 0 ? result : 0));
}

/** Words of a line: numbers, and what is behind them as it stands. */
static void play_call(const char *name, uint32_t a, uint32_t b, const char *text) {
  static uint8_t bytes[4096];
  const uint8_t *there;
  uint8_t *place;
  int32_t result = 0;
  if (strcmp(name, "listen") == 0) result = mote_listen(0, a, 1);
  else if (strcmp(name, "accept") == 0) result = mote_accept(a);
  else if (strcmp(name, "connect") == 0) result = mote_connect_text(text, a);
  else if (strcmp(name, "close") == 0) result = mote_close(a);
  else if (strcmp(name, "state") == 0) result = mote_handle_state(a);
  else if (strcmp(name, "error") == 0) result = mote_handle_error(a);
  else if (strcmp(name, "peek") == 0) result = mote_peek(a, &there);
  else if (strcmp(name, "lend") == 0) result = mote_lend(a, &place);
  else if (strcmp(name, "write") == 0) result = mote_write(a, text, (uint32_t)strlen(text));
  else if (strcmp(name, "fill") == 0) {
    for (uint32_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    result = mote_write(a, bytes, b);
  } else if (strcmp(name, "read") == 0) {
    result = mote_read(a, bytes, b);
    if (result > 0) print_hex("bytes", bytes, (uint32_t)result < b ? (uint32_t)result : b);
  }
#ifdef MOTE_HAS_SOCKETS
  else if (strcmp(name, "bind") == 0) result = mote_bind(MOTE_PROTOCOL_UDP, 0, a);
  else if (strcmp(name, "receive") == 0) {
    struct mote_peer from;
    char address[MOTE_ADDRESS_TEXT];
    result = mote_receive_from(a, &from, bytes, b);
    if (result >= 0) printf("from %s %u\n", mote_print_address(from.address, address), from.port);
    if (result > 0) print_hex("bytes", bytes, (uint32_t)result < b ? (uint32_t)result : b);
  } else if (strcmp(name, "send") == 0) {
    struct mote_peer to = {.address = {192, 0, 2, 10}, .port = (uint16_t)b};
    result = mote_send_to(a, &to, text, (uint32_t)strlen(text));
  } else if (strcmp(name, "long") == 0) {
    struct mote_peer to = {.address = {192, 0, 2, 10}, .port = 9};
    result = mote_send_to(a, &to, bytes, b);
  } else if (strcmp(name, "peer") == 0) {
    struct mote_peer peer = {.address = {192, 0, 2, 10}, .port = (uint16_t)b};
    result = mote_set_peer(a, b == 0 ? NULL : &peer);
  }
#endif
#ifdef MOTE_HAS_CLIENTS
  else if (strcmp(name, "server") == 0) {
    mote_put_address((const uint8_t[]){192, 0, 2, 10});
    result = mote_name_server(0, 4);
  } else if (strcmp(name, "lookup") == 0) result = mote_lookup(text);
  else if (strcmp(name, "found") == 0) {
    uint8_t addresses[4][4];
    char address[MOTE_ADDRESS_TEXT];
    result = mote_lookup_result(a, addresses, 4);
    for (int32_t i = 0; i < result; i++) printf("address %s\n", mote_print_address(addresses[i], address));
  }
#endif
  else abort();
  print_text(name, result);
}

static void start(const char *address) {
  static struct mote_settings settings = {.address = {192, 0, 2, 1}, .prefix = 24};
  if (*address != 0 && !mote_parse_address(address, settings.address)) abort();
  printf("start %d\n", mote_pump_start(&settings));
}

static void play(const char *word, const char *rest) {
  uint32_t number = (uint32_t)strtoul(rest, NULL, 10), events, handle;
  uint8_t own[4];
  char name[16] = "", text[MOTE_ADDRESS_TEXT];
  unsigned a = 0, b = 0;
  int at = 0;
  if (strcmp(word, "start") == 0) start(rest);
  else if (strcmp(word, "turn") == 0) printf("turn %d\n", mote_pump_turn());
  else if (strcmp(word, "sleep") == 0) mote_pump_sleep();
  else if (strcmp(word, "sleep-for") == 0) mote_pump_sleep_for(number);
  else if (strcmp(word, "frame") == 0) queue_frame(rest);
  else if (strcmp(word, "queued") == 0) printf("queued %u\n", queued);
  else if (strcmp(word, "clock") == 0) clock_ms += number;
  else if (strcmp(word, "link") == 0) link_is_up = (int)number;
  else if (strcmp(word, "room") == 0) room = number;
  else if (strcmp(word, "random") == 0) random_kind = number;
  else if (strcmp(word, "version") == 0) version = number;
  else if (strcmp(word, "damage") == 0) memset(mote_engine_memory(), 0xff, mote_engine_memory_bytes());
  else if (strcmp(word, "trap") == 0) printf("trap %d\n", mote_engine_trap());
  else if (strcmp(word, "restarts") == 0) printf("restarts %u\n", mote_pump_restarts());
  else if (strcmp(word, "own") == 0) printf("own %s\n", mote_own_address(own) ? mote_print_address(own, text) : "none");
  else if (strcmp(word, "name") == 0) printf("name %s\n", mote_error_name((int32_t)strtol(rest, NULL, 10)));
  else if (strcmp(word, "parse") == 0) {
    printf("parse %s\n", mote_parse_address(rest, own) ? mote_print_address(own, text) : "none");
  } else if (strcmp(word, "poll") == 0) {
    while ((handle = mote_poll(&events)) != 0) printf("event %u %u\n", handle, events);
  } else if (strcmp(word, "call") == 0 && sscanf(rest, "%15s %u %u %n", name, &a, &b, &at) >= 1) {
    play_call(name, a, b, at > 0 ? rest + at : "");
  } else abort();
}

int main(void) {
  static char line[2 * LONGEST + 32];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *rest = strchr(line, ' ');
    if (rest != NULL) *rest++ = 0;
    play(line, rest == NULL ? "" : rest);
  }
  return 0;
}
