#include "socket.h"
#include "engine.h"
#include "motetcp.h"
#include "profile.h"
#include <stddef.h>
#include <string.h>

/** Behind the records of a lookup's addresses: its name. */
#define LOOKUP_NAME_BYTES 256u

static int is_stopped(void) { return mote_engine_trap() != MOTE_TRAP_NONE; }

static uint8_t *place_of(enum mote_constant constant) {
  return mote_engine_memory() + mote_constant(constant);
}

/** Where the span is that the core has just lent. */
static uint8_t *lent_span(void) {
  uint8_t *memory = mote_engine_memory();
  return memory + mote_u32(memory, mote_constant(MOTE_CONSTANT_SPAN_POINTER));
}

uint32_t mote_poll(uint32_t *events) {
  uint32_t handle;
  while ((handle = mote_next_event()) != 0) {
    int32_t bits = mote_take_events(handle);
    if (bits <= 0) continue; /* closed since */
    *events = (uint32_t)bits;
    return handle;
  }
  *events = 0;
  return 0;
}

void mote_put_address(const uint8_t address[4]) {
  if (!is_stopped()) memcpy(place_of(MOTE_CONSTANT_ADDRESS_BUFFER), address, 4);
}

uint32_t mote_put_name(const char *name) {
  size_t length = strlen(name);
  if (length > 255 || mote_constant(MOTE_CONSTANT_NAME_BUFFER) == 0) return 0;
  memcpy(place_of(MOTE_CONSTANT_NAME_BUFFER), name, length);
  return (uint32_t)length;
}

int32_t mote_connect_to(const uint8_t address[4], uint32_t port) {
  mote_put_address(address);
  return mote_connect(4, port, 0, 0);
}

int32_t mote_connect_text(const char *address, uint32_t port) {
  uint8_t parsed[4];
  return mote_parse_address(address, parsed) ? mote_connect_to(parsed, port) : -MOTE_EINVAL;
}

int32_t mote_peek(uint32_t handle, const uint8_t **bytes) {
  int32_t there = mote_receive_span(handle);
  if (there > 0) *bytes = lent_span();
  return there;
}

int32_t mote_lend(uint32_t handle, uint8_t **bytes) {
  int32_t room = mote_send_span(handle);
  if (room > 0) *bytes = lent_span();
  return room;
}

#ifdef MOTE_HAS_SOCKETS
static int is_connection(uint32_t handle) { return (handle & 0xffff) < mote_constant(MOTE_CONSTANT_TCBS); }
#endif

int32_t mote_read(uint32_t handle, void *bytes, uint32_t most) {
  uint32_t done = 0;
  int32_t there;
#ifdef MOTE_HAS_SOCKETS
  if (!is_connection(handle)) return mote_receive_from(handle, NULL, bytes, most);
#endif
  /* Twice at most: what stands at the end of the ring, then what stands at its beginning. */
  while ((there = mote_receive_span(handle)) > 0) {
    uint32_t part = (uint32_t)there < most - done ? (uint32_t)there : most - done;
    memcpy((uint8_t *)bytes + done, lent_span(), part);
    mote_consume(handle, part);
    done += part;
    if (done == most) return (int32_t)done;
  }
  return done != 0 ? (int32_t)done : there;
}

int32_t mote_write(uint32_t handle, const void *bytes, uint32_t count) {
  uint32_t done = 0;
  int32_t room = 0;
#ifdef MOTE_HAS_SOCKETS
  if (!is_connection(handle)) {
    room = mote_send_to(handle, NULL, bytes, count);
    return room == -MOTE_EAGAIN ? 0 : room;
  }
#endif
  while (done < count && (room = mote_send_span(handle)) > 0) {
    uint32_t part = (uint32_t)room < count - done ? (uint32_t)room : count - done;
    memcpy(lent_span(), (const uint8_t *)bytes + done, part);
    mote_commit(handle, part);
    done += part;
  }
  if (done != 0) return (int32_t)done;
  return room == -MOTE_EAGAIN || room == -MOTE_ENOBUFS ? 0 : room;
}

int32_t mote_handle_state(uint32_t handle) {
  struct mote_places places = mote_find_places();
  return mote_status(mote_engine_memory(), &places, handle);
}

int32_t mote_handle_error(uint32_t handle) {
  struct mote_places places = mote_find_places();
  return mote_error(mote_engine_memory(), &places, handle);
}

int mote_own_address(uint8_t address[4]) {
  struct mote_places places = mote_find_places();
  const uint8_t *record = mote_engine_memory() + places.address_area;
  uint32_t bytes = MOTE_ADDRESS_BYTES + places.address_bytes;
  for (uint32_t i = 0; i < places.addresses; i++, record += bytes) {
    const uint8_t *last = record + bytes - 4;
    if (record[MOTE_ADDRESS_STATE_AT] != MOTE_ADDRESS_STATE_VALID || last[0] == 127) continue;
    memcpy(address, last, 4);
    return 1;
  }
  return 0;
}

