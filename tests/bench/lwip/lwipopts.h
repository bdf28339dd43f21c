/* lwIP with what `tiny` has: TCP, IPv4, ARP, ICMP, four connections. WITH_ALL adds what measure.ts says. */
#ifndef LWIP_LWIPOPTS_H
#define LWIP_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_UDP 0
#define LWIP_STATS 0
#define MEM_ALIGNMENT 4

#ifndef BENCH_MSS
#define BENCH_MSS 512
#endif
#define TCP_MSS BENCH_MSS
#define TCP_WND (2 * BENCH_MSS)
#define TCP_SND_BUF (2 * BENCH_MSS)
#define TCP_SND_QUEUELEN 4
#define TCP_SNDLOWAT (BENCH_MSS - 1)
#define TCP_SNDQUEUELOWAT 2
#define MEMP_NUM_TCP_SEG 16
#define MEMP_NUM_TCP_PCB 4
#define MEMP_NUM_TCP_PCB_LISTEN 6
#define ARP_TABLE_SIZE 4
#define MEM_SIZE 4096
#define PBUF_POOL_SIZE 4
#define PBUF_POOL_BUFSIZE 1536

#ifdef WITH_ALL
#define TCP_QUEUE_OOSEQ 1
#define IP_FRAG 1
#define IP_REASSEMBLY 1
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 0
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#define LWIP_TCP_KEEPALIVE 1
#else
#define TCP_QUEUE_OOSEQ 0
#define IP_FRAG 0
#define IP_REASSEMBLY 0
#endif

#endif
