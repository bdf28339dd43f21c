/* A client that stays: it opens a connection, sends a line each second, and opens another when that is refused, lost or
 * closed. It waits between tries, longer each time up to a minute, so that many boards do not press a server that comes
 * back. Nothing here is Linux's: the same file runs on a microcontroller. */

#include "reconnect.h"
#include <string.h>

#define LINE_EVERY_MS 1000u
#define FIRST_PAUSE_MS 500u
#define LONGEST_PAUSE_MS 60000u
/** A server that is gone without a word is noticed after so long: data without an answer. */
#define USER_TIMEOUT_SECONDS 20u

static struct {
  uint8_t address[4];
  uint32_t port;
  uint32_t handle; /* 0: none */
  int is_open;
  uint32_t pause_ms;
  uint32_t due_ms; /* of the next line, or of the next try */
  uint32_t lines;
  /** The line that is on its way to the send ring, and how much of it is there. */
  char line[24];
  uint32_t length, sent;
} client;

static void say(const char *what, const char *more) {
  char line[80], *end = mote_append_text(line, what);
  mote_append_text(end, more);
  reconnect_say(line);
}

/** Longer each time, and by up to a quarter as the clock just stands, so that boards do not come all at once. */
static void wait_to_try(const char *why) {
  uint32_t now = mote_pump_milliseconds();
  client.handle = 0;
  client.is_open = 0;
  client.due_ms = now + client.pause_ms + now % (client.pause_ms / 4);
  client.pause_ms = client.pause_ms < LONGEST_PAUSE_MS / 2 ? 2 * client.pause_ms : LONGEST_PAUSE_MS;
  say("no connection: ", why);
}

static void try_to_connect(void) {
  int32_t handle = mote_connect_to(client.address, client.port);
  if (handle <= 0) {
    wait_to_try(mote_error_name(handle));
    return;
  }
  client.handle = (uint32_t)handle;
  mote_set_option(client.handle, MOTE_OPTION_R2_SECONDS, USER_TIMEOUT_SECONDS);
}

/** As much as there is room for; the rest follows with the event WRITABLE. */
static void send_rest(void) {
  int32_t count = mote_write(client.handle, client.line + client.sent, client.length - client.sent);
  if (count > 0) client.sent += (uint32_t)count;
}

/** While the last line waits for room no other is made: the server will not want them all at once later. */
static void send_line(void) {
  client.due_ms += LINE_EVERY_MS;
  if (client.sent < client.length) return;
  char *end = mote_append_number(mote_append_text(client.line, "line "), client.lines++);
  client.length = (uint32_t)(mote_append_text(end, "\n") - client.line);
  client.sent = 0;
  send_rest();
}

static void on_connected(void) {
  client.is_open = 1;
  client.pause_ms = FIRST_PAUSE_MS;
  client.due_ms = mote_pump_milliseconds();
  client.length = client.sent = 0;
  say("connected", "");
}

/** What the server says is not of interest; but its end is. */
static int has_closed(void) {
  uint8_t unread[64];
  int32_t count;
  while ((count = mote_read(client.handle, unread, sizeof unread)) > 0) continue;
  return count == 0;
}

static void on_events(uint32_t events) {
  int is_over = (events & (MOTE_EVENT_CLOSED | MOTE_EVENT_ERROR)) != 0;
  if (events & MOTE_EVENT_CONNECTED) on_connected();
  if (events & MOTE_EVENT_WRITABLE) send_rest();
  if ((events & MOTE_EVENT_READABLE) && has_closed()) is_over = 1;
  if (!is_over) return;
  int32_t error = mote_handle_error(client.handle);
  mote_close(client.handle);
  wait_to_try(error > 0 ? mote_error_name(error) : "closed by the server");
}

void reconnect(const uint8_t server[4], uint32_t port) {
  uint32_t handle, events;
  memcpy(client.address, server, 4);
  client.port = port;
  client.pause_ms = FIRST_PAUSE_MS;
  client.due_ms = mote_pump_milliseconds();
  for (;;) {
    if (mote_pump_turn() != 0) wait_to_try("the core was started anew");
    while ((handle = mote_poll(&events)) != 0) {
      if (handle == client.handle) on_events(events);
    }
    if (client.handle != 0 && !client.is_open) { /* the handshake has a timer of its own */
      mote_pump_sleep();
      continue;
    }
    int32_t left = (int32_t)(client.due_ms - mote_pump_milliseconds()); /* the clock wraps */
    if (left > 0) mote_pump_sleep_for((uint32_t)left);
    else if (client.is_open) send_line();
    else try_to_connect();
  }
}
