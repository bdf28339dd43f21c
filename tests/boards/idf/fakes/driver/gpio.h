/* driver/gpio.h: ESP-IDF 5.1 to 6.0 */
#pragma once
#include "esp_err.h"
esp_err_t gpio_install_isr_service(int intr_alloc_flags);
