#include "pump.h"
#include "engine.h"
#include "hal.h"
#include "motetcp.h"
#include "profile.h"
#include "wipe.h"
#include <stddef.h>
#include <string.h>

#define MOTE_MTU (MOTE_FRAME_BYTES - 14)

/** Frames of one turn. */
#define BATCH 16
#define LINK_MS 100
#define ROOM_MS 1
/** The core wants to hear of the time in steps below 2^30 ms. */
#define LONGEST_SLEEP 0x20000000u
/** From a start that failed after a trap to the next, ms. */
#define PAUSE 1000u

static const struct mote_settings *settings;
static uint8_t mac[6];
static uint32_t rx_frame, tx_frame, exchange;
/** Bytes of the frame in TX_FRAME that the driver had no room for. */
static uint32_t waiting;
static int link_is_up;
/** When the link was looked at. */
static uint32_t looked_at;
static int has_looked;
/** How long until it may be asked, ms; 0: this turn has asked. */
static uint32_t look_in;
static uint32_t restarts;

static enum { NOT_STARTED, RUNNING, WAITS_FOR_START } state;
/** When the start failed that is to be tried again, ms. */
static uint32_t failed_at;

uint8_t *mote_pump_memory(void) { return mote_engine_memory(); }
uint32_t mote_pump_restarts(void) { return restarts; }

static int fail(int why, const char *line) {
  mote_hal_log(line);
  return why;
}

static void put(const void *bytes, uint32_t count) {
  memcpy(mote_engine_memory() + exchange, bytes, count);
}

static int is_given(const uint8_t address[4]) {
  return (address[0] | address[1] | address[2] | address[3]) != 0;
}

static void tell_time(void) { mote_advance(mote_hal_milliseconds(), mote_hal_microseconds()); }

/** 0: the core has its address, or looks for one. */
static int configure(void) {
  put(mac, 6);
  if (mote_interface_configure(0, MOTE_MTU) < 0) return 1;
#ifdef MOTE_HAS_CLIENTS
  if (settings->host_name != NULL) {
    uint32_t length = (uint32_t)strlen(settings->host_name);
    if (length > 63) return 1;
    memcpy(mote_engine_memory() + mote_constant(MOTE_CONSTANT_NAME_BUFFER), settings->host_name,
           length);
    if (mote_host_name(length) < 0) return 1;
  }
  if (!is_given(settings->address)) {
    return mote_interface_auto(0, MOTE_AUTO_DHCP | MOTE_AUTO_LINK_LOCAL) < 0;
  }
#endif
  put(settings->address, 4);
  if (mote_address_add(0, 4, settings->prefix, 0) < 0) return 1;
  if (!is_given(settings->router)) return 0;
  put(settings->router, 4);
  return mote_interface_router(0, 4) < 0;
}

/** 0: they are there, and not all zero, which no generator means. */
static int take_random(uint8_t *seed, uint32_t count) {
  uint8_t any = 0;
  if (mote_hal_random(seed, count) != 0) return fail(MOTE_START_RANDOM, "no random bytes: nothing may open without them");
  for (uint32_t i = 0; i < count; i++) any |= seed[i];
  return any != 0 ? 0 : fail(MOTE_START_RANDOM, "the random bytes are all zero");
}

static int check_version(void) {
  uint32_t version = mote_constant(MOTE_CONSTANT_ABI_VERSION);
  char line[80], *end;
  if (version == MOTE_ABI_VERSION) return 0;
  end = mote_append_text(line, "the module has version ");
  end = mote_append_number(end, version);
  end = mote_append_text(end, " of the boundary, motetcp.h version ");
  mote_append_number(end, MOTE_ABI_VERSION);
  return fail(MOTE_START_VERSION, line);
}

/** The core from its first call on. */
static int begin(const uint8_t seed[32]) {
  rx_frame = mote_constant(MOTE_CONSTANT_RX_FRAME);
  tx_frame = mote_constant(MOTE_CONSTANT_TX_FRAME);
  exchange = mote_constant(MOTE_CONSTANT_ADDRESS_BUFFER);
  mote_initialise();
  memcpy(mote_engine_memory() + mote_constant(MOTE_CONSTANT_ENTROPY), seed, 32);
  if (mote_seed() != 0) return fail(MOTE_START_RANDOM, "the core does not take the random bytes");
  tell_time();
  if (configure() != 0) return fail(MOTE_START_SETTINGS, "the core does not take the settings");
  /* After a trap every call has answered 0, which looks like success. */
  return mote_engine_trap() == MOTE_TRAP_NONE ? 0 : fail(MOTE_START_ENGINE, "the core traps at its start");
}

