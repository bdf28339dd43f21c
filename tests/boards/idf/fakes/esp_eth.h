/* esp_eth.h, esp_eth_com.h: ESP-IDF 5.1 to 6.0 */
#pragma once
#include "esp_eth_driver.h"
#include "esp_event.h"
typedef enum {
  ETHERNET_EVENT_START, ETHERNET_EVENT_STOP, ETHERNET_EVENT_CONNECTED, ETHERNET_EVENT_DISCONNECTED
} eth_event_t;
ESP_EVENT_DECLARE_BASE(ETH_EVENT);
