/* An application as small as can be: what it is given it sends back. For the size of what it is linked with. */

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

/** Filled and emptied by nobody: stands for a driver. */
static volatile unsigned char frame[1514];
static volatile unsigned frame_bytes, milliseconds, state;

u32_t sys_now(void) { return milliseconds; }
unsigned bench_random(void) { return state = state * 1103515245u + 12345u; }

static err_t send_frame(struct netif *interface, struct pbuf *packet) {
  (void)interface;
  frame_bytes = pbuf_copy_partial(packet, (void *)frame, packet->tot_len, 0);
  return ERR_OK;
}

static err_t start(struct netif *interface) {
  interface->mtu = 1500;
  interface->hwaddr_len = 6;
  interface->hwaddr[0] = 2;
  interface->flags = NETIF_FLAG_ETHARP | NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
  interface->output = etharp_output;
  interface->linkoutput = send_frame;
  return ERR_OK;
}

static err_t echo(void *unused, struct tcp_pcb *connection, struct pbuf *packet, err_t error) {
  (void)unused;
  (void)error;
  if (packet == NULL) return tcp_close(connection);
  if (tcp_write(connection, packet->payload, packet->len, TCP_WRITE_FLAG_COPY) != ERR_OK) return ERR_MEM;
  tcp_recved(connection, packet->tot_len);
  pbuf_free(packet);
  return ERR_OK;
}

static err_t accept(void *unused, struct tcp_pcb *connection, err_t error) {
  (void)unused;
  (void)error;
  tcp_recv(connection, echo);
  return ERR_OK;
}

static void receive(struct netif *interface) {
  struct pbuf *packet = pbuf_alloc(PBUF_RAW, frame_bytes, PBUF_POOL);
  if (packet != NULL) {
    pbuf_take(packet, (const void *)frame, frame_bytes);
    if (interface->input(packet, interface) != ERR_OK) pbuf_free(packet);
  }
  frame_bytes = 0;
}

int main(void) {
  static struct netif interface;
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
  for (;;) {
    if (frame_bytes != 0) receive(&interface);
    sys_check_timeouts();
  }
}