/** Random bytes come first: without them an engine that has trapped stays as it is, and answers every call with 0. */
static int start_core(void) {
  uint8_t seed[32];
  look_in = 0;
  int error = take_random(seed, sizeof seed);
  if (error != 0) return error;
  waiting = 0;
  link_is_up = has_looked = 0;
  if (mote_engine_start() != MOTE_TRAP_NONE) error = fail(MOTE_START_ENGINE, "the engine does not start");
  if (error == 0) error = check_version();
  if (error == 0) error = begin(seed);
  mote_wipe(seed, sizeof seed);
  return error;
}

int mote_pump_start(const struct mote_settings *given) {
  state = NOT_STARTED;
  int error = mote_hal_start(mac);
  if (error != 0) return fail(error, "the driver does not start");
  settings = given;
  restarts = 0;
  error = start_core();
  if (error == 0) state = RUNNING;
  return error;
}

/** To ask a PHY takes longer than to take a frame: it is asked ten times a second. Who was woken by a change of the link
 * in between sleeps no longer than until it may be asked. */
static void follow_link(void) {
  uint32_t now = mote_hal_milliseconds();
  look_in = has_looked && now - looked_at < LINK_MS ? LINK_MS - (now - looked_at) : 0;
  if (look_in != 0) return;
  has_looked = 1;
  looked_at = now;
  int up = mote_hal_link();
  if (up == link_is_up) return;
  link_is_up = up;
  mote_interface_link(0, (uint32_t)up);
}

/** 1: TX_FRAME is free again. */
static int offer(uint32_t bytes) {
  waiting = mote_hal_send(mote_engine_memory() + tx_frame, bytes) == 0 ? 0 : bytes;
  return waiting == 0;
}

/** Everything that there is to send, as far as the driver has room. */
static void flush(void) {
  uint32_t bytes;
  if (waiting != 0 && !offer(waiting)) return;
  while ((bytes = mote_transmit(0)) != 0 && offer(bytes)) continue;
}

/** A core that stands still takes no frame: the driver is to have room for those that come when it runs again. */
static void drop_frames(void) {
  uint8_t part[64];
  for (int i = 0; i < BATCH && mote_hal_receive(part, sizeof part) != 0; i++) continue;
}

static int start_anew(void) {
  if (start_core() == 0) {
    state = RUNNING;
    restarts++;
    return 1;
  }
  state = WAITS_FOR_START;
  failed_at = mote_hal_milliseconds();
  return 0;
}

/** How long to wait for the next start, ms. */
static uint32_t pause_left(void) {
  uint32_t passed = mote_hal_milliseconds() - failed_at;
  return passed < PAUSE ? PAUSE - passed : 0;
}

int mote_pump_turn(void) {
  uint32_t bytes;
  if (state != RUNNING) {
    drop_frames();
    return state == WAITS_FOR_START && pause_left() == 0 ? start_anew() : 0;
  }
  follow_link();
  tell_time();
  if (waiting != 0) flush();
  /* A reply goes into TX_FRAME: while that waits for the driver, frames wait in it. */
  for (int i = 0; i < BATCH && waiting == 0; i++) {
    if ((bytes = mote_hal_receive(mote_engine_memory() + rx_frame, MOTE_MTU + 14)) == 0) break;
    bytes = mote_receive(0, bytes);
    if (bytes != 0) offer(bytes);
  }
  /* Bounded, too: a core whose memory was damaged may never be done. */
  for (int i = 0; i < BATCH && mote_expire() != 0; i++) continue;
  flush();
  if (mote_engine_trap() == MOTE_TRAP_NONE) return 0;
  mote_hal_log("the core has trapped and starts anew");
  return start_anew();
}

void mote_pump_sleep_for(uint32_t most) {
  uint32_t milliseconds = LONGEST_SLEEP;
  if (state == WAITS_FOR_START) milliseconds = pause_left();
  else if (state == RUNNING && mote_engine_trap() != MOTE_TRAP_NONE) milliseconds = 0;
  /* No device tells when it has room again: it is asked soon, whatever the core has to do by then. */
  else if (state == RUNNING) milliseconds = waiting != 0 ? ROOM_MS : mote_next_deadline();
  if (milliseconds > LONGEST_SLEEP) milliseconds = LONGEST_SLEEP;
  if (look_in != 0 && milliseconds > look_in) milliseconds = look_in;
  mote_hal_sleep(milliseconds < most ? milliseconds : most);
}

void mote_pump_sleep(void) { mote_pump_sleep_for(LONGEST_SLEEP); }

uint32_t mote_pump_milliseconds(void) { return mote_hal_milliseconds(); }
