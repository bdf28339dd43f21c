/* Ethernet, without esp_netif: the chip's own MAC, a W5500 on SPI, or what QEMU has. */

#include "hal.h"
#include "link.h"
#include "bootloader_random.h"
#include "esp_check.h"
#include "esp_eth_driver.h"
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_idf_version.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "sdkconfig.h"
#include <stdlib.h>
#if CONFIG_MOTE_LINK_W5500
#include "driver/gpio.h"
#include "driver/spi_master.h"
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 0)
#include "esp_eth_mac_w5500.h"
#include "esp_eth_phy_w5500.h"
#endif
#endif

#define TRY(call) ESP_RETURN_ON_ERROR(call, "mote", #call)

static esp_eth_handle_t driver;

/** The PHYs that have drivers of their own do without as well, from 5.4 on. */
#if ESP_IDF_VERSION < ESP_IDF_VERSION_VAL(5, 4, 0)
#if CONFIG_MOTE_LINK_OPENETH
#define esp_eth_phy_new_generic esp_eth_phy_new_dp83848
#else
#define esp_eth_phy_new_generic esp_eth_phy_new_lan87xx
#endif
#endif

#if CONFIG_MOTE_LINK_W5500

static esp_err_t make_parts(eth_mac_config_t *mac, eth_phy_config_t *phy, esp_eth_config_t *parts) {
  const spi_bus_config_t bus = {
    .sclk_io_num = CONFIG_MOTE_SPI_SCLK, .mosi_io_num = CONFIG_MOTE_SPI_MOSI, .miso_io_num = CONFIG_MOTE_SPI_MISO,
    .quadwp_io_num = -1, .quadhd_io_num = -1,
  };
  spi_device_interface_config_t device = {
    .clock_speed_hz = CONFIG_MOTE_SPI_MHZ * 1000000, .spics_io_num = CONFIG_MOTE_SPI_CS, .queue_size = 20,
  };
  eth_w5500_config_t w5500 = ETH_W5500_DEFAULT_CONFIG(SPI2_HOST, &device);
  w5500.int_gpio_num = CONFIG_MOTE_SPI_INT;
  phy->reset_gpio_num = CONFIG_MOTE_PHY_RESET;
  TRY(gpio_install_isr_service(0));
  TRY(spi_bus_initialize(SPI2_HOST, &bus, SPI_DMA_CH_AUTO));
  parts->mac = esp_eth_mac_new_w5500(&w5500, mac);
  parts->phy = esp_eth_phy_new_w5500(phy);
  return ESP_OK;
}

#elif CONFIG_MOTE_LINK_EMAC

static esp_err_t make_parts(eth_mac_config_t *mac, eth_phy_config_t *phy, esp_eth_config_t *parts) {
  const eth_esp32_emac_config_t emac = ETH_ESP32_EMAC_DEFAULT_CONFIG();
  phy->phy_addr = CONFIG_MOTE_PHY_ADDRESS;
  phy->reset_gpio_num = CONFIG_MOTE_PHY_RESET;
  parts->mac = esp_eth_mac_new_esp32(&emac, mac);
  parts->phy = esp_eth_phy_new_generic(phy);
  return ESP_OK;
}

#else

static esp_err_t make_parts(eth_mac_config_t *mac, eth_phy_config_t *phy, esp_eth_config_t *parts) {
  phy->autonego_timeout_ms = 100; /* nothing negotiates there */
  phy->reset_gpio_num = -1;
  parts->mac = esp_eth_mac_new_openeth(mac);
  parts->phy = esp_eth_phy_new_generic(phy);
  return ESP_OK;
}

#endif

static esp_err_t take(esp_eth_handle_t from, uint8_t *frame, uint32_t bytes, void *unused) {
  (void)from, (void)unused;
  mote_link_came(frame, bytes, frame);
  return ESP_OK;
}

static void follow(void *unused, esp_event_base_t base, int32_t event, void *data) {
  (void)unused, (void)base, (void)data;
  mote_link_changed(event == ETHERNET_EVENT_CONNECTED); /* the others: start, stop, disconnected */
}

/** Groups, as multicast DNS needs them, which a W5500 blocks unless told; a driver that cannot be told lets them through. */
static void hear_groups(void) {
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 5, 0)
  bool all = true;
  esp_eth_ioctl(driver, ETH_CMD_S_ALL_MULTICAST, &all);
#endif
}

esp_err_t mote_link_start(uint8_t mac[6]) {
  eth_mac_config_t mac_config = ETH_MAC_DEFAULT_CONFIG();
  eth_phy_config_t phy_config = ETH_PHY_DEFAULT_CONFIG();
  esp_eth_config_t parts = ETH_DEFAULT_CONFIG(NULL, NULL);
  TRY(esp_event_loop_create_default());
  TRY(make_parts(&mac_config, &phy_config, &parts));
  if (parts.mac == NULL || parts.phy == NULL) return ESP_FAIL;
  TRY(esp_eth_driver_install(&parts, &driver));
  TRY(esp_read_mac(mac, ESP_MAC_ETH));
  TRY(esp_eth_ioctl(driver, ETH_CMD_S_MAC_ADDR, mac));
  hear_groups();
  TRY(esp_eth_update_input_path(driver, take, NULL));
  TRY(esp_event_handler_register(ETH_EVENT, ESP_EVENT_ANY_ID, follow, NULL));
  return esp_eth_start(driver);
}

esp_err_t mote_link_send(const uint8_t *frame, uint32_t bytes) {
  esp_err_t error = esp_eth_transmit(driver, (void *)(uintptr_t)frame, bytes);
  /* All three say that it is busy: no descriptor is free (two names for it), or another task is in there. */
  int is_busy = error == ESP_ERR_NO_MEM || error == ESP_ERR_INVALID_SIZE || error == ESP_ERR_TIMEOUT;
  return is_busy ? ESP_ERR_NO_MEM : error;
}

void mote_link_release(void *buffer) { free(buffer); }

/* Noise of the converter: no radio is on. Nothing else may use the converter meanwhile (and I2S on the ESP32). */
int mote_hal_random(uint8_t *bytes, uint32_t count) {
  bootloader_random_enable();
  esp_fill_random(bytes, count);
  bootloader_random_disable();
  return 0;
}
