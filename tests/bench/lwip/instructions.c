/* Hands frames to lwIP on the board mps2-an385 and says what each takes, in ticks: pings until they are answered,
 * in-order segments until they are acknowledged. What the application does with the data is not counted, nor the copy of
 * a frame into lwIP's buffer. */

#include "board.h"
#include "lwip/etharp.h"
#include "lwip/inet_chksum.h"
#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "netif/ethernet.h"
#include <string.h>

#define ETHERNET 14
#define IP 20
#define TCP 20
#define SHORTEST 60
#define ROUNDS 5
#define SYN 2
#define ACK 16
#define PSH 8

static struct netif interface;
static struct tcp_pcb *connection;
static struct pbuf *held;
static uint8_t frame[1600], sent[1600];
static uint32_t frames_sent, state, overhead;
static uint32_t sequence = 1000, acknowledged;

u32_t sys_now(void) { return 0; }
unsigned bench_random(void) { return state = state * 1103515245u + 12345u; }

static err_t send_frame(struct netif *to, struct pbuf *packet) {
  (void)to;
  pbuf_copy_partial(packet, sent, packet->tot_len, 0);
  frames_sent++;
  return ERR_OK;
}

static err_t start(struct netif *to) {
  to->mtu = 1500;
  to->hwaddr_len = 6;
  to->hwaddr[0] = 2;
  to->flags = NETIF_FLAG_ETHARP | NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
  to->output = etharp_output;
  to->linkoutput = send_frame;
  return ERR_OK;
}

static err_t hold(void *unused, struct tcp_pcb *from, struct pbuf *packet, err_t error) {
  (void)unused;
  (void)from;
  (void)error;
  held = packet;
  return ERR_OK;
}

static err_t accept(void *unused, struct tcp_pcb *opened, err_t error) {
  (void)unused;
  (void)error;
  connection = opened;
  tcp_recv(opened, hold);
  return ERR_OK;
}

/** Ticks of the processing of a frame. */
static uint32_t input(uint32_t bytes) {
  if (bytes < SHORTEST) bytes = SHORTEST;
  struct pbuf *packet = pbuf_alloc(PBUF_RAW, bytes, PBUF_POOL);
  pbuf_take(packet, frame, bytes);
  uint32_t before = mote_board_ticks();
  interface.input(packet, &interface);
  return mote_board_ticks() - before - overhead;
}

static void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}

static void put_headers(uint32_t payload, uint8_t protocol) {
  static const uint8_t ethernet[ETHERNET] = {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 8, 0};
  static const uint8_t addresses[8] = {198, 18, 0, 1, 198, 18, 0, 2};
  uint8_t *ip = frame + ETHERNET;
  memcpy(frame, ethernet, ETHERNET);
  memset(ip, 0, IP);
  ip[0] = 0x45;
  put16(ip + 2, IP + payload);
  ip[8] = 64;
  ip[9] = protocol;
  memcpy(ip + 12, addresses, sizeof addresses);
  uint16_t sum = inet_chksum(ip, IP);
  memcpy(ip + 10, &sum, 2);
}

static uint32_t ping(uint32_t bytes) {
  uint8_t *icmp = frame + ETHERNET + IP;
  memset(icmp, 0, 8);
  icmp[0] = 8;
  memset(icmp + 8, 0x5a, bytes);
  uint16_t sum = inet_chksum(icmp, (uint16_t)(8 + bytes));
  memcpy(icmp + 2, &sum, 2);
  put_headers(8 + bytes, 1);
  return input(ETHERNET + IP + 8 + bytes);
}

static void sum_segment(uint8_t *tcp, uint32_t bytes) {
  const uint8_t *addresses = frame + ETHERNET + 12;
  uint32_t sum = 6 + bytes;
  for (int i = 0; i < 8; i += 2) sum += (uint32_t)addresses[i] << 8 | addresses[i + 1];
  for (uint32_t i = 0; i < bytes; i++) sum += (uint32_t)tcp[i] << (i & 1 ? 0 : 8);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  put16(tcp + 16, ~sum);
}

static uint32_t segment(uint8_t flags, uint32_t bytes) {
  uint8_t *tcp = frame + ETHERNET + IP;
  memset(tcp, 0, TCP);
  put16(tcp, 4096);
  put16(tcp + 2, 7);
  put32(tcp + 4, sequence);
  put32(tcp + 8, acknowledged);
  tcp[12] = 0x50;
  tcp[13] = flags;
  put16(tcp + 14, 10000);
  memset(tcp + TCP, 'x', bytes);
  put_headers(TCP + bytes, 6);
  sum_segment(tcp, TCP + bytes);
  return input(ETHERNET + IP + TCP + bytes);
}

/** Ticks until an in-order segment is acknowledged, at once or by the timer for delayed ACKs. */
static uint32_t data(uint32_t bytes) {
  uint32_t before = frames_sent, ticks = segment(PSH | ACK, bytes);
  sequence += bytes;
  if (frames_sent == before) {
    uint32_t at = mote_board_ticks();
    tcp_fasttmr();
    ticks += mote_board_ticks() - at - overhead;
  }
  if (frames_sent == before || held == NULL) mote_put_text("not acknowledged\n");
  if (held != NULL) {
    tcp_recved(connection, held->tot_len);
    pbuf_free(held);
    held = NULL;
  }
  return ticks;
}

static void say(const char *name, uint32_t bytes, uint32_t (*work)(uint32_t)) {
  uint32_t least = ~0u;
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t ticks = work(bytes);
    if (ticks < least) least = ticks;
  }
  mote_put_text(name);
  mote_put_number(bytes);
  mote_put_text(": ");
  mote_put_number(least);
  mote_put_text("\n");
}

static void open(void) {
  static const uint8_t request[42] = {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 8, 6,   0,  1, 8, 0, 6, 4,   0,
                                      1, 2, 0, 0, 0, 0, 2, 198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 198, 18, 0, 2};
  memcpy(frame, request, sizeof request);
  input(sizeof request);
  segment(SYN, 0);
  sequence++;
  for (int i = 0; i < 4; i++) acknowledged = acknowledged << 8 | sent[ETHERNET + IP + 4 + i];
  acknowledged++;
  segment(ACK, 0);
}

int main(void) {
  ip4_addr_t address, mask, router;
  IP4_ADDR(&address, 198, 18, 0, 2);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&router, 0, 0, 0, 0);
  lwip_init();
  netif_add(&interface, &address, &mask, &router, NULL, start, ethernet_input);
  netif_set_up(&interface);
  struct tcp_pcb *listener = tcp_new();
  tcp_bind(listener, IP_ADDR_ANY, 7);
  tcp_accept(tcp_listen(listener), accept);
  uint32_t before = mote_board_ticks();
  overhead = mote_board_ticks() - before;
  open();
  say("ping ", 56, ping);
  say("ping ", 1400, ping);
  static const uint32_t sizes[] = {1, 64, 536, 1460};
  for (int i = 0; i < 4; i++) say("segment ", sizes[i], data);
  mote_put_text("end\n");
  for (;;) continue;
}
