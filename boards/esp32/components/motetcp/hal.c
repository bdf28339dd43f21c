/* The ESP32 as a board: clocks, log, and frames that wait in a queue between the driver's task and ours. The driver's
 * callbacks only queue; each buffer is given back by whoever finds it last: the callback when the link is down or the
 * queue full, else mote_hal_receive. */

#include "hal.h"
#include "link.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#include <string.h>

/** FreeRTOS counts ticks in 32 bits, at any rate. */
#define LONGEST_MS 60000u

struct frame {
  void *bytes, *buffer;
  uint32_t count;
};

static QueueHandle_t frames;
static TaskHandle_t task;
static volatile int link_is_up;
static int is_full;

int mote_hal_start(uint8_t mac[6]) {
  task = xTaskGetCurrentTaskHandle();
  frames = xQueueCreate(CONFIG_MOTE_QUEUE_FRAMES, sizeof(struct frame));
  esp_err_t error = frames == NULL ? ESP_ERR_NO_MEM : mote_link_start(mac);
  return error < 0 ? 1 : error; /* ESP_FAIL is -1: below 0 are the pump's own */
}

void mote_link_changed(int is_up) {
  link_is_up = is_up;
  xTaskNotifyGive(task);
}

void mote_link_came(void *bytes, uint32_t count, void *buffer) {
  const struct frame frame = {.bytes = bytes, .buffer = buffer, .count = count};
  if (link_is_up && xQueueSend(frames, &frame, 0) == pdTRUE) xTaskNotifyGive(task);
  else mote_link_release(buffer);
}

uint32_t mote_hal_receive(uint8_t *to, uint32_t most) {
  struct frame frame = {.count = 0};
  uint32_t bytes = 0;
  while (bytes == 0 && xQueueReceive(frames, &frame, 0) == pdTRUE) {
    if (frame.count <= most) memcpy(to, frame.bytes, bytes = frame.count);
    mote_link_release(frame.buffer);
  }
  return bytes;
}

int mote_hal_link(void) { return link_is_up; }
int mote_hal_send(const uint8_t *frame, uint32_t bytes) {
  is_full = mote_link_send(frame, bytes) == ESP_ERR_NO_MEM;
  return is_full;
}

uint32_t mote_hal_milliseconds(void) { return (uint32_t)(esp_timer_get_time() / 1000); }
uint32_t mote_hal_microseconds(void) { return (uint32_t)esp_timer_get_time(); }

void mote_hal_sleep(uint32_t milliseconds) {
  if (!is_full && uxQueueMessagesWaiting(frames) != 0) return; /* a turn takes only so many */
  if (milliseconds > LONGEST_MS) milliseconds = LONGEST_MS;
  ulTaskNotifyTake(pdTRUE, (milliseconds * configTICK_RATE_HZ + 999) / 1000);
}

void mote_hal_log(const char *line) { ESP_LOGI("mote", "%s", line); }
