/* esp_eth_driver.h, esp_eth_mac.h, esp_eth_phy.h and what these include: ESP-IDF 5.1 to 6.0, by version where they
 * differ. Of the records, the fields that are used. A buffer that stack_input was given has to be freed. */
#pragma once
#include "esp_err.h"
#include "esp_idf_version.h"
#include "sdkconfig.h"
typedef struct esp_eth_mac_s esp_eth_mac_t;
typedef struct esp_eth_phy_s esp_eth_phy_t;
typedef void *esp_eth_handle_t;
typedef struct { uint32_t rx_task_stack_size; uint32_t rx_task_prio; } eth_mac_config_t;
#define ETH_MAC_DEFAULT_CONFIG() { .rx_task_stack_size = 4096, .rx_task_prio = 15 }
typedef struct {
  int32_t phy_addr;
  uint32_t reset_timeout_ms;
  uint32_t autonego_timeout_ms;
  int reset_gpio_num;
} eth_phy_config_t;
#define ETH_PHY_DEFAULT_CONFIG() \
  { .phy_addr = -1, .reset_timeout_ms = 100, .autonego_timeout_ms = 4000, .reset_gpio_num = 5 }
typedef struct { esp_eth_mac_t *mac; esp_eth_phy_t *phy; uint32_t check_link_period_ms; } esp_eth_config_t;
#define ETH_DEFAULT_CONFIG(emac, ephy) { .mac = emac, .phy = ephy, .check_link_period_ms = 2000 }
typedef enum {
  ETH_CMD_G_MAC_ADDR,
  ETH_CMD_S_MAC_ADDR,
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 5, 0)
  ETH_CMD_S_ALL_MULTICAST,
#endif
} esp_eth_io_cmd_t;
esp_err_t esp_eth_driver_install(const esp_eth_config_t *config, esp_eth_handle_t *out_hdl);
esp_err_t esp_eth_start(esp_eth_handle_t hdl);
esp_err_t esp_eth_update_input_path(
    esp_eth_handle_t hdl, esp_err_t (*stack_input)(esp_eth_handle_t hdl, uint8_t *buffer, uint32_t length, void *priv),
    void *priv);
esp_err_t esp_eth_transmit(esp_eth_handle_t hdl, void *buf, size_t length);
esp_err_t esp_eth_ioctl(esp_eth_handle_t hdl, esp_eth_io_cmd_t cmd, void *data);
/* PHYs: those by name went with 6.0, the one for all came with 5.4. */
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 4, 0)
esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *config);
#endif
#if ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(6, 0, 0)
esp_eth_phy_t *esp_eth_phy_new_lan87xx(const eth_phy_config_t *config);
esp_eth_phy_t *esp_eth_phy_new_dp83848(const eth_phy_config_t *config);
#endif
/* esp_eth_mac_esp.h, esp_eth_mac_openeth.h, esp_eth_mac_spi.h */
typedef struct { int intr_priority; } eth_esp32_emac_config_t;
#define ETH_ESP32_EMAC_DEFAULT_CONFIG() { .intr_priority = 0 }
esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *esp32_config, const eth_mac_config_t *config);
esp_eth_mac_t *esp_eth_mac_new_openeth(const eth_mac_config_t *config);
#if ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(6, 0, 0)
#include "fake_w5500.h"
#endif
