/* esp_log.h: ESP-IDF 5.1 to 6.0 */
#pragma once
void fake_log(const char *tag, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define ESP_LOGI(tag, format, ...) fake_log(tag, format, ##__VA_ARGS__)
