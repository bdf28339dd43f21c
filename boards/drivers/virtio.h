/* virtio-net over virtio-mmio, version 2 (virtio 1.x, no legacy devices). driver.h says what the functions mean. */
#ifndef MOTE_VIRTIO_H
#define MOTE_VIRTIO_H

#include <stdint.h>

/** Frames in the driver's memory, 1,528 bytes each, and entries of the queues: powers of two. */
#ifndef MOTE_VIRTIO_RX_FRAMES
#define MOTE_VIRTIO_RX_FRAMES 8
#endif
#ifndef MOTE_VIRTIO_TX_FRAMES
#define MOTE_VIRTIO_TX_FRAMES 4
#endif

/** The first of `count` places, `step` bytes apart, where a network device is; 0: none. */
uintptr_t mote_virtio_find(uintptr_t first, uint32_t step, uint32_t count);

/** Starts the device at an address. The MAC is not told to it: a device without filter takes the frames of all. */
int mote_virtio_start(uintptr_t address, const uint8_t mac[6]);
int mote_virtio_is_waiting(void);
uint32_t mote_virtio_receive(uint8_t *frame, uint32_t most);
int mote_virtio_send(const uint8_t *frame, uint32_t bytes);
/** Always 1 for a device that does not tell. */
int mote_virtio_link(void);
uint32_t mote_virtio_dropped(void);

#endif
