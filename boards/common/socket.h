/* Sockets over the calls of motetcp.h, which includes this: what has to be copied, and where addresses and names are put.
 * mote_listen, mote_accept, mote_shutdown, mote_close, mote_abort and mote_set_option are those of motetcp.h itself.
 *
 * One task calls all of it, the pump's. Interrupts only queue frames and wake that task (hal.h): no call here or in
 * motetcp.h may come from an interrupt, a callback of a driver or a second task, not even while the pump sleeps.
 *
 * No call waits. What would have to wait says so (-MOTE_EAGAIN, or 0 bytes written), and an event tells when to try
 * again. Nothing leaves before the next mote_pump_turn. Beside copying its bytes a call does a constant amount of work,
 * unless it says otherwise; docs/abi.md has the worst case of each call of motetcp.h.
 *
 * Addresses are IPv4 in network order, ports 1 to 65535 in the machine's. Errors are negated numbers of enum mote_errno,
 * in each case: -MOTE_EBADF: not a handle, or no longer one. */
#ifndef MOTE_SOCKET_H
#define MOTE_SOCKET_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Events */

/** The next handle to which something has happened, and what: bits of enum mote_event. 0: nothing more. After each turn
 * of the pump, until it is 0. The same handle may come again with more bits later; one that was closed never does. */
uint32_t mote_poll(uint32_t *events);

/* Connections */

/** Opens a connection to an address, or to one as text ("198.18.0.1"). A handle, in SYN-SENT: event CONNECTED follows, or
 * ERROR, and mote_handle_error says which. Below 0: as mote_connect; of text that is no address -MOTE_EINVAL. Work: as
 * many ports as have to be tried. */
int32_t mote_connect_to(const uint8_t address[4], uint32_t port);
int32_t mote_connect_text(const char *address, uint32_t port);

/** Copies bytes that have come, `most` at most (1 or more). 0: the peer has sent everything. Below 0: -MOTE_EAGAIN: none
 * now (event READABLE follows); else what ended the connection. */
int32_t mote_read(uint32_t handle, void *bytes, uint32_t most);

/** Copies bytes to be sent, as many as there is room for: the number of them. 0: no room now (event WRITABLE follows):
 * the peer takes no more, or all send rings are lent. Below 0: -MOTE_ENOTCONN: not open yet; -MOTE_EPIPE: after
 * mote_shutdown; else what ended the connection. Work: when rings had run out, all connections are looked at. */
int32_t mote_write(uint32_t handle, const void *bytes, uint32_t count);

/** The same without copying: how many bytes can be read at, or written to, `*bytes`, which is good until the next call of
 * anything; then mote_consume or mote_commit says how many were (0 to all). Errors as above; -MOTE_EAGAIN and
 * -MOTE_ENOBUFS of mote_lend: no room now. One in the middle of the ring may be lent only up to its end: what lies behind
 * is lent the next time. */
int32_t mote_peek(uint32_t handle, const uint8_t **bytes);
int32_t mote_lend(uint32_t handle, uint8_t **bytes);

/** enum mote_state of a connection or listener. */
int32_t mote_handle_state(uint32_t handle);

/** What ended a connection, or a soft error since its last progress: of enum mote_errno, above 0. 0: nothing. */
int32_t mote_handle_error(uint32_t handle);

/** The first of the board's own addresses that is in use: 1. 0: there is none (yet): event LEASE, on the interface's
 * handle, or ADDRESS tells of changes. Work: all own addresses. */
int mote_own_address(uint8_t address[4]);

/* Arguments of other calls of motetcp.h */

/** Puts an address into ADDRESS_BUFFER for the next call that takes one, with length 4: mote_join, mote_leave,
 * mote_name_server, mote_time_server, mote_interface_router, mote_address_add. */
void mote_put_address(const uint8_t address[4]);

/** Puts a text into NAME_BUFFER for the next call that takes one (mote_host_name, mote_publish), and returns its length,
 * which the call wants; 0: it is longer than 255 characters or the profile has no names. */
uint32_t mote_put_name(const char *name);

/* Datagrams: profiles with sockets (MOTE_HAS_SOCKETS), not tiny */

/** Protocols of mote_bind. */
enum mote_protocol { MOTE_PROTOCOL_ECHO = 1, MOTE_PROTOCOL_UDP = 17 };

struct mote_peer {
  uint8_t address[4];
  uint16_t port;
};

/** From now on only this peer is heard, and mote_write sends to it; NULL: anybody, again. Errors: -MOTE_EINVAL. */
int32_t mote_set_peer(uint32_t handle, const struct mote_peer *peer);

/** Queues one datagram of 0 bytes or more; to == NULL: to the peer of mote_set_peer. The number of bytes, or below 0:
 * -MOTE_EAGAIN: no room now (event WRITABLE follows); -MOTE_ENOBUFS: no send ring is free, try again later;
 * -MOTE_EMSGSIZE: it never fits; -MOTE_EDESTADDRREQ, -MOTE_EACCES (a broadcast without the option), -MOTE_ENETUNREACH;
 * an ICMP error about the peer, once. */
int32_t mote_send_to(uint32_t handle, const struct mote_peer *to, const void *bytes, uint32_t count);

/** Takes one datagram: its bytes, of which `most` at most are copied. The rest of a longer one is lost: the result is more
 * than `most` then. from may be NULL. Below 0: -MOTE_EAGAIN: none now (event READABLE follows); an ICMP error about the
 * peer, once. On a socket mote_read and mote_write are the same without the address. */
int32_t mote_receive_from(uint32_t handle, struct mote_peer *from, void *bytes, uint32_t most);

/* Names: profiles with clients (MOTE_HAS_CLIENTS), not tiny */

/** Asks for the addresses of a name, 1 to 253 characters. A handle: event READABLE when there are some, ERROR when it has
 * failed; mote_close ends it, then or earlier. Below 0: as mote_resolve: -MOTE_ENETUNREACH: no name server is known.
 * Work: all lookups. */
int32_t mote_lookup(const char *name);

/** What was found, `most` addresses at most: how many. Below 0: -MOTE_EAGAIN: nothing yet; -MOTE_ENOTFOUND,
 * -MOTE_ENODATA, -MOTE_ESERVFAIL, -MOTE_ETIMEDOUT: it has failed. */
int32_t mote_lookup_result(uint32_t handle, uint8_t (*addresses)[4], uint32_t most);

#ifdef __cplusplus
}
#endif

#endif
