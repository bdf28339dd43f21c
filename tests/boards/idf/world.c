/* What is around the firmware: FreeRTOS, drivers, events, time. Lines on standard input play it: they are taken while the
 * firmware's task sleeps, up to one that lets it go on. What the firmware does is printed. At the end of the input every
 * buffer that was handed over must have come back, once.
 *
 * frame HEX        the driver has received it      event NAME       of the driver
 * room N           frames that can be sent; all    error N          what sending answers; 0: as it should
 * pass MS          time passes, timers run out     run              the task goes on
 * damage           of the core's memory            random SEED N    so many events in any order, at any time
 * Words of the command: name=number: what a call answers; start=never or start=late: the event of the driver. */

#include "engine.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if CONFIG_MOTE_LINK_WIFI
#include "esp_private/wifi.h"
#include "nvs_flash.h"
#else
#include "bootloader_random.h"
#include "driver/gpio.h"
#include "esp_eth.h"
#endif

void app_main(void);

#define LONGEST 2048
#define BUFFERS 4096

static int64_t now_us;
static uint32_t notified;
static int words;
static char **word;
static uint32_t random_state, random_left;
static int is_random, is_drained;

/* What calls answer */

static int answer(const char *name) {
  size_t length = strlen(name);
  for (int i = 1; i < words; i++) {
    if (strncmp(word[i], name, length) == 0 && word[i][length] == '=') return atoi(word[i] + length + 1);
  }
  return 0;
}

void fake_log(const char *tag, const char *format, ...) {
  va_list given;
  va_start(given, format);
  if (!is_random) printf("%s: ", tag), vprintf(format, given), printf("\n");
  va_end(given);
}

/* Received buffers: each is handed over once and comes back once */

static void *buffers[BUFFERS];
static uint32_t handed_over, returned;

static void *hand_over(uint32_t bytes) {
  for (int i = 0; i < BUFFERS; i++) {
    if (buffers[i] != NULL) continue;
    handed_over++;
    return buffers[i] = malloc(bytes == 0 ? 1 : bytes);
  }
  abort();
}

/** 1: it was one of ours. */
static int take_back(void *buffer) {
  for (int i = 0; i < BUFFERS; i++) {
    if (buffer == NULL || buffers[i] != buffer) continue;
    buffers[i] = NULL;
    returned++;
    return 1;
  }
  return 0;
}

/* Time */

struct esp_timer { esp_timer_cb_t callback; void *arg; int64_t due; int is_armed; };
static struct esp_timer only_timer;

int64_t esp_timer_get_time(void) { return now_us; }

esp_err_t esp_timer_create(const esp_timer_create_args_t *given, esp_timer_handle_t *timer) {
  only_timer = (struct esp_timer){.callback = given->callback, .arg = given->arg};
  *timer = &only_timer;
  return answer("esp_timer_create");
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us) {
  if (timer->is_armed) return ESP_ERR_INVALID_STATE;
  timer->is_armed = 1;
  timer->due = now_us + (int64_t)timeout_us;
  return ESP_OK;
}

static void pass(int64_t us) {
  int64_t end = now_us + us;
  while (only_timer.is_armed && only_timer.due <= end) {
    now_us = only_timer.due;
    only_timer.is_armed = 0;
    only_timer.callback(only_timer.arg);
  }
  now_us = end;
}

/* Events */

static esp_event_handler_t handler;

esp_err_t esp_event_loop_create_default(void) { return answer("esp_event_loop_create_default"); }
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t given, void *arg) {
  (void)base, (void)arg;
  assert(id == ESP_EVENT_ANY_ID);
  handler = given;
  return answer("esp_event_handler_register");
}

/* Both links: what is received, what is sent */

struct QueueDefinition { uint32_t first, queued, length, bytes; uint8_t *items; };
static struct QueueDefinition queue;

/** A task that sleeps would not see it otherwise. */
static void assert_woken(void) { assert(notified > 0); }

static uint32_t room = UINT32_MAX;
static int send_error;
static int is_connected;

static void print_frame(const uint8_t *bytes, size_t count) {
  printf("sent ");
  for (size_t i = 0; i < count; i++) printf("%02x", bytes[i]);
  printf("\n");
}

static int take_frame(const void *bytes, size_t count) {
  assert(count >= 14 && count <= 1514);
  if (send_error != 0) return send_error;
  if (room == 0) return ESP_ERR_NO_MEM;
  if (room != UINT32_MAX) room--;
  if (!is_random) print_frame(bytes, count);
  return ESP_OK;
}

esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type) {
  memcpy(mac, (const uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
  assert(type == ESP_MAC_WIFI_STA || type == ESP_MAC_ETH);
  return answer("esp_read_mac");
}

static int has_noise;
void esp_fill_random(void *bytes, size_t count) {
  assert(has_noise);
  for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = (uint8_t)(i * 7 + 1);
}

#if CONFIG_MOTE_LINK_WIFI

esp_event_base_t const WIFI_EVENT = "WIFI_EVENT";
static wifi_rxcb_t receiver;
static int is_started, is_start_due;

static int is_told(const char *what) {
  for (int i = 1; i < words; i++) if (strcmp(word[i], what) == 0) return 1;
  return 0;
}

static const char *const events[] = {"", "", "start", "stop", "connected", "disconnected"};

static void post(int event) {
  if (event == WIFI_EVENT_STA_START) is_started = has_noise = 1;
  if (event == WIFI_EVENT_STA_STOP) is_started = has_noise = is_connected = 0;
  if (event == WIFI_EVENT_STA_CONNECTED) is_connected = 1;
  if (event == WIFI_EVENT_STA_DISCONNECTED) is_connected = 0;
  handler(NULL, WIFI_EVENT, event, NULL);
  if (event >= WIFI_EVENT_STA_START) assert_woken();
}

static void receive(const uint8_t *bytes, uint32_t count) {
  uint8_t *buffer = hand_over(count);
  uint32_t before = queue.queued;
  memcpy(buffer, bytes, count);
  /* Without a receiver the driver keeps what is its own. */
  if (receiver == NULL) take_back(buffer), free(buffer);
  else assert(receiver(buffer, (uint16_t)count, buffer) == ESP_OK);
  if (queue.queued > before) assert_woken();
}

void esp_wifi_internal_free_rx_buffer(void *buffer) {
  if (!take_back(buffer)) abort();
  free(buffer);
}

esp_err_t esp_wifi_internal_reg_rxcb(wifi_interface_t interface, wifi_rxcb_t given) {
  assert(interface == WIFI_IF_STA);
  receiver = given;
  return ESP_OK;
}

static void interrupt_at_random(void);
int esp_wifi_internal_tx(wifi_interface_t interface, void *bytes, uint16_t count) {
  assert(interface == WIFI_IF_STA);
  interrupt_at_random();
  return is_connected ? take_frame(bytes, count) : 0x300f; /* ESP_ERR_WIFI_NOT_ASSOC */
}

static int has_nvs;
esp_err_t nvs_flash_init(void) { return has_nvs ? ESP_OK : answer("nvs_flash_init"); }
esp_err_t nvs_flash_erase(void) {
  printf("erase\n");
  has_nvs = 1;
  return ESP_OK;
}
esp_err_t esp_wifi_init(const wifi_init_config_t *config) {
  assert(config->magic == WIFI_INIT_CONFIG_MAGIC);
  return answer("esp_wifi_init");
}
esp_err_t esp_wifi_set_storage(wifi_storage_t storage) { return storage == WIFI_STORAGE_RAM ? ESP_OK : ESP_FAIL; }
esp_err_t esp_wifi_set_mode(wifi_mode_t mode) { return mode == WIFI_MODE_STA ? ESP_OK : ESP_FAIL; }
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *given) {
  assert(interface == WIFI_IF_STA);
  printf("network %.32s %.64s\n", given->sta.ssid, given->sta.password);
  return answer("esp_wifi_set_config");
}
esp_err_t esp_wifi_set_ps(wifi_ps_type_t type) { return type == WIFI_PS_NONE ? ESP_OK : ESP_FAIL; }
esp_err_t esp_wifi_start(void) {
  if (is_told("start=late")) is_start_due = 1;
  else if (!is_told("start=never")) post(WIFI_EVENT_STA_START);
  return answer("esp_wifi_start");
}
esp_err_t esp_wifi_connect(void) {
  assert(is_started);
  if (!is_random) printf("connect at %lld\n", (long long)(now_us / 1000));
  return answer("esp_wifi_connect");
}

#else

esp_event_base_t const ETH_EVENT = "ETH_EVENT";
static esp_err_t (*receiver)(esp_eth_handle_t, uint8_t *, uint32_t, void *);

static const char *const events[] = {"start", "stop", "connected", "disconnected"};

static void post(int event) {
  is_connected = event == ETHERNET_EVENT_CONNECTED;
  handler(NULL, ETH_EVENT, event, NULL);
  assert_woken();
}

static void receive(const uint8_t *bytes, uint32_t count) {
  uint8_t *buffer = hand_over(count);
  uint32_t before = queue.queued;
  memcpy(buffer, bytes, count);
  assert(receiver(&receiver, buffer, count, NULL) == ESP_OK);
  if (queue.queued > before) assert_woken();
}

/* The driver's buffers are of the heap. */
void __real_free(void *given);
void __wrap_free(void *given);
void __wrap_free(void *given) {
  if (!take_back(given)) abort();
  __real_free(given);
}

static void interrupt_at_random(void);
esp_err_t esp_eth_transmit(esp_eth_handle_t handle, void *bytes, size_t count) {
  assert(handle == &receiver);
  interrupt_at_random();
  return is_connected ? take_frame(bytes, count) : ESP_ERR_INVALID_STATE;
}

static char mac_object, phy_object;
static esp_eth_mac_t *new_mac(void) { return answer("mac") != 0 ? NULL : (esp_eth_mac_t *)&mac_object; }
static esp_eth_phy_t *new_phy(const eth_phy_config_t *config) {
  printf("phy %d reset %d\n", (int)config->phy_addr, config->reset_gpio_num);
  return (esp_eth_phy_t *)&phy_object;
}
esp_eth_mac_t *esp_eth_mac_new_openeth(const eth_mac_config_t *config) { return (void)config, new_mac(); }
esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *own, const eth_mac_config_t *config) {
  return (void)own, (void)config, new_mac();
}
esp_eth_mac_t *esp_eth_mac_new_w5500(const eth_w5500_config_t *own, const eth_mac_config_t *config) {
  (void)config;
  printf("w5500 int %d cs %d hz %d\n", own->int_gpio_num, own->spi_devcfg->spics_io_num, own->spi_devcfg->clock_speed_hz);
  return new_mac();
}
esp_eth_phy_t *esp_eth_phy_new_w5500(const eth_phy_config_t *config) { return new_phy(config); }
esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *config) { return new_phy(config); }
esp_err_t gpio_install_isr_service(int flags) { return (void)flags, answer("gpio_install_isr_service"); }
esp_err_t spi_bus_initialize(spi_host_device_t host, const spi_bus_config_t *bus, spi_dma_chan_t channel) {
  (void)host, (void)channel;
  printf("spi sclk %d mosi %d miso %d\n", bus->sclk_io_num, bus->mosi_io_num, bus->miso_io_num);
  return answer("spi_bus_initialize");
}
esp_err_t esp_eth_driver_install(const esp_eth_config_t *config, esp_eth_handle_t *handle) {
  assert((void *)config->mac == &mac_object && (void *)config->phy == &phy_object);
  *handle = &receiver;
  return answer("esp_eth_driver_install");
}
esp_err_t esp_eth_ioctl(esp_eth_handle_t handle, esp_eth_io_cmd_t command, void *data) {
  assert(handle == &receiver);
  if (command == ETH_CMD_S_MAC_ADDR) assert(((uint8_t *)data)[5] == 1);
  else printf("all groups %d\n", *(bool *)data);
  return command == ETH_CMD_S_MAC_ADDR ? answer("esp_eth_ioctl") : ESP_ERR_NOT_SUPPORTED;
}
esp_err_t esp_eth_update_input_path(esp_eth_handle_t handle,
                                    esp_err_t (*given)(esp_eth_handle_t, uint8_t *, uint32_t, void *), void *priv) {
  assert(handle == &receiver && priv == NULL);
  receiver = given;
  return answer("esp_eth_update_input_path");
}
esp_err_t esp_eth_start(esp_eth_handle_t handle) {
  assert(handle == &receiver);
  post(ETHERNET_EVENT_START);
  return answer("esp_eth_start");
}
void bootloader_random_enable(void) { has_noise++; }
void bootloader_random_disable(void) { has_noise--; }

