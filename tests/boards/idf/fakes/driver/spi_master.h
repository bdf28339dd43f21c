/* driver/spi_master.h, driver/spi_common.h: ESP-IDF 5.1 to 6.0. Of the records, the fields that are used. */
#pragma once
#include "esp_err.h"
typedef enum { SPI1_HOST, SPI2_HOST } spi_host_device_t;
typedef enum { SPI_DMA_DISABLED, SPI_DMA_CH_AUTO = 3 } spi_dma_chan_t;
typedef struct { int mosi_io_num, miso_io_num, sclk_io_num, quadwp_io_num, quadhd_io_num; } spi_bus_config_t;
typedef struct { uint8_t mode; int clock_speed_hz, spics_io_num, queue_size; } spi_device_interface_config_t;
esp_err_t spi_bus_initialize(spi_host_device_t host_id, const spi_bus_config_t *bus_config, spi_dma_chan_t dma_chan);
