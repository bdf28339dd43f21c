/* esp_private/wifi.h: ESP-IDF 5.1 to 6.0. esp_wifi_internal_tx copies; a buffer that rx was given has to be freed. */
#pragma once
#include "esp_wifi.h"
typedef esp_err_t (*wifi_rxcb_t)(void *buffer, uint16_t len, void *eb);
esp_err_t esp_wifi_internal_reg_rxcb(wifi_interface_t ifx, wifi_rxcb_t fn);
int esp_wifi_internal_tx(wifi_interface_t wifi_if, void *buffer, uint16_t len);
void esp_wifi_internal_free_rx_buffer(void *buffer);