#endif

/* Events in any order, at any place where another task may come in between */

static uint32_t below(uint32_t end) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % end;
}

static void random_frame(void) {
  uint8_t bytes[LONGEST];
  uint32_t count = below(8) == 0 ? below(LONGEST) : 14 + below(100);
  for (uint32_t i = 0; i < count; i++) bytes[i] = (uint8_t)below(256);
  if (count >= 14 && below(4) != 0) memcpy(bytes, (const uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
  if (count >= 14 && below(4) != 0) memcpy(bytes + 12, (const uint8_t[]){8, (uint8_t)(below(2) * 6)}, 2);
  receive(bytes, count);
}

static void random_event(void) {
  random_left--;
  switch (below(16)) {
    case 0: post((int)below(sizeof events / sizeof events[0])); break;
    case 1: room = below(4); break;
    case 2: room = UINT32_MAX; break;
    case 3: send_error = below(2) * ESP_ERR_INVALID_ARG; break;
    case 4: pass((int64_t)below(100) * 1000); break;
    case 5: if (below(200) == 0) pass(3600ll * 1000 * 1000); break;
    case 6: if (below(50) == 0 && answer("damage")) memset(mote_engine_memory(), 0xff, 64); break;
    case 7: case 8: for (uint32_t i = below(40); i > 0; i--) random_frame(); break;
    default: random_frame();
  }
}

static void interrupt_at_random(void) {
  static int is_inside;
  if (!is_random || is_inside) return;
  is_inside = 1; /* they do not come into each other: one task of the driver */
  while (random_left > 0 && below(3) == 0) random_event();
  is_inside = 0;
}

/* FreeRTOS */

QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t bytes) {
  queue = (struct QueueDefinition){.length = length, .bytes = bytes, .items = malloc((size_t)length * bytes)};
  return answer("xQueueCreate") != 0 ? NULL : &queue;
}

BaseType_t xQueueSend(QueueHandle_t given, const void *item, TickType_t wait) {
  assert(given == &queue && wait == 0); /* a callback of a driver never waits */
  if (queue.queued == queue.length) return pdFALSE;
  memcpy(queue.items + (queue.first + queue.queued++) % queue.length * queue.bytes, item, queue.bytes);
  return pdTRUE;
}

BaseType_t xQueueReceive(QueueHandle_t given, void *item, TickType_t wait) {
  assert(given == &queue && wait == 0);
  interrupt_at_random();
  if (queue.queued == 0) return pdFALSE;
  memcpy(item, queue.items + queue.first * queue.bytes, queue.bytes);
  queue.first = (queue.first + 1) % queue.length;
  queue.queued--;
  return pdTRUE;
}

UBaseType_t uxQueueMessagesWaiting(QueueHandle_t given) {
  assert(given == &queue);
  return queue.queued;
}

static char task_object;
TaskHandle_t xTaskGetCurrentTaskHandle(void) { return (TaskHandle_t)&task_object; }
BaseType_t xTaskNotifyGive(TaskHandle_t task) {
  assert(task == (TaskHandle_t)&task_object);
  notified++;
  return pdTRUE;
}

static void finish(void) {
  printf("buffers %u returned %u queued %u\n", handed_over, returned, queue.queued);
  fflush(stdout);
  assert(handed_over - returned == queue.queued);
#if CONFIG_MOTE_LINK_WIFI
  free(queue.items);
#else
  __real_free(queue.items);
#endif
  exit(0);
}

static uint32_t parse_hex(const char *text, uint8_t *bytes, uint32_t most) {
  uint32_t count = 0;
  unsigned value;
  for (; count < most && sscanf(text, "%2x", &value) == 1; text += 2) bytes[count++] = (uint8_t)value;
  return count;
}

static void play(char *line) {
  uint8_t bytes[LONGEST];
  char *rest = strchr(line, ' ');
  if (rest != NULL) *rest++ = 0;
  if (strcmp(line, "frame") == 0) receive(bytes, parse_hex(rest, bytes, sizeof bytes));
  else if (strcmp(line, "room") == 0) room = *rest == 'a' ? UINT32_MAX : (uint32_t)atoi(rest);
  else if (strcmp(line, "error") == 0) send_error = (int)strtol(rest, NULL, 0);
  else if (strcmp(line, "pass") == 0) pass(atoll(rest) * 1000);
  else if (strcmp(line, "damage") == 0) memset(mote_engine_memory(), 0xff, mote_engine_memory_bytes());
  else if (strcmp(line, "random") == 0) is_random = sscanf(rest, "%u %u", &random_state, &random_left) == 2;
  else if (strcmp(line, "event") == 0) {
    int id = 0;
    while (strcmp(events[id], rest) != 0) id++;
    post(id);
  } else abort();
}

/** Lines up to one that lets the task go on. */
static void play_lines(void) {
  static char line[2 * LONGEST + 64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "run") == 0) return;
    play(line);
    if (is_random) return;
  }
  finish();
}

/** The task sleeps while events come; when there are no more, it takes what is left, and the world as it was goes on. */
static void sleep_at_random(TickType_t ticks) {
  if (random_left > 0) {
    interrupt_at_random();
    if (notified == 0) pass((int64_t)ticks * 1000 % 50000);
  } else if (!is_drained) {
    room = UINT32_MAX;
    send_error = 0;
    is_drained = 1;
    notified++;
  } else if (queue.queued == 0) {
    is_random = is_drained = 0;
    printf("drained\n");
  }
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks) {
  assert(clear == pdTRUE);
  if (notified == 0 && ticks > 0) {
#if CONFIG_MOTE_LINK_WIFI
    if (is_start_due) is_start_due = 0, post(WIFI_EVENT_STA_START);
    else
#endif
    if (is_random) sleep_at_random(ticks);
    else {
      printf("sleep %u\n", ticks);
      play_lines();
    }
  } else if (is_random) interrupt_at_random();
  uint32_t count = notified;
  notified = 0;
  return count;
}

int main(int count, char **given) {
  words = count;
  word = given;
  app_main();
  printf("returned\n");
  finish();
}
