/* WiFi station, without esp_netif: frames pass between the driver and hal.c. Connects again whenever the connection is
 * gone, with pauses that double. */

#include "hal.h"
#include "link.h"
#include "esp_check.h"
#include "esp_event.h"
#include "esp_mac.h"
#include "esp_private/wifi.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "nvs_flash.h"
#include "sdkconfig.h"

#define SHORTEST_PAUSE_MS 250u
#define LONGEST_PAUSE_MS 32000u
#define RADIO_START_MS 2000u
#define TRY(call) ESP_RETURN_ON_ERROR(call, "mote", #call)

static esp_timer_handle_t timer;
static uint32_t pause_ms = SHORTEST_PAUSE_MS;
static volatile int radio_is_on;

static void connect_later(void) {
  esp_timer_start_once(timer, pause_ms * 1000ull); /* one that runs already goes on */
  if (pause_ms < LONGEST_PAUSE_MS) pause_ms *= 2;
}

/** What comes of it is an event, unless it fails at once. */
static void connect_now(void *unused) {
  (void)unused;
  if (radio_is_on && esp_wifi_connect() != ESP_OK) connect_later();
}

static esp_err_t take(void *frame, uint16_t bytes, void *buffer) {
  mote_link_came(frame, bytes, buffer);
  return ESP_OK;
}

static void follow(void *unused, esp_event_base_t base, int32_t event, void *data) {
  (void)unused, (void)base, (void)data;
  if (event == WIFI_EVENT_STA_START || event == WIFI_EVENT_STA_STOP) {
    radio_is_on = event == WIFI_EVENT_STA_START;
    mote_link_changed(0);
    connect_now(NULL);
  } else if (event == WIFI_EVENT_STA_CONNECTED) {
    pause_ms = SHORTEST_PAUSE_MS;
    esp_wifi_internal_reg_rxcb(WIFI_IF_STA, take);
    mote_link_changed(1);
  } else if (event == WIFI_EVENT_STA_DISCONNECTED) {
    mote_link_changed(0);
    esp_wifi_internal_reg_rxcb(WIFI_IF_STA, NULL);
    connect_later();
  }
}

/** The driver keeps its calibration there. */
static esp_err_t start_nvs(void) {
  esp_err_t error = nvs_flash_init();
  if (error != ESP_ERR_NVS_NO_FREE_PAGES && error != ESP_ERR_NVS_NEW_VERSION_FOUND) return error;
  TRY(nvs_flash_erase());
  return nvs_flash_init();
}

esp_err_t mote_link_start(uint8_t mac[6]) {
  const wifi_init_config_t driver = WIFI_INIT_CONFIG_DEFAULT();
  const esp_timer_create_args_t again = {.callback = connect_now, .name = "mote"};
  wifi_config_t station = {.sta = {.ssid = CONFIG_MOTE_WIFI_SSID, .password = CONFIG_MOTE_WIFI_PASSWORD}};
  TRY(start_nvs());
  TRY(esp_event_loop_create_default());
  TRY(esp_timer_create(&again, &timer));
  TRY(esp_wifi_init(&driver));
  TRY(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, follow, NULL));
  TRY(esp_wifi_set_storage(WIFI_STORAGE_RAM));
  TRY(esp_wifi_set_mode(WIFI_MODE_STA));
  TRY(esp_wifi_set_config(WIFI_IF_STA, &station));
  TRY(esp_read_mac(mac, ESP_MAC_WIFI_STA));
  TRY(esp_wifi_start());
  if (!radio_is_on) mote_hal_sleep(RADIO_START_MS); /* the event wakes us */
  return esp_wifi_set_ps(WIFI_PS_NONE); /* random bytes come from the radio: it stays on */
}

esp_err_t mote_link_send(const uint8_t *frame, uint32_t bytes) {
  return esp_wifi_internal_tx(WIFI_IF_STA, (void *)(uintptr_t)frame, (uint16_t)bytes);
}

void mote_link_release(void *buffer) { esp_wifi_internal_free_rx_buffer(buffer); }

/* Without the radio the generator's numbers only look random. */
int mote_hal_random(uint8_t *bytes, uint32_t count) {
  if (radio_is_on) esp_fill_random(bytes, count);
  return !radio_is_on;
}
