/* What lwIP asks of a compiler and a platform. */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#define BYTE_ORDER LITTLE_ENDIAN
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(message)

unsigned bench_random(void);
#define LWIP_RAND() bench_random()

#endif