#ifdef MOTE_HAS_SOCKETS

int32_t mote_set_peer(uint32_t handle, const struct mote_peer *peer) {
  if (peer == NULL) return mote_associate(handle, 0, 0);
  mote_put_address(peer->address);
  return mote_associate(handle, 4, peer->port);
}

int32_t mote_send_to(uint32_t handle, const struct mote_peer *to, const void *bytes, uint32_t count) {
  uint32_t head = MOTE_DATAGRAM_BYTES + mote_constant(MOTE_CONSTANT_ADDRESS_BYTES);
  uint32_t ring = mote_constant(MOTE_CONSTANT_SEND_RING_BYTES);
  int32_t result = mote_send_span(handle);
  if (result <= 0) return result;
  if (count > (uint32_t)result || head + count > (uint32_t)result) {
    mote_commit(handle, 0); /* gives a ring back that holds nothing */
    /* Room comes when all has left; where all has left there will never be more. */
    return (uint32_t)result + 4 >= ring ? -MOTE_EMSGSIZE : -MOTE_EAGAIN;
  }
  uint8_t *span = lent_span();
  uint32_t port = to == NULL ? 0 : to->port;
  span[MOTE_DATAGRAM_PORT_AT] = (uint8_t)port;
  span[MOTE_DATAGRAM_PORT_AT + 1] = (uint8_t)(port >> 8);
  if (to == NULL) memset(span + head - 4, 0, 4);
  else memcpy(span + head - 4, to->address, 4);
  if (count != 0) memcpy(span + head, bytes, count);
  result = mote_commit(handle, head + count);
  return result < 0 ? result : (int32_t)count;
}

int32_t mote_receive_from(uint32_t handle, struct mote_peer *from, void *bytes, uint32_t most) {
  uint32_t head = MOTE_DATAGRAM_BYTES + mote_constant(MOTE_CONSTANT_ADDRESS_BYTES);
  int32_t result = mote_receive_span(handle);
  if (result <= 0) return result;
  const uint8_t *span = lent_span();
  uint32_t count = mote_u16(span, MOTE_DATAGRAM_LENGTH_AT);
  if (from != NULL) {
    memcpy(from->address, span + head - 4, 4);
    from->port = (uint16_t)mote_u16(span, MOTE_DATAGRAM_PORT_AT);
  }
  if (count < most) most = count;
  if (most != 0) memcpy(bytes, span + head, most);
  mote_consume(handle, (uint32_t)result);
  return (int32_t)count;
}

#endif

#ifdef MOTE_HAS_CLIENTS

int32_t mote_lookup(const char *name) {
  uint32_t length = mote_put_name(name);
  return length == 0 ? -MOTE_EINVAL : mote_resolve(length);
}

/** The record of a living lookup, or NULL. */
static const uint8_t *lookup_record(uint32_t handle) {
  struct mote_places places = mote_find_places();
  const uint8_t *memory = mote_engine_memory();
  uint32_t slot = handle & 0xffff;
  uint32_t first = places.tcbs + places.listeners + places.addresses + mote_constant(MOTE_CONSTANT_SOCKETS) +
                   mote_constant(MOTE_CONSTANT_INTERFACES);
  if (slot < first || slot - first >= mote_constant(MOTE_CONSTANT_LOOKUPS)) return NULL;
  if ((mote_u16(memory, places.event_area + 2 * slot) & MOTE_READING_OPEN) == 0) return NULL;
  if (mote_u16(memory, places.generation_area + 2 * slot) != handle >> 16) return NULL;
  uint32_t bytes = MOTE_LOOKUP_BYTES + MOTE_READING_LOOKUP_ADDRESSES * places.address_bytes + LOOKUP_NAME_BYTES;
  return place_of(MOTE_CONSTANT_LOOKUP_AREA) + (slot - first) * bytes;
}

int32_t mote_lookup_result(uint32_t handle, uint8_t (*addresses)[4], uint32_t most) {
  const uint8_t *record = lookup_record(handle);
  if (record == NULL) return -MOTE_EBADF;
  if (record[MOTE_LOOKUP_ERROR_AT] != 0) return -(int32_t)record[MOTE_LOOKUP_ERROR_AT];
  uint32_t count = record[MOTE_LOOKUP_ADDRESSES_AT];
  if (count == 0) return -MOTE_EAGAIN;
  if (count > MOTE_READING_LOOKUP_ADDRESSES) count = MOTE_READING_LOOKUP_ADDRESSES;
  if (count > most) count = most;
  uint32_t bytes = mote_constant(MOTE_CONSTANT_ADDRESS_BYTES);
  for (uint32_t i = 0; i < count; i++) {
    memcpy(addresses[i], record + MOTE_LOOKUP_BYTES + (i + 1) * bytes - 4, 4);
  }
  return (int32_t)count;
}

#endif
