/* A simulated Ethernet device, and the driver that runs on it: what each model (lan9118.c, stellaris.c, virtio.c,
 * w5500.c) brings, for tests that are the same for all (common.c) and for its own. Directions are the device's wire's:
 * deliver puts a frame on the wire towards the device, take gets what the device has sent. */
#ifndef SIMULATED_DEVICE_H
#define SIMULATED_DEVICE_H

#include <stdint.h>

struct device {
  const char *name;
  int (*start)(const uint8_t mac[6]);
  uint32_t (*receive)(uint8_t *frame, uint32_t most);
  int (*send)(const uint8_t *frame, uint32_t bytes);
  int (*link)(void);
  uint32_t (*dropped)(void);

  /** As after power-on, without faults. */
  void (*reset)(void);
  /** 1: the device has room for the frame and keeps it. */
  int (*deliver)(const uint8_t *frame, uint32_t bytes);
  /** A frame that the device marks as damaged or keeps in a damaged form; NULL: it has no such. */
  int (*deliver_damaged)(const uint8_t *frame, uint32_t bytes);
  /** The longest frame that the device keeps. */
  uint32_t longest;
  /** 1: nothing leaves; 0: everything goes on. */
  void (*hold)(int on);
  void (*set_link)(int up);
  /** From so many accesses on the device is there, but what it is told to do never ends. */
  void (*freeze_after)(uint32_t accesses);
  /** There is another device in its place. */
  void (*absent)(void);
  /** The MAC that the device was told, or NULL if it is not told. */
  const uint8_t *(*mac)(void);
  /** The driver's and the device's own tests. */
  const struct named_test *tests;
};

struct named_test {
  const char *name;
  void (*run)(void);
};

extern const struct device device;

/** Called by a model: a frame that has left the device, as it is on the wire without FCS. */
void sent(const uint8_t *frame, uint32_t bytes);

/** Ends the program with a message if the condition does not hold. */
#define CHECK(condition, ...) ((condition) ? (void)0 : failed(__FILE__, __LINE__, #condition, __VA_ARGS__))
_Noreturn void failed(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* For tests, from common.c. */
extern const uint8_t test_mac[6];

/** Starts everything anew: a device after power-on, the driver started on it, and no frame anywhere. */
void set_up(void);
/** A frame to the device's MAC, whose other bytes follow from `number`: valid until the next call. */
const uint8_t *make_frame(uint32_t bytes, uint32_t number);
/** Delivers it, and it must find room. */
void deliver_frame(uint32_t bytes, uint32_t number);
/** Receives into memory of exactly `most` bytes at an odd address; the next frame must be this. */
void expect_frame(uint32_t bytes, uint32_t number, uint32_t most);
void expect_nothing(void);
/** Sends from memory of exactly its size, at an odd address; what send returned. */
int send_frame(uint32_t bytes, uint32_t number);
/** The oldest frame that has left must be this, with zeros up to 60 bytes. */
void expect_sent(uint32_t bytes, uint32_t number);
/** How many frames have left and were not looked at. */
uint32_t count_sent(void);

#endif
