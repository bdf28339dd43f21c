/* esp_random.h: ESP-IDF 5.1 to 6.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>
void esp_fill_random(void *buf, size_t len);
